package applicationset

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// maxHelmRelease is Helm's limit for release names.
const maxHelmRelease = 53

// findings collects what does not stop a render, but will fail later or silently does nothing.
type findings struct {
	values    *hierarchy.Values
	settings  *settings
	clusters  []cluster.Cluster
	labelSets []labels.Set // all labels of each of clusters
	alone     bool         // there may be others
	off       bool         // what is off is to be right, too
	argoCD    argocd.Version
	longest   string // cluster name

	labelPlace func(c cluster.Cluster, label string) (file string, line int) // nil: that is not known

	all []*problem.Problem

	everyCluster []string                // components that select every cluster
	missing      map[string]*missing     // by field that clusters lack
	fields       map[string]parsedFields // by text, since most components have the same templates
	labels       map[[2]string][]string  // why a label and its value will be refused: most have the same
	names        map[string][]string     // of the labels and annotations of all clusters
}

type parsedFields struct {
	fields [][]string
	err    error
}

// missing is a label or annotation that templates need and clusters lack.
type missing struct {
	components, clusters []string
	file                 string // that describes the first cluster
}

func newFindings(values *hierarchy.Values, s *settings, options Options) *findings {
	f := &findings{values: values, settings: s, clusters: options.Clusters, alone: options.Alone, off: options.Off,
		argoCD: options.ArgoCD, labelPlace: options.LabelPlace,
		missing: map[string]*missing{}, fields: map[string]parsedFields{}, labels: map[[2]string][]string{},
		names: map[string][]string{}}
	for _, c := range options.Clusters {
		if len(c.Name) > len(f.longest) {
			f.longest = c.Name
		}
		f.labelSets = append(f.labelSets, c.AllLabels())
	}
	return f
}

// placeOf returns a function that tells where clusters have a label.
func (f *findings) placeOf(label string) func(cluster.Cluster) (file string, line int) {
	return func(c cluster.Cluster) (string, int) {
		if f.labelPlace == nil {
			return c.File, 0
		}
		return f.labelPlace(c, label)
	}
}

func (f *findings) add(p *problem.Problem) { f.all = append(f.all, p) }

// at returns a problem at the place where a path of the values was set.
func (f *findings) at(path []string, format string, args ...any) *problem.Problem {
	file, line := f.values.Locate(path...)
	return problem.New(file, line, format, args...)
}

// withoutEffect are settings that the wrapper chart documents and nothing reads (rule settings-without-effect in
// docs/rules/settings.md).
var withoutEffect = []string{wellknown.SettingChartType, wellknown.SettingCommonAnnotations,
	wellknown.SettingFullnameOverride}

// fromComponentFiles are the settings that a component file can set (rule settings-not-from-component-files in
// docs/rules/settings.md).
var fromComponentFiles = []string{wellknown.SettingAnnotations, wellknown.SettingCommonLabels,
	wellknown.SettingFullnameOverride, wellknown.SettingNameOverride}

// checkTopLevel checks the keys of the values that are not rendered.
func (f *findings) checkTopLevel() {
	for _, key := range fields.SortedKeys(f.values.Map()) {
		value := f.values.Map()[key]
		m, isMap := value.(map[string]any)
		_, inSettings := f.values.Settings()[key]
		switch {
		case value == nil:
		case slices.Contains(withoutEffect, key):
			f.add(f.at([]string{key}, "the setting %s has no effect", key).WithHint("remove it").
				WithRule(problem.RuleNoEffect))
		case wellknown.IsSetting(key):
			if !inSettings && !slices.Contains(fromComponentFiles, key) {
				f.add(f.at([]string{key}, "the setting %s has no effect in a component file", key).
					WithHint("move it to a values file").WithRule(problem.RuleNoEffect))
			}
			if slices.Contains(switches, key) {
				f.checkSwitch(value, key)
			}
		case isMap && m["enabled"] != nil:
			f.checkSwitch(m["enabled"], key, "enabled")
		case isMap && m["enable"] != nil:
			f.add(f.at([]string{key, "enable"}, "component %q: enable has no effect", key).WithHint("write enabled").
				WithRule(problem.RuleUnknownKey))
		case isMap && nearlyEnabled(m) != "":
			f.add(f.at([]string{key, nearlyEnabled(m)},
				"component %q: the key %s has no effect, so that it is off", key, nearlyEnabled(m)).
				WithHint("write enabled").WithRule(problem.RuleUnknownKey))
		case slices.Contains(keysOfComponents, key):
			f.add(f.at([]string{key}, "%s is a key of components, and has no effect at the top", key).
				WithHint("indent it below its component").WithRule(problem.RuleUnknownKey))
		case strings.HasPrefix(key, ".") || strings.HasPrefix(key, "x-") || f.inCatalog(key):
		case isMap && f.misnamed(key) != nil:
			f.add(f.misnamed(key))
		case isMap:
			f.add(f.at([]string{key},
				"component %q has no key enabled, and no component file gives it one: it is not rendered", key).
				WithHint("%s", problem.Suggest(key, slices.Concat(Components(f.values), wellknown.Settings()),
					"add enabled: true, or correct the name; a map that only holds anchors may be called x-…")).
				WithRule(problem.RuleUnknownComponent))
		default:
			f.add(f.at([]string{key}, "there is no setting %q: it has no effect", key).
				WithHint("%s", problem.Suggest(key, wellknown.Settings(), "correct the name, or remove it")).
				WithRule(problem.RuleUnknownKey))
		}
	}
	f.checkParts(f.settings.parts)
	if len(f.clusters) > 0 && !f.alone && f.settings.useVersionSelectors {
		for _, label := range slices.Sorted(maps.Keys(f.settings.releases)) {
			value := f.settings.releases[label]
			if !slices.ContainsFunc(f.clusters, func(c cluster.Cluster) bool { return c.Labels[label] == value }) {
				f.add(f.at([]string{wellknown.SettingReleases, label},
					"an Argo CD has no cluster with the label %s=%s, so that this release deploys nothing there",
					label, value).
					WithHint("%slabel a cluster, or correct the release",
						cluster.NearlyLabelled(f.clusters, label, value, f.placeOf(label))).
					WithRule(problem.RuleSelectsNobody))
			}
		}
	}
}

