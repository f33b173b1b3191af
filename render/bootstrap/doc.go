// Package bootstrap makes the objects of Argo CD that start a fleet, with this plugin as the source of each:
//
//	hub, its members, groups and releases -> Applications and ApplicationSets
//
// Rendered for a hub, and applied once, they are
//
//   - fleet-bootstrap-HUB, an Application with this very output, so that a new release or group only needs a commit;
//   - fleet-registration-HUB, an Application with the hub's objects of package registration;
//   - cluster-GROUP-HUB-RELEASE, an Application with the ApplicationSets of a group, for each release that the hub
//     renders;
//   - fleet-member-registration-HUB and fleet-member-bootstrap-HUB, ApplicationSets that give each spoke with an Argo
//     CD of its own (use_remote_argo "true") its objects of package registration, unless it does not read secrets
//     itself (use_external_secrets "false"), and its own output of this package.
//
// Rendered for such a spoke, it is cluster-GROUP-SPOKE-RELEASE for each group that the spoke deploys itself, and its
// one release.
//
// Of a fleet in several repositories, there is no fleet-bootstrap-HUB, and each Application carries what the plugin
// does not find in its repository ([Split]).
//
// What concerns the hub alone is an Application: the repository knows the hub, and a fresh hub has no cluster Secret
// yet that a generator could find. What is there once per member is an ApplicationSet, which finds those whose cluster
// Secret exists: an Application for one that is not registered yet would be an error. All names have the name of the
// cluster, so that those of two hubs can never be the same (rule bootstrap-names in docs/rules/bootstrap.md).
//
// # Who owns what
//
// A spoke deploys a group itself, or its hub does: [cluster.Cluster.Manages] says which, from the labels
// use_remote_argo, enable_remote_addons and enable_remote_resources. Each side keeps to it by itself ([Handover], which
// the setting handover of the Applications turns on):
//
//   - The ApplicationSets of a hub leave out the clusters that deploy the group themselves. This is a label selector,
//     so that it follows the cluster Secret, and covers clusters that the repository does not know.
//   - Those of a spoke select it by the labels that say so, and there are none if the repository no longer does. So a
//     spoke lets go also when use_remote_argo itself is switched off, and its hub no longer tells it anything.
//   - The spoke's Argo CD, External Secrets and registration are the hub's (group fleet, and the two ApplicationSets).
//     The spoke does not deploy the components for them a second time.
//
// Switching a flag deletes nothing. The Applications made here have no finalizer, nor have those of the
// ApplicationSets, with preserveResourcesOnDeletion: an Application that goes leaves its objects where they are. The
// other Argo CD makes an Application of the same name out of the same files, for the same cluster name, and so adopts
// the objects as they are. For the minute or so in which one side has not read the labels yet, both or none keep them
// up to date, with the same content.
//
// A group, or a release, that goes leaves its ApplicationSets in place for the same reason. They are deleted by hand.
package bootstrap
