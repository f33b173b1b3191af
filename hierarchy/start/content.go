package start

import (
	"cmp"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// fleetFile is fleet.yaml.
func (f *Fleet) fleetFile() file {
	annotations := []field{{key: "aws_cluster_name", value: f.Hub}, {key: wellknown.AnnotationRegion, value: f.Region}}
	for i, repository := range []string{addons, fleetDir} {
		comment := ""
		if i == 0 {
			comment = "Where Argo CD reads this repository. The basepath is the directory that is meant."
		}
		annotations = append(annotations,
			field{wellknown.RepositoryAnnotation(repository, "url"), f.RepoURL, comment},
			field{key: wellknown.RepositoryAnnotation(repository, "revision"), value: cmp.Or(f.Revision, "main")},
			field{key: wellknown.RepositoryAnnotation(repository, "basepath"), value: repository})
	}
	hub := []field{{key: "name", value: f.Hub},
		{key: "labels", value: []field{{key: wellknown.LabelFleetMember, value: wellknown.FleetMemberHub},
			{key: wellknown.LabelTenant, value: f.Tenant}, {key: wellknown.LabelEnvironment, value: f.Environment}}},
		{key: "annotations", value: annotations}}
	group := []field{{key: "path", value: addons}, {key: "components", value: []string{addons}},
		{key: wellknown.SettingUseSelectors, value: true},
		{wellknown.SettingHandover, true,
			"What a spoke deploys to itself, with an Argo CD of its own, the hub leaves alone."}}
	const about = "The fleet: where its files are, what its hub renders, and the hub itself."
	return file{wellknown.SchemaFleet, about, []field{
		{key: "apiVersion", value: "fleet.cmp/v1alpha1"},
		{key: "kind", value: "Fleet"},
		{key: "spec", value: []field{
			{"catalog", catalog,
				"The components: those of a group are in values/, what they have in common in values.yaml."},
			{"members", members, "The spokes: a file HUB/CLUSTER.yaml for each. `cmp member add` writes one."},
			{"groups", []field{{key: wellknown.GroupAddons, value: group}},
				"A group is what one Application of Argo CD renders. Below its path are the five levels of values."},
			{"clusters", [][]field{hub}, "The hub is no member of itself, so its labels and annotations are here."},
		}},
	}}
}

// settings is the file of the catalog with what all components have in common.
func settings() file {
	annotation := func(part string) string {
		return "{{.metadata.annotations." + wellknown.RepositoryAnnotation(addons, part) + "}}"
	}
	return file{wellknown.SchemaSettings, "Settings of all groups and components.", []field{
		{wellknown.SettingRepoURLGit, annotation("url"),
			"Where the Helm values are. Argo CD evaluates these for each cluster."},
		{key: wellknown.SettingRepoURLGitRevision, value: annotation("revision")},
		{key: wellknown.SettingRepoURLGitBasePath, value: annotation("basepath")},
		{wellknown.SettingSyncPolicy, []field{
			{key: "automated", value: []field{{key: "prune", value: false}, {key: "selfHeal", value: false}}},
			{key: "syncOptions", value: []string{"CreateNamespace=true", "ServerSideApply=true"}},
		}, "How Applications are synced. With prune, Argo CD deletes what a chart no longer has; with\n" +
			"selfHeal, it undoes changes that were made by hand."},
		{wellknown.SettingSyncPolicyAppSet, []field{{key: "preserveResourcesOnDeletion", value: true}},
			"An Application that goes leaves on the cluster what it deployed."},
	}}
}

// componentFile is the file of the catalog with the components.
func (f *Fleet) componentFile() file {
	var components []field
	for i, c := range f.Components {
		selector := field{key: "selector", value: []field{{key: "matchExpressions", value: [][]field{
			{{key: "key", value: wellknown.LabelFleetMember}, {key: "operator", value: "Exists"}}}}}}
		if i == 0 {
			selector.comment = "All clusters of the fleet. Labels choose some: " +
				"{key: environment, operator: In, values: [prod]}."
		}
		components = append(components, field{key: c.Name, value: []field{
			{key: "enabled", value: true},
			{key: "namespace", value: c.Name},
			{key: "chartName", value: c.Chart},
			{key: "chartRepository", value: c.Repository},
			{key: "defaultVersion", value: c.Version},
			selector}})
	}
	return file{wellknown.SchemaComponent,
		"The components of the group addons: each becomes an ApplicationSet, and an Application for each cluster.\n" +
			"Their Helm values belong in addons/CHART/values.yaml of a level, as\n" +
			"addons/bootstrap/defaults/addons/CHART/values.yaml for all clusters.", components}
}
