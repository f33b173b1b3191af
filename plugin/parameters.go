package plugin

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Types of parameters, as Argo CD names them (collectionType).
const (
	typeString = "string"
	typeArray  = "array"
	typeMap    = "map"
)

// An Announcement describes a parameter to Argo CD, with the value that will be used. It is Argo CD's
// ParameterAnnouncement.
type Announcement struct {
	Name           string            `json:"name"`
	Title          string            `json:"title"`
	Tooltip        string            `json:"tooltip"`
	Required       bool              `json:"required,omitempty"`
	CollectionType string            `json:"collectionType"`
	String         string            `json:"string,omitempty"`
	Array          []string          `json:"array,omitempty"`
	Map            map[string]string `json:"map,omitempty"`
}

// announcements returns the parameters that the plugin knows, without values.
func announcements() []Announcement {
	return []Announcement{
		{Name: "group", Title: "Group", CollectionType: typeString,
			Tooltip: "Group of fleet.yaml; needed if several have this app path"},
		{Name: "cluster", Title: "Cluster", CollectionType: typeString, Required: true,
			Tooltip: "Name of the cluster: a member, one of fleet.yaml, or any together with labels"},
		{Name: "labels", Title: "Labels", CollectionType: typeMap,
			Tooltip: "Labels of the cluster, as a map, or as a string with JSON: {{ toJson .metadata.labels }}"},
		{Name: "annotations", Title: "Annotations", CollectionType: typeMap,
			Tooltip: "Annotations of the cluster, as a map, or as a string with JSON"},
		{Name: "release", Title: "Release", CollectionType: typeString,
			Tooltip: "Release; by default those that the cluster's label selects"},
		{Name: "stage", Title: "Stage", CollectionType: typeString,
			Tooltip: "What to emit: " + strings.Join(render.Stages, ", ")},
		{Name: "argocd-version", Title: "Argo CD version", CollectionType: typeString,
			Tooltip: "Whose rules the stages applications and manifests follow: " + argocd.Names()},
		{Name: "component", Title: "Component", CollectionType: typeString,
			Tooltip: "Only this component"},
		{Name: "components", Title: "Component files", CollectionType: typeArray,
			Tooltip: "Component files of the catalog in place of the group's"},
		{Name: "catalog", Title: "Catalog", CollectionType: typeString,
			Tooltip: "Directory of the repository, in place of the one of fleet.yaml; relative to the app path if it " +
				"starts with a dot"},
		{Name: "value-files", Title: "Value files", CollectionType: typeArray,
			Tooltip: "Values files on top of the hierarchy, relative to the app path"},
		{Name: "values", Title: "Values", CollectionType: typeString,
			Tooltip: "Values as YAML, on top of the value files"},
		{Name: "settings", Title: "Settings", CollectionType: typeMap,
			Tooltip: "Settings on top of everything, as useSelectors: \"true\""},
		{Name: "repository", Title: "Repository", CollectionType: typeString,
			Tooltip: "Name of this repository in spec.repositories, of a fleet in several repositories"},
		{Name: "fleet", Title: "Fleet", CollectionType: typeString,
			Tooltip: "fleet.yaml, in a repository that has none"},
		{Name: "releases", Title: "Releases", CollectionType: typeString,
			Tooltip: "The releases file, with the parameter fleet"},
		{Name: "members", Title: "Members", CollectionType: typeMap,
			Tooltip: "Files of members by HUB/NAME, with the parameter fleet"},
		{Name: "allow-empty", Title: "Allow empty", CollectionType: typeString,
			Tooltip: "\"true\": nothing to render is no error, and Argo CD prunes what was there"},
		{Name: "strict", Title: "Strict", CollectionType: typeString,
			Tooltip: "\"true\": findings are errors"},
	}
}

// names returns the names of all parameters.
func names() []string {
	var names []string
	for _, a := range announcements() {
		names = append(names, a.Name)
	}
	return names
}

// variable returns the name of the environment variable that stands for a string parameter: ARGOCD_ENV_ALLOW_EMPTY for
// allow-empty, which Argo CD makes of ALLOW_EMPTY in plugin.env.
func variable(parameter string) string {
	return "ARGOCD_ENV_" + strings.ToUpper(strings.ReplaceAll(parameter, "-", "_"))
}
