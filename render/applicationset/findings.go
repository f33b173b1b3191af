package applicationset

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// maxHelmRelease is Helm's limit for release names.
const maxHelmRelease = 53

// findings collects what does not stop a render, but will fail later or silently does nothing.
type findings struct {
	values   *hierarchy.Values
	settings *settings
	clusters []cluster.Cluster
	alone    bool // there may be others
	argoCD   argocd.Version
	longest  string // cluster name
	all      []*problem.Problem

	everyCluster []string                // components that select every cluster
	missing      map[string]*missing     // by field that clusters lack
	fields       map[string]parsedFields // by text, since most components have the same templates
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
	f := &findings{values: values, settings: s, clusters: options.Clusters, alone: options.Alone,
		argoCD:  options.ArgoCD,
		missing: map[string]*missing{}, fields: map[string]parsedFields{}}
	for _, c := range options.Clusters {
		if len(c.Name) > len(f.longest) {
			f.longest = c.Name
		}
	}
	return f
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
	for _, key := range sortedKeys(f.values.Map()) {
		value := f.values.Map()[key]
		m, isMap := value.(map[string]any)
		_, inSettings := f.values.Settings()[key]
		switch {
		case value == nil:
		case slices.Contains(withoutEffect, key):
			f.add(f.at([]string{key}, "the setting %s has no effect", key).WithHint("remove it"))
		case wellknown.IsSetting(key):
			if !inSettings && !slices.Contains(fromComponentFiles, key) {
				f.add(f.at([]string{key}, "the setting %s has no effect in a component file", key).
					WithHint("move it to a values file"))
			}
			if slices.Contains(switches, key) {
				f.checkSwitch(value, key)
			}
		case isMap && m["enabled"] != nil:
			f.checkSwitch(m["enabled"], key, "enabled")
		case isMap && m["enable"] != nil:
			f.add(f.at([]string{key, "enable"}, "component %q: enable has no effect", key).WithHint("write enabled"))
		case strings.HasPrefix(key, ".") || strings.HasPrefix(key, "x-") || f.inCatalog(key):
		case isMap:
			f.add(f.at([]string{key},
				"component %q has no key enabled, and no component file gives it one: it is not rendered", key).
				WithHint("add enabled: true, or correct the name; a map that only holds anchors may be called x-…"))
		default:
			f.add(f.at([]string{key}, "there is no setting %q: it has no effect", key).
				WithHint("correct the name, or remove it"))
		}
	}
	if len(f.clusters) > 0 && !f.alone && f.settings.useVersionSelectors {
		for _, label := range slices.Sorted(maps.Keys(f.settings.releases)) {
			value := f.settings.releases[label]
			if !slices.ContainsFunc(f.clusters, func(c cluster.Cluster) bool { return c.Labels[label] == value }) {
				f.add(f.at([]string{wellknown.SettingReleases, label},
					"no cluster of the fleet has the label %s=%s, so that nothing is deployed", label, value).
					WithHint("label a cluster, or correct the release"))
			}
		}
	}
}

// switches are the settings that are on if they are "true", and off whatever else they are.
var switches = []string{wellknown.SettingApplyNestedSelectors, wellknown.SettingHandover, wellknown.SettingUseSelectors,
	wellknown.SettingUseVersionSelectors}

