package applicationset

import (
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// checkOff finds what is wrong with a component that is off: it is to be right when it is on. What it lacks may be
// lacking because it is off.
func (f *findings) checkOff(key string, s *settings, releaseName string) {
	m, isMap := f.values.Map()[key].(map[string]any)
	if !isMap || wellknown.IsSetting(key) || m["enabled"] == nil && !f.isDescribed(key, m) {
		return // checkTopLevel says what is wrong with what is no component
	}
	c, err := readComponent(f.values, key, s)
	if m["enabled"] == nil {
		c.reader.Has(nearlyEnabled(m)) // which checkTopLevel has found
	}
	f.checkUnknownKeys(c)
	var p *problem.Problem
	switch {
	case errors.Is(err, fields.ErrType) && errors.As(err, &p):
		of := *p
		of.Rule = problem.RuleUnknownField
		f.add(of.WithHint("correct it before the component is switched on"))
	case err == nil:
		object := c.applicationSet(s, releaseName)
		if !f.checkUnknownFields(c, object) {
			f.checkIdleSelector(c)
		}
		f.visitTemplates(c, object, func(string, parsedFields) {})
		f.checkFieldsOfClusters(c, object)
	}
}

// isDescribed tells whether a map of a component file is a component, though nothing switches it on or off.
func (f *findings) isDescribed(key string, m map[string]any) bool {
	return !strings.HasPrefix(key, ".") && !strings.HasPrefix(key, "x-") && f.inCatalog(key) &&
		(m["chartRepository"] != nil || m["path"] != nil)
}

// selecting returns the settings with the selectors of components.
func (s *settings) selecting() *settings {
	with := *s
	with.useSelectors = true
	return &with
}

// checkIdleSelector finds what Kubernetes would refuse of a selector that nothing uses for now.
func (f *findings) checkIdleSelector(c *component) {
	_, err := toSelector(c.clusterSelector(f.settings.selecting()))
	if err == nil || len(c.selector) == 0 {
		return
	}
	at := append([]string{c.key, "selector", "matchExpressions"}, c.wrongOperator()...)
	f.add(f.at(f.longestPath(at...), "component %q: the selector would be refused: %w", c.key, err).
		WithHint("correct it").WithRule(problem.RuleUnknownField))
}

// rootsOfClusters are what Argo CD's cluster generator gives to templates.
var rootsOfClusters = []string{"metadata", "name", "nameNormalized", "project", "server", "values"}

// metadataOfClusters is what clusters have in their metadata.
var metadataOfClusters = []string{"annotations", "labels"}

// checkFieldsOfClusters finds fields in templates that are nearly those of a cluster, where no render tells: nobody
// gets the component.
func (f *findings) checkFieldsOfClusters(c *component, object Object) {
	spec, _ := object["spec"].(Object)
	f.visitTexts(Object{"template": spec["template"], "templatePatch": spec["templatePatch"]}, func(text string) {
		for _, field := range f.parsed(text).fields {
			wrong, near := f.nearField(field)
			if near == "" || c.gitMatrix { // whose files can give any field
				continue
			}
			p := f.at([]string{c.key}, "component %q: no cluster has .%s", c.key, wrong).
				WithHint("did you mean .%s?", near).WithRule(problem.RuleTemplate)
			needs := func(value string) bool { return f.needs(value, strings.Join(field, ".")) }
			move(p)(locate(f.values, c.key, needs))
			f.add(p)
		}
	})
}

// selectsSomeone tells whether some cluster is selected.
func (f *findings) selectsSomeone(selector Object) bool {
	selects, err := toSelector(selector)
	return err == nil && slices.ContainsFunc(f.labelSets,
		func(of labels.Set) bool { return selects.Matches(of) })
}

// nearField returns the part of a field that no cluster has, and the one that was probably meant; "" if there is none.
func (f *findings) nearField(field []string) (wrong, near string) {
	if near := problem.LikelySlip(field[0], rootsOfClusters); near != "" {
		return field[0], near
	}
	if len(field) < 2 || field[0] != "metadata" {
		return "", ""
	}
	if !slices.Contains(metadataOfClusters, field[1]) {
		wrong, near = "metadata."+field[1], problem.Likely(field[1], metadataOfClusters)
	} else if len(field) == 3 {
		names := f.namesOfClusters(field[1])
		if !slices.Contains(names, field[2]) {
			wrong, near = strings.Join(field, "."), problem.LikelySlip(field[2], names)
			if near == field[2]+"s" || field[2] == near+"s" {
				near = "" // which may come later
			}
		}
	}
	if near == "" {
		return "", ""
	}
	return wrong, wrong[:strings.LastIndexByte(wrong, '.')+1] + near
}

// namesOfClusters returns the labels or annotations that some cluster has, sorted.
func (f *findings) namesOfClusters(what string) []string {
	names, known := f.names[what]
	if !known {
		for _, c := range f.clusters {
			of := c.Labels
			if what == "annotations" {
				of = c.Annotations
			}
			for name := range of {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		f.names[what] = names
	}
	return names
}
