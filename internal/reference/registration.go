package reference

// registrationKind is what the levels say of the registration of clusters. A key that nothing reads is a finding.
var registrationKind = Kind{
	Name: "registration", Other: "registrations", Title: "Registration of clusters",
	Files: "fleet/fleet-secret/values.yaml of a level",
	About: "The stage registration renders it: cluster Secrets, stores and credentials for External Secrets. " +
		"A key that nothing reads is a finding.",
	Keys: append(append([]Key{
		{Path: "externalSecret", Type: Map, Without: "the defaults of its keys",
			Effect:  "The cluster Secret of the clusters of the level.",
			Example: "externalSecret:\n  labels: {enable_karpenter: \"true\"}"},
		{Path: "externalSecret.labels", Type: TextMap, Without: "nothing",
			Effect: "Labels of the clusters, which selectors and releases ask for. " +
				"A null removes one of a lower level.",
			Example: "labels: {enable_karpenter: \"true\"}"},
		{Path: "externalSecret.annotations", Type: TextMap, Without: "nothing",
			Effect:  "Annotations of the clusters, which templates ask for. A null removes one of a lower level.",
			Example: "annotations: {dns_zone: retail.example.com}"},
		{Path: "externalSecret.secretManagerSecretName", Type: Text,
			Without: "hub/HUB of a hub; that of the member's file",
			Effect:  "The secret of the cluster in AWS Secrets Manager. The member's file wins.",
			Example: "secretManagerSecretName: fleet/hub-prod/hub"},
		{Path: "externalSecret.enabled", Type: Switch, Default: "true",
			Effect: "Whether the clusters are registered.", Example: "enabled: false"},
		{Path: "externalSecret.secretStoreRefName", Type: Text, Without: "the one of secretStore",
			Effect: "The store that reads the cluster's secret.", Example: "secretStoreRefName: other-account"},
		{Path: "externalSecret.secretStoreRefKind", Type: Text, Values: []string{"SecretStore", "ClusterSecretStore"},
			Without: "SecretStore of a store that is named, else as secretStore",
			Effect:  "The kind of the store that secretStoreRefName names.",
			Example: "secretStoreRefKind: ClusterSecretStore"},
		{Path: "externalSecret.targetName", Type: Text,
			Without: "the name of the hub; CLUSTER-fleet-secret of a member",
			Effect:  "The name of the cluster Secret.", Example: "targetName: hub-prod-secret"},
		{Path: "externalSecret.creationPolicy", Type: Text, Values: policies,
			Without: "Merge of a hub, Owner of a member",
			Effect:  "How External Secrets writes the cluster Secret.", Example: "creationPolicy: Orphan"},
		known("server", "the address of the cluster"), known("clusterName", "its name"),
		known("githubSecret", "the label"), known("githubSecretName", "the annotations"),

		{Path: "secretStore", Type: Map, Without: "the defaults of its keys",
			Effect:  "The store through which an Argo CD's cluster reads AWS Secrets Manager.",
			Example: "secretStore: {region: eu-west-1}"},
		{Path: "secretStore.enabled", Type: Switch, Default: "true",
			Effect: "Whether there is the store. If not, one of the name must exist.", Example: "enabled: false"},
		{Path: "secretStore.kind", Type: Text, Values: []string{"SecretStore", "ClusterSecretStore"},
			Default: "SecretStore", Effect: "The kind of the store.", Example: "kind: ClusterSecretStore"},
		{Path: "secretStore.name", Type: Text, Default: "fleet-eks-secret-store", Effect: "The name of the store.",
			Example: "name: fleet-store"},
		{Path: "secretStore.region", Type: Text, Without: "the annotation aws_region; an error without it",
			Effect: "The AWS region of the secrets.", Example: "region: eu-west-1"},
		{Path: "secretStore.role", Type: Text, Without: "the role of External Secrets itself",
			Effect:  "The ARN of a role that reads the secrets, of another account.",
			Example: "role: arn:aws:iam::100000000001:role/fleet-reader"},
		{Path: "fullnameOverride", Type: Text, Without: "CLUSTER-fleet-secret",
			Effect:  "The name of the ExternalSecret that makes the cluster Secret.",
			Example: "fullnameOverride: hub-prod-registration"},
	}, credentialKeys...), registryKeys...),
}