// nearlyEnabled returns the key of a component that was probably meant to be enabled; "" if there is none.
func nearlyEnabled(component map[string]any) string {
	for _, key := range fields.SortedKeys(component) {
		if _, isMap := component[key].(map[string]any); !isMap && problem.Likely(key, []string{"enabled"}) != "" {
			return key
		}
	}
	return ""
}

// switches are the settings that are on if they are "true", and off whatever else they are.
var switches = []string{wellknown.SettingApplyNestedSelectors, wellknown.SettingHandover, wellknown.SettingUseSelectors,
	wellknown.SettingUseVersionSelectors}

// checkSwitch checks that a switch is off on purpose.
func (f *findings) checkSwitch(value any, path ...string) {
	if text, isText := fields.Text(value); isText && text != "true" && text != "false" && text != "" {
		f.add(f.at(path, "%s is %q, which counts as false", strings.Join(path, "."), text).
			WithHint("write true or false").WithRule(problem.RuleNotABoolean))
	}
}

func (f *findings) inCatalog(key string) bool {
	return slices.ContainsFunc(f.values.Origins(key),
		func(o hierarchy.Origin) bool { return o.Source == hierarchy.SourceCatalog })
}

// checkComponent checks a component and its ApplicationSet.
func (f *findings) checkComponent(c *component, object Object) {
	f.checkKeys(c)
	f.checkNames(c, object)
	f.checkMetadata(c)
	spec, _ := object["spec"].(Object)
	selector := c.clusterSelector(f.settings)
	matchLabels, _ := selector["matchLabels"].(Object)
	onPurpose := c.reader.Has("selectorMatchLabels") // which is {} then
	if len(selector) == 1 && len(matchLabels) == 1 && !onPurpose {
		f.everyCluster = append(f.everyCluster, c.key)
	}
	f.checkLabels(c, "matchLabels", matchLabels)
	f.checkTemplates(c, spec, selector)
	if name, ok := strings.CutPrefix(c.chartRepository, "oci://"); ok && !c.plugin {
		f.add(f.at([]string{c.key, "chartRepository"},
			"component %q: with oci://, Argo CD looks for no chart in chartRepository, and fails", c.key).
			WithHint("write %s", name).WithRule(problem.RuleURL))
	}
	if !f.checkUnknownFields(c, object) && f.off && !f.settings.useSelectors {
		f.checkIdleSelector(c)
	}
	if f.off && !f.selectsSomeone(selector) {
		f.checkFieldsOfClusters(c, object)
	}
}

