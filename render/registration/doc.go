// Package registration makes the objects of External Secrets that register clusters and repositories with an Argo CD:
//
//	hub and members, with the values of fleet/fleet-secret/values.yaml
//	    -> SecretStores, ExternalSecrets, ECRAuthorizationTokens
//
// Rendered for a hub, these are the cluster Secrets of its members and of itself, its store, and the credentials that
// its Argo CD needs. Rendered for a spoke with an Argo CD of its own, they are the same for the spoke, as objects on
// the spoke: its one cluster is itself, at https://kubernetes.default.svc.
//
// It takes the place of the chart fleet-secret and of the ApplicationSets around it (docs/rules/registration.md), and
// keeps the names of their objects and Secrets. A cluster Secret that is renamed is a cluster that disappears for a
// while. Where it differs:
//
//   - Labels and annotations are those of `cmp clusters`: merged over all levels for the cluster's own environment, not
//     the hub's, and what nothing says is not there, where the text "<no value>" was.
//   - Labels from AWS Secrets Manager (addons) still win over those of the levels, as Terraform knows what it has made.
//     But what the member's file or fleet.yaml says of this very cluster comes after them: these labels decide which of
//     two Argo CDs deploys (use_remote_argo, enable_remote_addons), and both have to read the same.
//   - Switches are compared as text everywhere, so that "false" is off. A hub and a spoke have a store, unless the
//     switch is off. It has a region: that of the values, of the cluster's annotation aws_region, of the ARN of a
//     spoke's own secret, of spec.secretsManager in fleet.yaml, or of the spoke's hub, which reads the same secret; or
//     there is an error.
//   - The prefix of spec.secretsManager in fleet.yaml goes before the name of a member's secret, as where cmp reads it.
//   - A repository has one kind of credentials: asking for another switches off that of the GitHub App, the default.
//   - Secrets for container registries have the endpoint in their name and not its number in the list, so that another
//     order renames none. They are created (creationPolicy Owner), since under such a name none exists to merge into.
//   - Credentials for Git and registries are wanted on a hub by itself and by those members of which it deploys
//     something. What several want alike is there once; two that differ under one name are an error, where the last one
//     applied won.
package registration
