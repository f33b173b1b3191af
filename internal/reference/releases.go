package reference

// releasesKind is the file with the releases. What a release leaves empty, releases.globals fills up.
var releasesKind = Kind{
	Name: "releases", Other: "release", Title: "Releases", Files: "the file that spec.releases of fleet.yaml names",
	About: "What a release leaves empty, releases.globals fills up. A key that nothing reads is a finding.",
	Keys: append([]Key{
		{Path: "releases", Type: MapOf, Required: true, Without: "an error",
			Effect: "The releases of each group, the first of which is that of clusters without a label. " +
				"A group with an empty list has none.",
			Example: "releases:\n  addons: [{type: stable}, {type: next}]"},
		{Path: "releases.globals", Type: Map, Without: "nothing",
			Effect: "What all releases have that do not say it themselves. It may have the keys of a release, but " +
				"no type.",
			Example: "globals: {chartRepoPath: platform/catalog}"},
		{Path: "releases.GROUP", Type: Maps, Without: "the group has no releases",
			Effect:  "The releases of a group. A cluster is on the one that its label GROUPRelease names.",
			Example: "addons:\n  - type: stable\n  - type: next"},
		{Path: "releases.GROUP[].type", Type: Text, Required: true, Without: "an error",
			Effect:  "The name of the release: the value of the label, and part of all names.",
			Example: "type: stable"},
	}, append(releaseKeys("releases.GROUP[]."), releaseKeys("releases.globals.")...)...),
}

// releaseKeys returns the keys that a release and releases.globals have in common.
func releaseKeys(below string) []Key {
	keys := []Key{
		{Path: "use_helm_repo_path", Type: Switch, Without: "false with keys of a chart repository only, else true",
			Effect: "Whether the catalog is a directory in Git (chartRepoPath). " +
				"If not, it is a chart in a chart repository (chartRepo).",
			Example: "use_helm_repo_path: \"true\""},
		{Path: "chartRepoUrl", Type: Text, Without: "the repository of the fleet",
			Effect:  "The Git repository with the catalog.",
			Example: "chartRepoUrl: https://git.example.com/platform/fleet.git"},
		{Path: "chartRepoPath", Type: Text, Without: "spec.catalog of fleet.yaml",
			Effect:  "The directory with the catalog, in the Git repository.",
			Example: "chartRepoPath: platform/catalog"},
		{Path: "chartRepoRevision", Type: Text, Without: "the one that is rendered",
			Effect:  "The branch, tag or commit of the Git repository with the catalog; not a range of versions.",
			Example: "chartRepoRevision: main"},
		{Path: "chartRepo", Type: Text, Without: "an error, if the catalog is a chart",
			Effect: "The chart repository or registry with the catalog, without a user or a password.",
			Example: "use_helm_repo_path: \"false\"\nchartRepo: oci://registry.example.com\n" +
				"ecrChartName: charts/application-sets\nversion: 1.2.3"},
		{Path: "ecrChartName", Type: Text, Without: "an error, if the catalog is a chart",
			Effect: "The name of the chart in chartRepo.",
			Example: "use_helm_repo_path: \"false\"\nchartRepo: oci://registry.example.com\n" +
				"ecrChartName: charts/application-sets\nversion: 1.2.3"},
		{Path: "version", Type: Text, Without: "an error, if the catalog is a chart",
			Effect: "The version of the chart in chartRepo.",
			Example: "use_helm_repo_path: \"false\"\nchartRepo: oci://registry.example.com\n" +
				"ecrChartName: charts/application-sets\nversion: 1.2.3"},
		{Path: "repoUrl", Type: Text, Without: "what the cluster's annotations say",
			Effect:  "The repository that the Application of the release reads, which the stage bootstrap makes.",
			Example: "repoUrl: https://git.example.com/platform/fleet.git"},
		{Path: "targetRevision", Type: Text, Without: "what the cluster's annotations say",
			Effect: "The revision that the Application of the release reads.", Example: "targetRevision: next"},
		{Path: "addons_repo_basepath", Type: Text, Without: "what the cluster's annotations say",
			Effect: "The app path that the Application of the release reads.", Example: "addons_repo_basepath: addons"},
		{Path: "resources_repo_basepath", Type: Text, Without: "what the cluster's annotations say",
			Effect: "As addons_repo_basepath, and counts more.", Example: "resources_repo_basepath: resources"},
		{Path: "fleet_repo_basepath", Type: Text, Without: "what the cluster's annotations say",
			Effect: "As addons_repo_basepath, and counts most.", Example: "fleet_repo_basepath: fleet"},
		{Path: "tenant", Type: Text, Without: "that of the cluster",
			Effect: "The tenant whose levels the Application of the release reads.", Example: "tenant: control-plane"},
		{Path: "clusterName", Type: Text, Without: "that of the cluster",
			Effect: "The cluster whose levels the Application of the release reads.", Example: "clusterName: hub-prod"},
	}
	for i := range keys {
		keys[i].Path = below + keys[i].Path
	}
	return keys
}
