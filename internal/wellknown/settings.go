package wellknown

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// Settings of a group: what its Applications are called and belong to.
const (
	SettingApplicationName     = "applicationName"
	SettingApplicationSetGroup = "applicationSetGroup"
	SettingArgoProjectName     = "argoProjectName"
	SettingNameOverride        = "nameOverride"
	SettingFullnameOverride    = "fullnameOverride"
	SettingNamespace           = "namespace"
)

// Settings of a group: which clusters it is for.
const (
	SettingGlobalSelectors      = "globalSelectors"
	SettingUseSelectors         = "useSelectors"
	SettingApplyNestedSelectors = "applyNestedSelectors"
	SettingUseVersionSelectors  = "useVersionSelectors"
	SettingReleases             = "releases"
	SettingReleaseType          = "releaseType"
)

// Settings of a group: where its value files are.
const (
	SettingRepoURLGit          = "repoURLGit"
	SettingRepoURLGitRevision  = "repoURLGitRevision"
	SettingRepoURLGitBasePath  = "repoURLGitBasePath"
	SettingValueFiles          = "valueFiles"
	SettingUseValuesFilePrefix = "useValuesFilePrefix"
	SettingValuesFilePrefix    = "valuesFilePrefix"
	SettingValuesFileName      = "valuesFileName"
)

// Settings of a group: which component files and values it has.
const (
	SettingMergeValues        = "mergeValues"
	SettingGlobal             = "global"
	SettingGlobalValuesObject = "globalValuesObject"
	SettingChartType          = "chartType"
	SettingAckPodIdentity     = "ackPodIdentity"
)

// Settings of a group: what its ApplicationSets and Applications have.
const (
	SettingAnnotations       = "annotations"
	SettingCommonAnnotations = "commonAnnotations"
	SettingCommonLabels      = "commonLabels"
	SettingGoTemplateOptions = "goTemplateOptions"
	SettingSyncPolicy        = "syncPolicy"
	SettingSyncPolicyAppSet  = "syncPolicyAppSet"
	SettingTemplatePatch     = "templatePatch"
)

// Settings of a group: how and by whom it is delivered.
const (
	SettingDelivery              = "delivery"
	SettingHandover              = "handover"
	SettingManifestGeneratePaths = "manifestGeneratePaths"
)

// settings are the top-level keys of values that are settings and never components, also when they are a map with
// `enabled: true` (rule settings-are-no-components in docs/rules/settings.md): those of the reference, sorted.
var settings = slices.Sorted(slices.Values(reference.Names("settings", "")))

// IsSetting tells whether a top-level key of values is a setting; all others are components if they are maps.
func IsSetting(key string) bool {
	_, found := slices.BinarySearch(settings, key)
	return found
}

// Settings returns the names of all settings, sorted.
func Settings() []string { return slices.Clone(settings) }
