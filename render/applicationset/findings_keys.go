package applicationset

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// likelyKey returns the key of a component that an unknown one was probably meant to be, or "".
func likelyKey(unknown string, known []string) string {
	if meant := problem.Likely(unknown, known); meant != "" {
		return meant
	}
	return reference.OtherNames[problem.Likely(unknown, slices.Sorted(maps.Keys(reference.OtherNames)))]
}

// checkUnknownKeys finds keys of a component that nothing reads.
func (f *findings) checkUnknownKeys(c *component) {
	f.checkParts(c.parts)
	for _, key := range c.reader.Unknown() {
		hint := "correct the name, or remove it"
		if meant := likelyKey(key, c.reader.Known()); meant != "" {
			hint = "did you mean " + meant + "?"
		} else if holder := emptyAbove(c.reader.Values()); holder != "" {
			hint = "indent it, if it is of " + holder + ", which is empty"
		}
		switch key {
		case "labels", "annotations":
			hint = fmt.Sprintf("use %sApp for the Applications, %sAppSet for the ApplicationSet", key, key)
		case "enable":
			hint = "write enabled"
		}
		f.add(f.at([]string{c.key, key}, "component %q: the key %s has no effect", c.key, key).WithHint("%s", hint).
			WithRule(problem.RuleUnknownKey))
	}
	for _, part := range [][]string{{"additionalResources"}, {"additionalResources", "helm"}} {
		path, known := append([]string{c.key}, part...), reference.Names("component", strings.Join(part, "."))
		for _, key := range fields.SortedKeys(f.values.At(path...).Map()) {
			if !slices.Contains(known, key) {
				f.add(f.at(append(slices.Clip(path), key), "component %q: the key %s.%s has no effect", c.key,
					part[len(part)-1], key).
					WithHint("%s", problem.Suggest(key, known, "correct the name, or remove it")).
					WithRule(problem.RuleUnknownKey))
			}
		}
	}
}

// emptyAbove returns the key of a component that has nothing below it, where a map is meant: what follows it may be
// indented wrongly. It returns "" if there is none.
func emptyAbove(component map[string]any) string {
	for _, key := range mapsOfComponents {
		if value, has := component[key]; has && value == nil {
			return key
		}
	}
	return ""
}

// mapsOfComponents are the keys of components that hold maps and that no setting has the name of.
var mapsOfComponents = []string{"additionalResources", "directory", "selector", "selectorMatchLabels", "valuesObject"}

// keysOfComponents are keys of components that neither a setting nor a component has the name of.
var keysOfComponents = append([]string{"chartName", "chartNamespace", "chartRepository", "defaultVersion",
	"enableAckPodIdentity", "enabled", "environments", "matrixPath", "namespace", "path", "releaseName", "type"},
	mapsOfComponents...)

// checkUnknownFields finds fields of an ApplicationSet that Argo CD does not know, and tells whether there are any.
func (f *findings) checkUnknownFields(c *component, object Object) bool {
	component, _ := f.values.Locate(c.key)
	if f.off && !f.settings.useSelectors && len(c.selector) > 0 {
		object = c.applicationSet(f.settings.selecting(), "") // its selector has fields, too
	}
	all := argocd.Unknown(argocd.ApplicationSet, object, f.argoCD)
	for _, unknown := range all {
		f.add(f.at(f.writtenAt(c, unknown.Path), "component %q: %s", c.key, unknown.Message).
			WithHint("%s", unknown.Hint()).WithRule(problem.RuleUnknownField, component))
	}
	return len(all) > 0
}