// checkSwitch checks that a switch is off on purpose.
func (f *findings) checkSwitch(value any, path ...string) {
	if text, isText := fields.Text(value); isText && text != "true" && text != "false" && text != "" {
		f.add(f.at(path, "%s is %q, which counts as false", strings.Join(path, "."), text).
			WithHint("write true or false"))
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
	spec, _ := object["spec"].(Object)
	selector := c.clusterSelector(f.settings)
	matchLabels, _ := selector["matchLabels"].(Object)
	if len(selector) == 1 && len(matchLabels) == 1 {
		f.everyCluster = append(f.everyCluster, c.key)
	}
	f.checkLabels(c, "matchLabels", matchLabels)
	f.checkTemplates(c, spec, selector)
	if name, ok := strings.CutPrefix(c.chartRepository, "oci://"); ok && !c.plugin {
		f.add(f.at([]string{c.key, "chartRepository"},
			"component %q: with oci://, Argo CD looks for no chart in chartRepository, and fails", c.key).
			WithHint("write %s", name))
	}
	for _, unknown := range argocd.Unknown(argocd.ApplicationSet, object, f.argoCD) {
		f.add(f.at([]string{c.key}, "component %q: %s", c.key, unknown.Message).WithHint("%s", unknown.Hint()))
	}
}

func (f *findings) checkKeys(c *component) {
	for _, key := range c.reader.Unknown() {
		hint := "correct the name, or remove it"
		switch key {
		case "labels", "annotations":
			hint = fmt.Sprintf("use %sApp for the Applications, %sAppSet for the ApplicationSet", key, key)
		case "enable":
			hint = "write enabled"
		}
		f.add(f.at([]string{c.key, key}, "component %q: the key %s has no effect", c.key, key).WithHint("%s", hint))
	}
	if c.gitMatrix && c.reader.Has("environments") {
		f.add(f.at([]string{c.key, "environments"}, "component %q: environments has no effect together with gitMatrix",
			c.key).WithHint("remove one of them"))
	}
	if c.namespace == "" {
		f.add(f.at([]string{c.key}, "component %q has no namespace", c.key).WithHint("set namespace"))
	}
	switch a := c.additional; {
	case a == nil:
	case a.path == "" && a.chart == "":
		f.add(f.at([]string{c.key, "additionalResources"},
			"component %q: additionalResources has neither path nor chart, and no effect", c.key).
			WithHint("set one of them"))
	case a.chart != "" && a.repoURL == "":
		f.add(f.at([]string{c.key, "additionalResources"},
			"component %q: additionalResources has a chart, but no repoURL", c.key).WithHint("set repoURL"))
	case a.helm && a.releaseName == "":
		f.add(f.at([]string{c.key, "additionalResources", "helm"},
			"component %q: additionalResources.helm has no releaseName", c.key).WithHint("set releaseName"))
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
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		application := strings.NewReplacer("{{ .name | trunc 30 }}", cut(on, 30), "{{ .values.addonChartVersion }}",
			version).
			Replace(c.applicationName(f.settings.releaseType))
		f.checkName(c, "Application name", application, maxName)
	}
	if c.appSetName != "" && !strings.Contains(c.appSetName, "{{") && len(f.clusters) > 1 {
		f.add(f.at([]string{c.key, "appSetName"},
			"component %q: appSetName does not contain the cluster, so that the Applications of all clusters have "+
				"one name", c.key).
			WithHint("add {{.name}}, or select one cluster only"))
	}
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
		WithHint("rename the component, or shorten what the name is made of"))
}

func (f *findings) checkLabels(c *component, what string, set Object) {
	for _, key := range sortedKeys(set) {
		value, _ := set[key].(string)
		reasons := validation.IsQualifiedName(key)
		if !strings.Contains(value, "{{") {
			reasons = append(reasons, validation.IsValidLabelValue(value)...)
		}
		if len(reasons) > 0 {
			f.add(f.at([]string{c.key}, "component %q: the label %s=%q in %s will be refused: %s", c.key, key, value,
				what, reasons[0]).WithHint("correct it"))
		}
	}
}

// checkTemplates checks that what the templates need is there: the generator's values, and the labels and annotations
// of the clusters that the ApplicationSet selects.
func (f *findings) checkTemplates(c *component, spec, selector Object) {
	needed := map[string][]string{}
	f.visitTexts(Object{"template": spec["template"], "templatePatch": spec["templatePatch"]}, func(text string) {
		parsed, known := f.fields[text]
		if !known {
			parsed.fields, parsed.err = gotemplate.Fields(text)
			f.fields[text] = parsed
		}
		if parsed.err != nil {
			f.add(f.at([]string{c.key}, "component %q: %w", c.key, parsed.err).WithHint("correct the template"))
		}
		for _, field := range parsed.fields {
			needed[strings.Join(field, ".")] = field
		}
	})
	values := c.generatorValues()
	var absent []string
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		field := needed[name]
		if len(field) == 2 && field[0] == "values" && values[field[1]] == "" {
			absent = append(absent, field[1])
		}
	}
	if len(absent) > 0 {
		f.add(f.at([]string{c.key}, "component %q: the template needs .values.%s, which the generator does not set",
			c.key, strings.Join(absent, ", .values.")).
			WithHint("set defaultVersion, and chartRepository or path"))
	}
	if len(f.clusters) == 0 {
		return
	}
	selects, err := toSelector(selector)
	if err != nil {
		f.add(f.at([]string{c.key}, "component %q: the selector will be refused: %w", c.key, err).
			WithHint("correct it"))
		return
	}
	for _, on := range f.clusters {
		if !selects.Matches(on.AllLabels()) {
			continue
		}
		for name, field := range needed {
			if len(field) != 3 || field[0] != "metadata" {
				continue
			}
			have := on.Labels
			if field[1] == "annotations" {
				have = on.Annotations
			}
			if _, ok := have[field[2]]; !ok {
				f.addMissing(name, c.key, on)
			}
		}
	}
}

