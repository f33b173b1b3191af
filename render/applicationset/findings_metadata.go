package applicationset

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// onlyInApplications is why a template is no value of a label of an ApplicationSet.
const onlyInApplications = "templates are evaluated in Applications, and not in the ApplicationSet itself"

// checkSharedMetadata checks what settings say of the metadata and the project of all components.
func (f *findings) checkSharedMetadata() {
	if reasons := validation.IsDNS1123Label(f.settings.namespace); len(reasons) > 0 {
		f.add(f.at([]string{wellknown.SettingNamespace}, "the namespace %q of the ApplicationSets will be refused: %s",
			f.settings.namespace, reasons[0]).WithHint("correct it").WithRule(problem.RuleInvalidName))
	}
	project := f.settings.project
	if reasons := validation.IsDNS1123Subdomain(project); len(reasons) > 0 && !strings.Contains(project, "{{") {
		f.add(f.at([]string{wellknown.SettingArgoProjectName}, "no AppProject can have the name %q: %s", project,
			reasons[0]).WithHint("correct it").WithRule(problem.RuleInvalidName))
	}
	f.checkLabelMap(f.settings.commonLabels, true, wellknown.SettingCommonLabels)
	f.checkAnnotationMap(f.settings.annotations, true, wellknown.SettingAnnotations)
}

// checkMetadata checks what a component says of the metadata of its ApplicationSet and its Applications.
func (f *findings) checkMetadata(c *component) {
	f.checkLabelMap(c.labelsAppSet, true, c.key, "labelsAppSet")
	f.checkLabelMap(c.labelsApp, false, c.key, "labelsApp")
	f.checkAnnotationMap(c.annotationsAppSet, true, c.key, "annotationsAppSet")
	f.checkAnnotationMap(c.annotationsApp, false, c.key, "annotationsApp")
}

// checkLabelMap checks the labels at a path of the values; fixed are those of an ApplicationSet, where templates stay.
func (f *findings) checkLabelMap(labels map[string]string, fixed bool, path ...string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value, hint := labels[key], "correct it"
		var reasons []string
		if fixed || !strings.Contains(key, "{{") {
			reasons = validation.IsQualifiedName(key)
		}
		switch {
		case !strings.Contains(value, "{{"):
			reasons = append(reasons, validation.IsValidLabelValue(value)...)
		case fixed:
			reasons, hint = append(reasons, onlyInApplications), "write it in labelsApp of components"
		}
		if len(reasons) > 0 {
			f.add(f.at(append(path[:len(path):len(path)], key), "%s: the label %s=%q will be refused: %s",
				strings.Join(path, "."), key, value, reasons[0]).WithHint("%s", hint).
				WithRule(problem.RuleInvalidName))
		}
	}
}

// checkAnnotationMap checks the names of annotations as checkLabelMap does. Their values are any text.
func (f *findings) checkAnnotationMap(annotations map[string]string, fixed bool, path ...string) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if !fixed && strings.Contains(key, "{{") {
			continue
		}
		if reasons := validation.IsQualifiedName(strings.ToLower(key)); len(reasons) > 0 {
			f.add(f.at(append(path[:len(path):len(path)], key), "%s: the annotation %q will be refused: %s",
				strings.Join(path, "."), key, reasons[0]).WithHint("correct it").
				WithRule(problem.RuleInvalidName))
		}
	}
}
