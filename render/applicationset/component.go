package applicationset

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// component is one enabled entry of the values: an addon, with the keys of rule component-keys in
// docs/rules/components.md, typed.
type component struct {
	key  string // as in the values
	name string // as in the names of objects

	chartName       string // or the component's name
	chartNamespace  string
	chartRepository string
	version         string
	namespace       string
	releaseName     string
	path            string
	directory       map[string]any // which files of the path are manifests
	manifest        bool           // plain manifests: no Helm values

	selector            map[string]any
	selectorLabels      map[string]string // the selector's own matchLabels
	selectorMatchLabels map[string]string
	environments        []environment
	gitMatrix           bool
	matrixPath          string
	resourceGroup       bool

	valuesObject    map[string]any
	valuesFileName  string
	plugin          bool // delivery: plugin
	generatePathsOn bool
	usePodIdentity  bool
	podIdentity     podIdentity
	additional      *additionalResources
	appSetName      string
	nameTemplate    string // applicationName, of the component or the settings
	nestedSelectors bool
	templatePatch   string

	syncPolicy, syncPolicyAppSet, preservedFields, strategy map[string]any
	ignoreDifferences, ignoreApplicationDifferences         []any
	goTemplateOptions                                       []string

	labelsAppSet, annotationsAppSet, labelsApp, annotationsApp map[string]string

	reader *fields.Reader   // for findings
	parts  []*fields.Reader // the same, of maps in the component of which all keys are known
}

// environment is an entry of a component's environments: a version for the clusters with these labels.
type environment struct {
	selector map[string]string
	version  string
}

// additionalResources are a further source of a component (rule additional-resources in docs/rules/applications.md).
type additionalResources struct {
	path, kind, manifestPath     string
	chart, repoURL, chartVersion string

	helm         bool
	releaseName  string
	valuesObject map[string]any
}

// The limits of names: that of Kubernetes for labels, and the chart's for the component's part of Application names.
const (
	maxName                = 63
	maxApplicationNamePart = 20
)

// normalize returns a component's name for the names of objects (rule component-names in docs/rules/components.md).
func normalize(key string) string {
	name := strings.ReplaceAll(key, "_", "-")
	return strings.TrimSuffix(cut(name, maxName), "-")
}

// cut cuts text to a number of bytes, as sprig's trunc does.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// enabled tells whether a top-level entry of the values is a component to render (rule enabled-is-true in
// docs/rules/components.md). It fails if the key enabled is neither a boolean nor a string.
func enabled(values *hierarchy.Values, key string) (bool, error) {
	m, ok := values.Map()[key].(map[string]any)
	if !ok || wellknown.IsSetting(key) {
		return false, nil
	}
	if on, ok := m["enabled"].(bool); ok {
		return on, nil
	}
	r := hierarchy.Reader(values, componentTitle(key), key)
	return r.True("enabled"), r.Err()
}

func componentTitle(key string) string { return `component "` + key + `"` }

