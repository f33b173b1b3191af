package reference

// fleetKind is fleet.yaml. A key that nothing reads is an error.
var fleetKind = Kind{
	Name: "fleet", Other: "fleets", Title: "fleet.yaml", Files: "fleet.yaml at the root of the repository",
	About: "Each part can be left out, and so can the file. A key that nothing reads is an error.",
	Keys: append(append([]Key{
		{Path: "apiVersion", Type: Text, Values: []string{"fleet.cmp/v1alpha1"}, Required: true,
			Without: "an error", Effect: "The version of this format.", Example: "apiVersion: fleet.cmp/v1alpha1"},
		{Path: "kind", Type: Text, Values: []string{"Fleet"}, Required: true, Without: "an error",
			Effect: "What the file describes.", Example: "kind: Fleet"},
		{Path: "metadata", Type: Map, Open: true, Without: "nothing",
			Effect:  "Allowed, as objects of Kubernetes have it. Nothing reads it.",
			Example: "metadata: {name: platform}"},
		{Path: "spec", Type: Map, Without: "the defaults of all its keys", Effect: "What the fleet is.",
			Example: "spec:\n  argocdVersion: \"3.6\""},

		{Path: "spec.catalog", Type: Text, Default: "charts/application-sets",
			Effect: "Where the catalog is: values.yaml with settings, and values/NAME.yaml with components. " +
				"It is a directory of the repository, or a chart as oci:// or https://HOST/PATH/NAME:VERSION. " +
				"A directory that is named here must exist.",
			Example: "catalog: platform/catalog"},
		{Path: "spec.members", Type: Text, Default: "fleet/fleet-bootstrap/fleet-members",
			Effect: "The directory with the members, HUB/SPOKE.yaml: one file for each spoke. " +
				"A directory that is named here must exist.",
			Example: "members: platform/members"},
		{Path: "spec.releases", Type: Text, Default: "fleet/bootstrap/versions/applicationSets.yaml",
			Effect:  "The file with the releases of the groups. A file that is named here must exist.",
			Example: "releases: platform/releases.yaml"},
		{Path: "spec.levels", Type: Maps,
			Without: "the five levels system, tenants, tenant, environment and cluster",
			Effect: "The steps of the hierarchy, lowest first. " +
				"Each overrides those before it. There may be 100.",
			Example: "levels:\n" +
				"  - {name: system, paths: [bootstrap/defaults]}\n" +
				"  - {name: cluster, paths: [\"clusters/{{.name}}\"]}"},
		{Path: "spec.levels[].name", Type: Text, Required: true, Without: "an error",
			Effect: "The name of the level, which origins and messages show.", Example: "name: system"},
		{Path: "spec.levels[].paths", Type: Texts, Required: true, Without: "an error",
			Effect: "The directories of the level below an app path, of which a later one overrides. " +
				"Each is a Go template over .name, .tenant, .environment, .metadata.labels and " +
				".metadata.annotations. " +
				"What needs a label that a cluster lacks is skipped.",
			Example: "paths: [\"tenants/{{.tenant}}/defaults\"]"},
	}, groupKeys...), sourceKeys...),
}