func (f *findings) checkKeys(c *component) {
	f.checkUnknownKeys(c)
	if c.gitMatrix && c.reader.Has("environments") {
		f.add(f.at([]string{c.key, "environments"}, "component %q: environments has no effect together with gitMatrix",
			c.key).WithHint("remove one of them").WithRule(problem.RuleNoEffect))
	}
	if c.namespace == "" {
		f.add(f.at([]string{c.key}, "component %q has no namespace", c.key).WithHint("set namespace").
			WithRule(problem.RuleIncompleteComponent))
	}
	switch {
	case len(c.directory) == 0:
	case c.path == "":
		f.add(f.at([]string{c.key, "directory"}, "component %q: directory has no effect without path", c.key).
			WithHint("set path, or remove it").WithRule(problem.RuleNoEffect))
	case !c.manifest:
		f.add(f.at([]string{c.key, "directory"},
			"component %q: its source has directory and Helm values, which Argo CD refuses", c.key).
			WithHint("set type: manifest").WithRule(problem.RuleConflicts))
	}
	switch a := c.additional; {
	case a == nil:
	case a.path == "" && a.chart == "":
		f.add(f.at([]string{c.key, "additionalResources"},
			"component %q: additionalResources has neither path nor chart, and no effect", c.key).
			WithHint("set one of them").WithRule(problem.RuleNoEffect))
	case a.chart != "" && a.repoURL == "":
		f.add(f.at([]string{c.key, "additionalResources"},
			"component %q: additionalResources has a chart, but no repoURL", c.key).WithHint("set repoURL").
			WithRule(problem.RuleIncompleteComponent))
	case a.helm && a.releaseName == "":
		f.add(f.at([]string{c.key, "additionalResources", "helm"},
			"component %q: additionalResources.helm has no releaseName", c.key).WithHint("set releaseName").
			WithRule(problem.RuleIncompleteComponent))
	}
}

// checkParts checks the keys of maps in a component, or in the settings, of which all keys are known.
func (f *findings) checkParts(parts []*fields.Reader) {
	for _, r := range parts {
		for _, key := range r.Unknown() {
			hint := "the keys are " + strings.Join(r.Known(), ", ")
			if meant := problem.Likely(key, r.Known()); meant != "" {
				hint = "did you mean " + meant + "?"
			}
			f.add(r.Problem(key, "the key %s has no effect", key).WithHint("%s", hint).
				WithRule(problem.RuleUnknownKey))
		}
	}
}

// checkNames checks what Kubernetes, Argo CD and Helm accept as a name, for the longest cluster name of the fleet.
func (f *findings) checkNames(c *component, object Object) {
	metadata, _ := object["metadata"].(Object)
	name, _ := metadata["name"].(string)
	f.checkName(c, "ApplicationSet name", name, maxName)
	on := or(f.longest, "c")
	versions := map[string]bool{c.version: true}
	for _, e := range c.environments {
		versions[e.version] = true
	}
	delete(versions, "")
	if c.nameTemplate != "" && len(versions) == 0 {
		versions[""] = true
	}
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		f.checkName(c, "Application name", c.nameOn(on, version, f.settings.releaseType), maxName)
	}
	f.checkOneNameForClusters(c)
	var releases []string
	if !c.manifest {
		releases = append(releases, strings.ReplaceAll(c.releaseName, "{{ .values.addonChart }}", c.chartName))
	}
	if c.usePodIdentity {
		releases = append(releases, on+"-"+c.chartName)
	}
	if c.additional != nil && c.additional.helm && c.additional.releaseName != "" {
		releases = append(releases, on+"-"+c.additional.releaseName)
	}
	if reasons := validation.IsDNS1123Label(c.namespace); len(reasons) > 0 && c.namespace != "" &&
		!strings.Contains(c.namespace, "{{") {
		f.add(f.at([]string{c.key, "namespace"}, "component %q: the namespace %q will be refused: %s", c.key,
			c.namespace, reasons[0]).WithHint("correct it").WithRule(problem.RuleInvalidName))
	}
	for _, release := range releases {
		f.checkName(c, "Helm release name", release, maxHelmRelease)
	}
}

func (f *findings) checkName(c *component, what, name string, limit int) {
	if strings.Contains(name, "{{") {
		return
	}
	var reason string
	switch {
	case len(name) > limit:
		reason = fmt.Sprintf("it has %d characters, more than %d", len(name), limit)
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		reason = "it has others than lower-case letters, digits, - and ., or does not start and end with a letter or " +
			"digit"
	default:
		return
	}
	f.add(f.at([]string{c.key}, "component %q: the %s %q will be refused: %s", c.key, what, name, reason).
		WithHint("rename the component, or shorten what the name is made of").WithRule(problem.RuleInvalidName))
}

func (f *findings) checkLabels(c *component, what string, set Object) {
	for _, key := range fields.SortedKeys(set) {
		value, _ := set[key].(string)
		reasons, known := f.labels[[2]string{key, value}]
		if !known {
			reasons = validation.IsQualifiedName(key)
			if !strings.Contains(value, "{{") {
				reasons = append(reasons, validation.IsValidLabelValue(value)...)
			}
			f.labels[[2]string{key, value}] = reasons
		}
		if len(reasons) > 0 {
			f.add(f.at([]string{c.key}, "component %q: the label %s=%q in %s will be refused: %s", c.key, key, value,
				what, reasons[0]).WithHint("correct it").WithRule(problem.RuleInvalidName))
		}
	}
}