// known returns a key of externalSecret that the wrapper chart's values have, and the member says.
func known(name, what string) Key {
	return Key{Path: "externalSecret." + name, Type: Text, Without: "what the member says",
		Effect: "Known, and without effect: " + what + " is that of the member.", Example: name + ": self"}
}

// policies are the ways of External Secrets to write a Secret.
var policies = []string{"Owner", "Orphan", "Merge", "None"}

// credentialKeys are those of credentials for Git repositories.
var credentialKeys = append([]Key{
	{Path: "global", Type: Map, Without: "nothing", Effect: "What holds for the clusters of all tenants.",
		Example: "global:\n  gitExternalSecrets: {enabled: true}"},
	{Path: "global.gitExternalSecrets", Type: Map, Without: "no credentials",
		Effect:  "Credentials of the cluster's Argo CD for Git repositories.",
		Example: "gitExternalSecrets: {enabled: true}"},
	{Path: "global.gitExternalSecrets.enabled", Type: Switch, Default: "false",
		Effect: "Whether there are credentials.", Example: "enabled: true"},
	{Path: "global.gitExternalSecrets.secretStoreRefName", Type: Text,
		Without: "fleet-git-eks-secret-store, which is made in the region of secretStore",
		Effect:  "The store that reads the credentials.", Example: "secretStoreRefName: fleet-eks-secret-store"},
	{Path: "global.gitExternalSecrets.secretStoreRefKind", Type: Text,
		Values: []string{"SecretStore", "ClusterSecretStore"}, Default: "SecretStore",
		Effect:  "The kind of the store that secretStoreRefName names.",
		Example: "secretStoreRefKind: ClusterSecretStore"},
	{Path: "global.gitExternalSecrets.useGitHubApp", Type: Switch, Without: "true, unless another kind is on",
		Effect:  "Whether the credentials are those of a GitHub App.",
		Example: "useGitHubApp: false"},
	{Path: "global.gitExternalSecrets.useHttp", Type: Switch, Default: "false",
		Effect: "Whether the credentials are a user and a password, or a token.", Example: "useHttp: true"},
	{Path: "global.gitExternalSecrets.usePrivateKey", Type: Switch, Default: "false",
		Effect: "Whether the credentials are a private key.", Example: "usePrivateKey: true"},
	{Path: "global.gitExternalSecrets.externalSecrets", Type: MapOf, Without: "no credentials",
		Effect: "The credentials, by the name of their ExternalSecret.",
		Example: "externalSecrets:\n  fleet-git-credentials:\n    secretManagerSecretName: fleet/git\n" +
			"    gitUrl: https://git.example.com/platform/fleet.git"},
	{Path: "tenantGitExternalSecrets", Type: Map, Without: "nothing", Effect: "What a tenant has otherwise.",
		Example: "tenantGitExternalSecrets:\n  externalSecrets: {fleet-git-credentials: {secretName: git}}"},
	{Path: "tenantGitExternalSecrets.externalSecrets", Type: MapOf, Without: "those of global",
		Effect:  "Credentials, laid over those of global key by key. A null removes one.",
		Example: "externalSecrets: {fleet-git-credentials: {secretName: git}}"},
}, append(entryKeys("global.gitExternalSecrets"), entryKeys("tenantGitExternalSecrets")...)...)