// groupKeys are those of spec.groups and spec.clusters.
var groupKeys = []Key{
	{Path: "spec.groups", Type: MapOf,
		Without: "addons, monitoring, resources and fleet, as the wrapper chart's fleet had them",
		Effect: "The groups: what one Application renders each. " +
			"A group has the keys below, and any setting, which then beats all levels.",
		Example: "groups:\n  addons: {path: addons, components: [addons, ack], useSelectors: true}"},
	{Path: "spec.groups.GROUP.path", Type: Text, Default: ".",
		Effect: "The app path of the group: the directory that the directories of the levels are in. " +
			"Without it, the directory that a render is asked for.",
		Example: "path: addons"},
	{Path: "spec.groups.GROUP.components", Type: Texts, Without: "those of the setting mergeValues",
		Effect: "The component files of the group: NAME stands for values/NAME.yaml of the catalog. " +
			"The first that has a component counts more.",
		Example: "components: [addons, ack]"},
	{Path: "spec.groups.GROUP.settingsFiles", Type: Texts,
		Without: "application-sets/GROUP.yaml, in the system level also GROUP.yaml",
		Effect: "Where the settings of the group are in the directories of the levels. " +
			"GROUP stands for the name of the group, and a later file overrides.",
		Example: "settingsFiles: [GROUP.yaml, application-sets/GROUP.yaml]"},
	{Path: "spec.groups.GROUP.applicationSets", Type: Map, Open: true, Without: "nothing",
		Effect:  "What the group says of components, by their names. It counts more than all levels.",
		Example: "applicationSets: {karpenter: {defaultVersion: 2.0.0}}"},
	{Path: "spec.groups.GROUP.repoNames", Type: Texts, Without: "the app path alone",
		Effect: "App paths that hold files of the group, in place of the one of the group. " +
			"Of two with a file for the same level, the later overrides.",
		Example: "repoNames: [addons, resources]"},
	{Path: "spec.groups.GROUP.bootstrap", Type: Map, Without: "what spec.bootstrap says",
		Effect:  "How the group is started by the stage bootstrap. It counts more than spec.bootstrap.",
		Example: "bootstrap: {project: addons}"},
	{Path: "spec.groups.GROUP.bootstrap.enabled", Type: Switch, Default: "true",
		Effect: "Whether the bootstrap has Applications for the group.", Example: "enabled: false"},
	{Path: "spec.groups.GROUP.bootstrap.project", Type: Text, Without: "that of spec.bootstrap",
		Effect: "The project of Argo CD that the Application of the group belongs to.", Example: "project: addons"},
	{Path: "spec.groups.GROUP.bootstrap.syncPolicy", Type: Map, Open: true, Without: "that of spec.bootstrap",
		Effect:  "The sync policy of the group's Application, laid over that of spec.bootstrap. A null removes a key.",
		Example: "syncPolicy: {automated: {prune: false}}"},
	{Path: "spec.groups.GROUP.bootstrap.selectors", Type: TextMap, Without: "all clusters with an Argo CD",
		Effect: "The labels of the clusters whose Argo CD has the group.", Example: "selectors: {tier: one}"},
	{Path: "spec.groups.GROUP.bootstrap.allowEmpty", Type: Text, Without: "a group with nothing to deploy is an error",
		Effect:  "Why the group may have nothing to deploy. true is no reason.",
		Example: "allowEmpty: the first addons come in spring"},

	{Path: "spec.clusters", Type: Maps, Without: "the clusters are the members",
		Effect:  "The clusters that are no members: the hubs.",
		Example: "clusters:\n  - {name: hub-prod, labels: {fleet_member: hub-cluster, environment: prod}}"},
	{Path: "spec.clusters[].name", Type: Text, Required: true, Without: "an error",
		Effect: "The name of the cluster, as Argo CD knows it.", Example: "name: hub-prod"},
	{Path: "spec.clusters[].server", Type: Text, Without: "nothing", Effect: "The address of the cluster's API server.",
		Example: "server: https://kubernetes.default.svc"},
	{Path: "spec.clusters[].labels", Type: TextMap, Without: "nothing",
		Effect: "The labels of the cluster, which selectors, levels and releases ask for. " +
			"fleet_member: hub-cluster makes it a hub.",
		Example: "labels: {fleet_member: hub-cluster, tenant: control-plane, environment: prod}"},
	{Path: "spec.clusters[].annotations", Type: TextMap, Without: "nothing",
		Effect: "The annotations of the cluster, which templates ask for, such as addons_repo_url.",
		Example: "annotations: {aws_region: eu-west-1, addons_repo_url: " +
			"\"https://git.example.com/platform/fleet.git\"}"},
}