func readComponent(values *hierarchy.Values, key string, s *settings) (*component, error) {
	r := hierarchy.Reader(values, componentTitle(key), key)
	name := normalize(key)
	c := &component{
		key: key, name: name, reader: r,
		chartName:                    r.TextOr("chartName", name),
		chartNamespace:               r.TextOr("chartNamespace", ""),
		chartRepository:              r.TextOr("chartRepository", ""),
		version:                      r.TextOr("defaultVersion", ""),
		namespace:                    r.TextOr("namespace", ""),
		releaseName:                  r.TextOr("releaseName", "{{ .values.addonChart }}"),
		path:                         r.TextOr("path", ""),
		directory:                    r.Map("directory"),
		manifest:                     r.Text("type") == "manifest",
		selector:                     r.Map("selector"),
		selectorMatchLabels:          r.TextMap("selectorMatchLabels"),
		gitMatrix:                    r.On("gitMatrix"),
		matrixPath:                   r.TextOr("matrixPath", ""),
		resourceGroup:                r.On("resourceGroup"),
		valuesObject:                 r.Map("valuesObject"),
		valuesFileName:               readValuesFileName(r, s.valuesFileName),
		plugin:                       readDelivery(r, s.delivery) == deliveryPlugin,
		usePodIdentity:               r.True("enableAckPodIdentity"),
		appSetName:                   r.TextOr("appSetName", ""),
		nestedSelectors:              s.nestedSelectors,
		templatePatch:                r.TextOr(wellknown.SettingTemplatePatch, s.templatePatch),
		syncPolicy:                   orElse(r.Map(wellknown.SettingSyncPolicy), s.syncPolicy),
		syncPolicyAppSet:             orElse(r.Map(wellknown.SettingSyncPolicyAppSet), s.syncPolicyAppSet),
		preservedFields:              r.Map("preservedFields"),
		strategy:                     r.Map("strategy"),
		ignoreDifferences:            r.List("ignoreDifferences"),
		ignoreApplicationDifferences: r.List("ignoreApplicationDifferences"),
		goTemplateOptions:            r.Texts(wellknown.SettingGoTemplateOptions),
		labelsAppSet:                 r.TextMap("labelsAppSet"),
		annotationsAppSet:            r.TextMap("annotationsAppSet"),
		labelsApp:                    r.TextMap("labelsApp"),
		annotationsApp:               r.TextMap("annotationsApp"),
	}
	c.readName(s)
	c.readSwitches(s)
	c.readSelector(values)
	c.readEnvironments(values)
	c.readPodIdentity(values, s)
	c.readAdditional(values)
	if !utf8.ValidString(c.name) || !utf8.ValidString(cut(c.name, maxApplicationNamePart)) {
		r.Fail("", "the name is cut in the middle of a character to fit")
	}
	if s.repoURL == "" && c.needsRepository(s) {
		r.FailWith(s.failWithoutRepository())
	}
	if c.gitMatrix && c.matrixPath == "" {
		r.Fail("gitMatrix", "gitMatrix needs matrixPath, the path of the files in the repository")
	}
	return c, r.Err()
}

// needsRepository tells whether something of the component is in the Git repository of the settings. Only a chart
// without value files is not.
func (c *component) needsRepository(s *settings) bool {
	return len(s.valueFiles) > 0 || c.path != "" || c.plugin || c.gitMatrix ||
		c.usePodIdentity && c.podIdentity.path != "" || c.additional != nil && c.additional.path != ""
}

// readSwitches reads what takes the place of a setting, where the component says it.
func (c *component) readSwitches(s *settings) {
	r := c.reader
	if t := r.Any("type"); t != nil {
		if _, ok := t.(string); !ok {
			r.Fail("type", "type must be a string, not %s", fields.TypeName(t))
		}
	}
	if r.Has(wellknown.SettingApplyNestedSelectors) {
		c.nestedSelectors = r.True(wellknown.SettingApplyNestedSelectors)
	}
	if len(c.goTemplateOptions) == 0 {
		c.goTemplateOptions = s.goTemplateOptions
	}
	r.True("enabled")
	c.generatePathsOn = c.plugin
	for _, said := range []*bool{s.generatePaths, readSwitch(r, wellknown.SettingManifestGeneratePaths)} {
		if said != nil {
			c.generatePathsOn = *said
		}
	}
}

func orElse(m, otherwise map[string]any) map[string]any {
	if len(m) > 0 {
		return m
	}
	return otherwise
}

func (c *component) readSelector(values *hierarchy.Values) {
	r := hierarchy.Reader(values, c.title()+": selector", c.key, "selector")
	c.selectorLabels = r.TextMap("matchLabels")
	c.reader.FailWith(r.Err())
}

