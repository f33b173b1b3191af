package applicationset

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// settings are the top-level keys of rule settings-by-name in docs/rules/settings.md, typed.
type settings struct {
	releaseType         string
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
	group               string
	globalValuesObject  map[string]any
	podIdentity         podIdentity
	commonLabels        map[string]string
	annotations         map[string]string
	delivery            string
	generatePaths       *bool // nil: not said

	options Options
}

// podIdentity says where the chart with a component's IAM role comes from: a path of the Git repository, or a chart.
type podIdentity struct {
	path, repoURL, chart, chartVersion string
}

func readPodIdentity(r *fields.Reader) podIdentity {
	return podIdentity{path: r.Text("path"), repoURL: r.Text("repoURL"), chart: r.Text("chart"), chartVersion: r.Text("chartVersion")}
}

// readSettings reads the settings; those of the options apply where the values have none. It fails on wrong types and
// without a repository, which no component could do without.
func readSettings(values *hierarchy.Values, options Options) (*settings, error) {
	r := hierarchy.SettingsReader(values)
	merged := hierarchy.Reader(values, "") // these three also come from component files
	podIdentityReader := fields.New(r.Map("ackPodIdentity"), "ackPodIdentity", func(keys ...string) (string, int) {
		return values.Locate(slices.Concat([]string{"ackPodIdentity"}, keys)...)
	})
	s := &settings{
		releaseType:         r.TextOr("releaseType", ""),
		namespace:           r.TextOr("namespace", "argocd"),
		project:             r.TextOr("argoProjectName", "default"),
		name:                strings.TrimSuffix(cut(merged.TextOr("nameOverride", "application-sets"), maxName), "-"),
		useSelectors:        r.True("useSelectors"),
		useVersionSelectors: r.True("useVersionSelectors"),
		releases:            r.TextMap("releases"),
		globalSelectors:     r.TextMap("globalSelectors"),
		syncPolicy:          r.Map("syncPolicy"),
		syncPolicyAppSet:    r.Map("syncPolicyAppSet"),
		goTemplateOptions:   r.Texts("goTemplateOptions"),
		nestedSelectors:     r.True("applyNestedSelectors"),
		templatePatch:       r.TextOr("templatePatch", ""),
		repoURL:             r.TextOr("repoURLGit", ""),
		revision:            r.TextOr("repoURLGitRevision", ""),
		basePath:            r.TextOr("repoURLGitBasePath", ""),
		valueFiles:          listOrMap(r, "valueFiles"),
		group:               r.TextOr("applicationSetGroup", ""),
		globalValuesObject:  r.Map("globalValuesObject"),
		podIdentity:         readPodIdentity(podIdentityReader),
		commonLabels:        merged.TextMap("commonLabels"),
		annotations:         merged.TextMap("annotations"),
		delivery:            readDelivery(r, deliveryHelm),
		generatePaths:       readSwitch(r, "manifestGeneratePaths"),
		options:             options,
	}
	if r.On("useValuesFilePrefix") {
		s.valueFilesPrefix = r.TextOr("valuesFilePrefix", "")
	}
	if !r.Has("repoURLGitBasePath") {
		s.basePath = options.BasePath
	}
	if !r.Has("valueFiles") {
		s.valueFiles = options.ValueFiles
	}
	if len(s.goTemplateOptions) == 0 {
		s.goTemplateOptions = []string{"missingkey=error"}
	}
	if s.repoURL == "" {
		r.Fail("repoURLGit", "the setting repoURLGit is missing, from which the value files come; set it in the catalog's values.yaml or in a level")
	}
	for _, reader := range []*fields.Reader{r, merged, podIdentityReader} {
		if reader.Err() != nil {
			return nil, reader.Err()
		}
	}
	return s, nil
}

// listOrMap returns a list of texts, or the values of a mapping in the order of its keys, over which the wrapper
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