// sourceKeys are those about other places, versions, findings and limits.
var sourceKeys = []Key{
	{Path: "spec.chartRepositories", Type: Texts, Without: "charts may come from anywhere",
		Effect:  "The only addresses that Helm charts and artifacts may come from.",
		Example: "chartRepositories: [\"https://charts.example.com\", \"oci://registry.example.com/charts\"]"},
	{Path: "spec.repositories", Type: MapOf, Without: "all is in one repository",
		Effect: "The repositories besides the one with this file, each by a name: the first part of its paths. " +
			"On a laptop, --repository NAME=DIRECTORY says where a checkout of each is.",
		Example: "repositories: {platform: {url: https://git.example.com/platform.git}}"},
	{Path: "spec.repositories.REPOSITORY.url", Type: Text, Required: true, Without: "an error",
		Effect:  "The address of the repository, as Argo CD has it.",
		Example: "url: https://git.example.com/platform.git"},
	{Path: "spec.repositories.REPOSITORY.path", Type: Text, Without: "the name of the repository",
		Effect:  "The directory of the repository that stands for its name, from its root.",
		Example: "url: https://git.example.com/platform.git\npath: hierarchy"},
	{Path: "spec.repositories.REPOSITORY.revision", Type: Text, Without: "that of the cluster's annotations",
		Effect:  "The branch, tag or commit that Argo CD has the repository at.",
		Example: "url: https://git.example.com/platform.git\nrevision: v1"},
	{Path: "spec.repositoryURLs", Type: Texts, Without: "each Git source is taken for this repository",
		Effect: "The addresses under which Argo CD knows this repository. " +
			"A Git source with another address cannot be rendered.",
		Example: "repositoryURLs: [\"https://git.example.com/platform/fleet.git\"]"},
	{Path: "spec.cmpVersion", Type: Version, Without: "any",
		Effect: "Which versions of cmp may read the fleet, as a range. Another one fails. " +
			"2.0.0-rc.1 is in a range only if 2.0.0 is, too, or if the range names a version before 2.0.0: " +
			"not in <2 or >=2, but in >=2.0.0-0. A build without a version is 0.0.0.",
		Example: "cmpVersion: \">=1.4, <2\""},
	{Path: "spec.argocdVersion", Type: Version, Without: "the newest that is known",
		Effect:  "Whose rules the stages applications and manifests follow.",
		Example: "argocdVersion: \"3.6\""},
	{Path: "spec.kubernetesVersion", Type: Version, Without: "that of the Argo CD's Helm",
		Effect: "What charts see as the version of Kubernetes. " +
			"A cluster with the label argocd.argoproj.io/kubernetes-version has its own.",
		Example: "kubernetesVersion: \"1.34\""},

	{Path: "spec.bootstrap", Type: Map, Without: "the defaults of its keys",
		Effect: "How the groups are started by the stage bootstrap.", Example: "bootstrap: {project: platform}"},
	{Path: "spec.bootstrap.enabled", Type: Switch, Default: "true",
		Effect:  "Whether the bootstrap has Applications for the groups. A group may say otherwise.",
		Example: "enabled: false"},
	{Path: "spec.bootstrap.project", Type: Text, Default: "default",
		Effect:  "The project of Argo CD that the Applications of the bootstrap belong to.",
		Example: "project: platform"},
	{Path: "spec.bootstrap.syncPolicy", Type: Map, Open: true,
		Without: "automated, with retries, as the chart had it",
		Effect:  "The sync policy of the bootstrap's Applications, laid over the default. A null removes a key.",
		Example: "syncPolicy: {automated: {prune: false}}"},
	{Path: "spec.bootstrap.selectors", Type: TextMap, Without: "all clusters with an Argo CD",
		Effect: "The labels of the clusters whose Argo CD has the groups.", Example: "selectors: {tier: one}"},
	{Path: "spec.bootstrap.namespace", Type: Text, Default: "argocd",
		Effect: "The namespace of the Argo CD of hubs.", Example: "namespace: argo-system"},
	{Path: "spec.bootstrap.spokeNamespace", Type: Text,
		Without: "that of the component with the chart argo-cd of the group fleet, else as on the hub",
		Effect:  "The namespace of the Argo CD of spokes. One that differs from that of the component is an error.",
		Example: "spokeNamespace: platform-system"},

	{Path: "spec.secretsManager", Type: Map, Without: "members are not completed",
		Effect: "How the secrets of the members are read from AWS Secrets Manager. " +
			"A command with --secrets-manager reads them without it, too. With prefixes alone, nothing is read.",
		Example: "secretsManager: {region: eu-west-1, prefix: fleet/, timeout: 30s, cache: 5m}"},
	{Path: "spec.secretsManager.region", Type: Text, Without: "that of the AWS configuration",
		Effect: "The AWS region of the secrets.", Example: "region: eu-west-1"},
	{Path: "spec.secretsManager.roleARN", Type: Text, Without: "the credentials of the AWS configuration",
		Effect:  "The role to assume, of another account.",
		Example: "roleARN: arn:aws:iam::100000000001:role/fleet-reader"},
	{Path: "spec.secretsManager.prefix", Type: Text, Without: "nothing",
		Effect: "What comes before the names of secrets that are no ARN.", Example: "prefix: platform/"},
	{Path: "spec.secretsManager.timeout", Type: Duration, Default: "30s",
		Effect: "How long reading all secrets may take.", Example: "timeout: 1m"},
	{Path: "spec.secretsManager.cache", Type: Duration, Default: "0s",
		Effect: "How long what was read is kept on this machine.", Example: "cache: 5m"},
	{Path: "spec.secretsManager.prefixes", Type: TextMap, Without: "a member may name any secret",
		Effect: "By tenant, how the names of its members' secrets must start. " +
			"Each is a Go template over the keys of the member, .name and .hub.",
		Example: "prefixes: {retail: \"fleet/{{.hub}}/retail\"}"},

	{Path: "spec.lint", Type: Map, Without: "all findings count", Effect: "What findings are about.",
		Example: "lint:\n  ignore: [{rule: unread-file, path: addons/archive, reason: kept for audits}]"},
	{Path: "spec.lint.ignore", Type: Maps, Without: "all findings count",
		Effect:  "The findings that the fleet really wants. An entry that matches nothing is a finding.",
		Example: "ignore: [{rule: unread-file, path: addons/archive, reason: kept for audits}]"},
	{Path: "spec.lint.ignore[].rule", Type: Text, Required: true, Without: "an error",
		Effect: "The rule of the finding, as cmp lint --list-rules shows them.", Example: "rule: unread-file"},
	{Path: "spec.lint.ignore[].path", Type: Text, Required: true, Without: "an error",
		Effect:  "The file or directory that the finding is about, or a directory around it.",
		Example: "path: addons/archive"},
	{Path: "spec.lint.ignore[].reason", Type: Text, Required: true, Without: "an error",
		Effect: "Why the fleet wants this.", Example: "reason: kept for audits"},

	{Path: "spec.limits", Type: Map, Without: "the defaults of its keys",
		Effect:  "What a run, and a file, may take. In the sidecar it can only lower what its operator allows.",
		Example: "limits: {fileSize: 5Mi, memory: 2Gi, timeout: 5m, applicationTimeout: 1m}"},
	{Path: "spec.limits.fileSize", Type: Size, Default: "1Mi",
		Effect:  "The size of each values, settings, member and component file, from 1Ki to 10Mi.",
		Example: "fileSize: 5Mi"},
	{Path: "spec.limits.memory", Type: Size, Default: "1Gi",
		Effect:  "The memory of a run, at least 64Mi. The flag --memory-limit and CMP_MEMORY_LIMIT win.",
		Example: "memory: 2Gi"},
	{Path: "spec.limits.timeout", Type: Duration, Default: "10m",
		Effect: "The time of a run, up to its output. The flag --timeout and CMP_TIMEOUT win.", Example: "timeout: 5m"},
	{Path: "spec.limits.applicationTimeout", Type: Duration, Default: "30s",
		Effect:  "The time of each Application, and of the expansion of each ApplicationSet.",
		Example: "applicationTimeout: 1m"},
}