func (f *findings) addMissing(field, component string, c cluster.Cluster) {
	m := f.missing[field]
	if m == nil {
		m = &missing{file: c.File}
		f.missing[field] = m
	}
	if !slices.Contains(m.components, component) {
		m.components = append(m.components, component)
	}
	if !slices.Contains(m.clusters, c.Name) {
		m.clusters = append(m.clusters, c.Name)
	}
}

// finish adds the findings that concern several components, once each.
func (f *findings) finish() []*problem.Problem {
	if len(f.everyCluster) > 0 {
		f.add(f.at([]string{f.everyCluster[0]}, "%s every cluster", subject("component", f.everyCluster, "select")).
			WithHint("set globalSelectors or selectorMatchLabels, or a selector with useSelectors: true"))
	}
	for _, field := range slices.Sorted(maps.Keys(f.missing)) {
		m := f.missing[field]
		slices.Sort(m.clusters)
		f.add(f.at([]string{m.components[0]}, "%s .%s, which %s: Argo CD will make no Application",
			subject("component", m.components, "need"), field, subject("cluster", m.clusters, "lack")).
			WithHint("add it to the cluster, for example in %s, or make it optional with index and default",
				or(m.file, "its Secret")))
	}
	return f.all
}

// subject lists the first few names, as the subject of a verb.
func subject(what string, names []string, verb string) string {
	const few = 5
	switch n := len(names); {
	case n == 1:
		return fmt.Sprintf("%s %s %ss", what, names[0], verb)
	case n > few:
		return fmt.Sprintf("%ss %s and %d more %s", what, strings.Join(names[:few], ", "), n-few, verb)
	}
	return fmt.Sprintf("%ss %s %s", what, strings.Join(names, ", "), verb)
}

// visitTexts calls visit for each text in a value.
func (f *findings) visitTexts(value any, visit func(string)) {
	switch value := value.(type) {
	case string:
		if strings.Contains(value, "{{") {
			visit(value)
		}
	case map[string]any:
		for _, key := range sortedKeys(value) {
			f.visitTexts(value[key], visit)
		}
	case []any:
		for _, item := range value {
			f.visitTexts(item, visit)
		}
	}
}

// toSelector returns a label selector in its Kubernetes form. It fails where Kubernetes would refuse it.
func toSelector(selector Object) (labels.Selector, error) {
	out := labels.NewSelector()
	add := func(key string, operator selection.Operator, values []string) error {
		requirement, err := labels.NewRequirement(key, operator, values)
		if err != nil {
			return err
		}
		out = out.Add(*requirement)
		return nil
	}
	matchLabels, _ := selector["matchLabels"].(Object)
	for _, key := range sortedKeys(matchLabels) {
		value, _ := matchLabels[key].(string)
		if err := add(key, selection.Equals, []string{value}); err != nil {
			return nil, err
		}
	}
	expressions, _ := selector["matchExpressions"].([]any)
	operators := map[any]selection.Operator{"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists,
		"DoesNotExist": selection.DoesNotExist}
	for _, item := range expressions {
		expression, _ := item.(Object)
		operator, ok := operators[expression["operator"]]
		if !ok {
			return nil, fmt.Errorf("%v is no operator of a selector: In, NotIn, Exists, DoesNotExist",
				expression["operator"])
		}
		key, _ := expression["key"].(string)
		list, _ := expression["values"].([]any)
		values := make([]string, len(list))
		for i, value := range list {
			if values[i], ok = value.(string); !ok {
				return nil, fmt.Errorf("%v is no text in the values of %s", value, key)
			}
		}
		if err := add(key, operator, values); err != nil {
			return nil, err
		}
	}
	return out, nil
}