// entryKeys returns the keys of credentials for one repository.
func entryKeys(below string) []Key {
	keys := []Key{
		{Path: "secretManagerSecretName", Type: Text, Without: "an error",
			Effect:  "The secret in AWS Secrets Manager with the credentials.",
			Example: "secretManagerSecretName: fleet/git"},
		{Path: "gitUrl", Type: Text, Without: "the key url of the secret", Effect: "The address of the repository.",
			Example: "gitUrl: https://git.example.com/platform/fleet.git"},
		{Path: "secretName", Type: Text, Without: "that of the ExternalSecret",
			Effect: "The name of the repository Secret.", Example: "secretName: git"},
		{Path: "secretType", Type: Text,
			Values: []string{"repository", "repo-creds", "repository-write", "repo-write-creds"}, Default: "repository",
			Effect:  "What Argo CD takes the Secret for: one repository, or all whose address begins so.",
			Example: "secretType: repo-creds"},
		{Path: "conversionStrategy", Type: Text, Default: "Default",
			Effect: "As External Secrets has it.", Example: "conversionStrategy: Unicode"},
		{Path: "decodingStrategy", Type: Text, Default: "Auto",
			Effect: "How the secret is decoded, as External Secrets has it. With Auto, what could be base64 is taken " +
				"for that: a password or a token of such characters (a classic one of GitHub is) needs None.",
			Example: "decodingStrategy: None"},
		{Path: "metadataPolicy", Type: Text, Default: "None",
			Effect: "As External Secrets has it.", Example: "metadataPolicy: Fetch"},
	}
	for i := range keys {
		keys[i].Path = below + ".externalSecrets." + anyCredential + "." + keys[i].Path
	}
	return keys
}

// registryKeys are those of tokens for registries.
var registryKeys = []Key{
	{Path: "global.ecrAuthenticationToken", Type: Map, Without: "nothing", Effect: "Registries of all tenants.",
		Example: "ecrAuthenticationToken: {registry_endpoints: [100000000001.dkr.ecr.eu-west-1.amazonaws.com]}"},
	{Path: "global.ecrAuthenticationToken.registry_endpoints", Type: Texts, Without: "nothing",
		Effect:  "Registries of all tenants, before those of ecrAuthenticationToken.",
		Example: "registry_endpoints: [100000000001.dkr.ecr.eu-west-1.amazonaws.com]"},
	{Path: "ecrAuthenticationToken", Type: Map, Without: "no tokens",
		Effect: "Tokens of the cluster's Argo CD for the container registries of AWS.",
		Example: "ecrAuthenticationToken:\n  enabled: true\n" +
			"  registry_endpoints: [100000000001.dkr.ecr.eu-west-1.amazonaws.com]"},
	{Path: "ecrAuthenticationToken.enabled", Type: Switch, Default: "false", Effect: "Whether there are tokens.",
		Example: "enabled: true\nregistry_endpoints: [100000000001.dkr.ecr.eu-west-1.amazonaws.com]"},
	{Path: "ecrAuthenticationToken.registry_endpoints", Type: Texts, Without: "those of global",
		Effect:  "The registries, ACCOUNT.dkr.ecr.REGION.amazonaws.com: a repository Secret for each.",
		Example: "registry_endpoints: [100000000001.dkr.ecr.eu-west-1.amazonaws.com]"},
	{Path: "ecrAuthenticationToken.name", Type: Text, Default: "ecr-token-secret",
		Effect: "The name of the generator, with which those of the Secrets begin.", Example: "name: ecr"},
	{Path: "ecrAuthenticationToken.namespace", Type: Text, Without: "that of the Argo CD",
		Effect: "The namespace of the generator and the Secrets.", Example: "namespace: argo-system"},
	{Path: "ecrAuthenticationToken.region", Type: Text, Without: "the annotation aws_region",
		Effect: "The AWS region of the registries.", Example: "region: eu-west-1"},
	{Path: "ecrAuthenticationToken.creationPolicy", Type: Text, Values: policies, Default: "Owner",
		Effect: "How External Secrets writes the repository Secrets.", Example: "creationPolicy: Orphan"},
	{Path: "ecrAuthenticationToken.secretName", Type: Text, Without: "nothing",
		Effect: "Known, and without effect: the wrapper chart did not read it either.", Example: "secretName: ecr"},
}
