package wellknown

import (
	"slices"
)

// settings are the top-level keys of values that are settings and never components, also when they are a mapping with
// `enabled: true` (rule settings-are-no-components in docs/rules/settings.md).
var settings = []string{
	"ackPodIdentity", "annotations", "applicationSetGroup", "applyNestedSelectors", "argoProjectName", "chartType",
	"commonAnnotations", "commonLabels", "delivery", "fullnameOverride", "global", "globalSelectors", "globalValuesObject",
	"goTemplateOptions", "handover", "manifestGeneratePaths", "mergeValues", "nameOverride", "namespace", "releaseType", "releases", "repoURLGit",
	"repoURLGitBasePath", "repoURLGitRevision", "syncPolicy", "syncPolicyAppSet", "templatePatch", "useSelectors",
	"useValuesFilePrefix", "useVersionSelectors", "valueFiles", "valuesFilePrefix",
}

// IsSetting tells whether a top-level key of values is a setting; all others are components if they are mappings.
func IsSetting(key string) bool {
	_, found := slices.BinarySearch(settings, key)
	return found
}

// Settings returns the names of all settings, sorted.
func Settings() []string { return slices.Clone(settings) }
