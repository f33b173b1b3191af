package applicationset

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// settings are the top-level keys of rule settings-by-name in docs/rules/settings.md, typed.
type settings struct {
	releaseType         string
	applicationName     string // "" for the one of rule application-name in docs/rules/applications.md
	namespace           string
	project             string
	name                string // label app.kubernetes.io/name
	useSelectors        bool
	useVersionSelectors bool
	releases            map[string]string
	globalSelectors     map[string]string
	syncPolicy          map[string]any
	syncPolicyAppSet    map[string]any
	goTemplateOptions   []string
	nestedSelectors     bool
	templatePatch       string
	repoURL             string
	revision            string
	basePath            string
	valueFiles          []string
	valueFilesPrefix    string
	withoutPrefix       bool // each directory of value files counts without the prefix, too, and before
	valuesFileName      string
	group               string
	globalValuesObject  map[string]any
	podIdentity         podIdentity
	commonLabels        map[string]string
	annotations         map[string]string
	delivery            string
	generatePaths       *bool // nil: not said

	parts   []*fields.Reader // of maps of which all keys are known
	options Options
	reader  *fields.Reader
}

// podIdentity says where the chart with a component's IAM role comes from: a path of the Git repository, or a chart.
type podIdentity struct {
	path, repoURL, chart, chartVersion string
}

func readPodIdentity(r *fields.Reader) podIdentity {
	return podIdentity{path: r.Text("path"), repoURL: r.Text("repoURL"), chart: r.Text("chart"),
		chartVersion: r.Text("chartVersion")}
}

// podIdentityOf returns a reader of the setting ackPodIdentity.
func podIdentityOf(settings *fields.Reader, values *hierarchy.Values) *fields.Reader {
	const key = wellknown.SettingAckPodIdentity
	return fields.New(settings.Map(key), key,
		func(keys ...string) (string, int) { return values.Locate(slices.Concat([]string{key}, keys)...) })
}

// readSettings reads the settings; those of the options apply where the values have none. It fails on wrong types.
func readSettings(values *hierarchy.Values, options Options) (*settings, error) {
	r := hierarchy.SettingsReader(values)
	merged := hierarchy.Reader(values, "") // these three also come from component files
	podIdentityReader := podIdentityOf(r, values)
	s := &settings{
		releaseType:     r.TextOr(wellknown.SettingReleaseType, ""),
		applicationName: readApplicationName(r),
		namespace:       r.TextOr(wellknown.SettingNamespace, "argocd"),
		project:         r.TextOr(wellknown.SettingArgoProjectName, "default"),
		name: strings.TrimSuffix(
			cut(merged.TextOr(wellknown.SettingNameOverride, "application-sets"), maxName), "-"),
		useSelectors:        r.True(wellknown.SettingUseSelectors),
		useVersionSelectors: r.True(wellknown.SettingUseVersionSelectors),
		releases:            r.TextMap(wellknown.SettingReleases),
		globalSelectors:     r.TextMap(wellknown.SettingGlobalSelectors),
		syncPolicy:          r.Map(wellknown.SettingSyncPolicy),
		syncPolicyAppSet:    r.Map(wellknown.SettingSyncPolicyAppSet),
		goTemplateOptions:   r.Texts(wellknown.SettingGoTemplateOptions),
		nestedSelectors:     r.True(wellknown.SettingApplyNestedSelectors),
		templatePatch:       r.TextOr(wellknown.SettingTemplatePatch, ""),
		repoURL:             r.TextOr(wellknown.SettingRepoURLGit, ""),
		revision:            r.TextOr(wellknown.SettingRepoURLGitRevision, ""),
		basePath:            r.TextOr(wellknown.SettingRepoURLGitBasePath, ""),
		valueFiles:          listOrMap(r, wellknown.SettingValueFiles),
		valuesFileName:      readValuesFileName(r, defaultValuesFileName),
		group:               r.TextOr(wellknown.SettingApplicationSetGroup, ""),
		globalValuesObject:  r.Map(wellknown.SettingGlobalValuesObject),
		podIdentity:         readPodIdentity(podIdentityReader),
		commonLabels:        merged.TextMap(wellknown.SettingCommonLabels),
		annotations:         merged.TextMap(wellknown.SettingAnnotations),
		delivery:            readDelivery(r, deliveryHelm),
		generatePaths:       readSwitch(r, wellknown.SettingManifestGeneratePaths),
		parts:               []*fields.Reader{podIdentityReader},
		reader:              r,
		options:             options,
	}
	if r.On(wellknown.SettingUseValuesFilePrefix) {
		s.valueFilesPrefix = r.TextOr(wellknown.SettingValuesFilePrefix, "")
		s.withoutPrefix = r.Any(wellknown.SettingUseValuesFilePrefix) == "both"
	}
	if !r.Has(wellknown.SettingRepoURLGitBasePath) {
		s.basePath = options.BasePath
	}
	if !r.Has(wellknown.SettingValueFiles) {
		s.valueFiles = options.ValueFiles
	}
	if len(s.goTemplateOptions) == 0 {
		s.goTemplateOptions = []string{"missingkey=error"}
	}
	s.checkAmounts(r)
	for _, reader := range []*fields.Reader{r, merged, podIdentityReader} {
		if reader.Err() != nil {
			return nil, reader.Err()
		}
	}
	return s, nil
}

// failWithoutRepository returns the error of a component that needs the Git repository, which the settings do not name.
func (s *settings) failWithoutRepository() error {
	s.reader.Fail(wellknown.SettingRepoURLGit,
		"the setting repoURLGit is missing, from which the value files come; set it in the catalog's values.yaml or "+
			"in a level")
	return s.reader.Err()
}

// What a group may have: each component has all of these settings.
const (
	maxComponents = 10_000 // that are enabled
	maxEntries    = 1000   // of one setting
)

// checkAmounts fails where a setting that each component has is too large.
func (s *settings) checkAmounts(r *fields.Reader) {
	for _, setting := range []struct {
		name  string
		count int
	}{
		{wellknown.SettingReleases, len(s.releases)}, {wellknown.SettingGlobalSelectors, len(s.globalSelectors)},
		{wellknown.SettingCommonLabels, len(s.commonLabels)}, {wellknown.SettingAnnotations, len(s.annotations)},
		{wellknown.SettingGoTemplateOptions, len(s.goTemplateOptions)},
		{wellknown.SettingValueFiles, len(s.valueFiles)},
	} {
		if setting.count > maxEntries {
			r.Fail(setting.name, "the setting %s has %d entries, more than %d", setting.name, setting.count, maxEntries)
		}
	}
}

// listOrMap returns a list of strings, or the values of a map in the order of its keys, over which the wrapper
// chart's `range` goes as well.
func listOrMap(r *fields.Reader, key string) []string {
	m, ok := r.Any(key).(map[string]any)
	if !ok {
		return r.Texts(key)
	}
	texts := r.TextMap(key)
	list := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, texts[k])
	}
	return list
}

// join joins the parts of a path with one slash between them, without those that are empty.
func join(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part = strings.Trim(part, "/"); part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "/")
}