func (c *component) readEnvironments(values *hierarchy.Values) {
	r := c.reader
	entries, isMap := r.Any("environments").(map[string]any)
	list := []any{}
	if isMap {
		for _, key := range fields.SortedKeys(entries) {
			list = append(list, entries[key])
		}
	} else {
		list = r.List("environments")
	}
	if c.gitMatrix {
		return // which has no use for them
	}
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			r.Fail("environments", "environments[%d] must be a map with selector and chartVersion, not %s", i,
				fields.TypeName(item))
			return
		}
		entry := fields.New(m, c.title()+": environments",
			func(keys ...string) (string, int) {
				at := []string{c.key, "environments", strconv.Itoa(i)}
				if isMap {
					at[2] = slices.Sorted(maps.Keys(entries))[i]
				}
				return values.Locate(append(at, keys...)...)
			})
		e := environment{selector: entry.TextMap("selector"), version: entry.TextOr("chartVersion", c.version)}
		if len(e.selector) == 0 {
			entry.Fail("selector", "entry %d has no selector, and so would match every cluster", i+1)
		}
		if entry.Err() != nil {
			r.FailWith(entry.Err())
			return
		}
		c.parts = append(c.parts, entry)
		c.environments = append(c.environments, e)
	}
}

// readPodIdentity lays the component's own source of the pod identity chart over that of the settings, for this
// component only (rule pod-identity-source in docs/rules/applications.md). Without any, it is a path of the Git
// repository.
func (c *component) readPodIdentity(values *hierarchy.Values, s *settings) {
	var own podIdentity
	if c.reader.Map(wellknown.SettingAckPodIdentity) != nil {
		r := hierarchy.Reader(values, c.title()+": ackPodIdentity", c.key, wellknown.SettingAckPodIdentity)
		own = readPodIdentity(r)
		c.parts = append(c.parts, r)
		c.reader.FailWith(r.Err())
	}
	p := s.podIdentity
	switch {
	case own.path != "":
		p.path = own.path
	case own.repoURL != "" || own.chart != "":
		p.path = ""
	}
	p.repoURL = or(own.repoURL, p.repoURL)
	p.chart = or(own.chart, p.chart)
	p.chartVersion = or(own.chartVersion, p.chartVersion)
	if p.path == "" && p.repoURL == "" {
		p.path = "charts/pod-identity"
	}
	c.podIdentity = p
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func (c *component) readAdditional(values *hierarchy.Values) {
	m := c.reader.Map("additionalResources")
	if len(m) == 0 {
		return
	}
	r := hierarchy.Reader(values, c.title()+": additionalResources", c.key, "additionalResources")
	a := &additionalResources{
		path: r.TextOr("path", ""), kind: r.TextOr("type", ""), manifestPath: r.TextOr("manifestPath", ""),
		chart: r.TextOr("chart", ""), repoURL: r.TextOr("repoURL", ""), chartVersion: r.TextOr("chartVersion", ""),
	}
	if len(r.Map("helm")) > 0 {
		helm := hierarchy.Reader(values, c.title()+": additionalResources.helm", c.key, "additionalResources", "helm")
		a.helm, a.releaseName, a.valuesObject = true, helm.TextOr("releaseName", ""), helm.Map("valuesObject")
		r.FailWith(helm.Err())
	}
	c.reader.FailWith(r.Err())
	c.additional = a
}

func (c *component) title() string { return componentTitle(c.key) }

// ValueFiles says where a component's Helm value files are, below a level's directory: GROUP/CHART/FILE.
type ValueFiles struct {
	Group, Chart, File string
	// Win says that they count more than valuesObject: the plugin delivers the component.
	Win bool
}

// ValueFilesOf returns where the value files of a component are, whether it is enabled or not. It fails if there is no
// such component.
func ValueFilesOf(values *hierarchy.Values, key string) (ValueFiles, error) {
	if err := checkComponent(values, key); err != nil {
		return ValueFiles{}, err
	}
	r := hierarchy.Reader(values, componentTitle(key), key)
	s := hierarchy.SettingsReader(values)
	files := ValueFiles{Group: s.Text(wellknown.SettingApplicationSetGroup),
		Chart: r.TextOr("chartName", normalize(key)),
		File:  readValuesFileName(r, readValuesFileName(s, defaultValuesFileName))}
	files.Win = readDelivery(r, readDelivery(s, deliveryHelm)) == deliveryPlugin
	r.Map("valuesObject")
	s.Map(wellknown.SettingGlobalValuesObject)
	r.FailWith(s.Err())
	return files, r.Err()
}
