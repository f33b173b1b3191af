package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// What one source may say of a cluster. Kubernetes itself has the second limit (ValidateAnnotationsSize).
const (
	maxMetadata    = 1000 // labels, and annotations
	maxAnnotations = 256 << 10
)

// checkAmount fails if there are too many labels or annotations.
func checkAmount(d *hierarchy.Document, kind string, mapping map[string]any, prefix []string) error {
	line := d.Line(slices.Concat(prefix, []string{kind})...)
	if len(mapping) > maxMetadata {
		return problem.New(d.Name, line, "there are %d %s, more than %d", len(mapping), kind, maxMetadata)
	}
	size := 0
	for key, value := range mapping {
		text, _ := value.(string)
		size += len(key) + len(text)
	}
	if kind == "annotations" && size > maxAnnotations {
		return problem.New(d.Name, line, "the annotations have %d KiB, and Kubernetes allows %d", size>>10,
			maxAnnotations>>10)
	}
	return nil
}

// CheckMetadata applies Kubernetes' rules of labels and annotations to those that stand at a path of a document,
// refuses credentials in them, and leaves Argo CD's label to Argo CD. Text that somebody has yet to fill in is a
// warning.
func CheckMetadata(d *hierarchy.Document, values map[string]any, prefix ...string) ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	for _, kind := range []string{"labels", "annotations"} {
		what := map[string]string{"labels": "a label", "annotations": "an annotation"}[kind]
		mapping := fields.AsMap(values[kind])
		if err := checkAmount(d, kind, mapping, prefix); err != nil {
			return nil, err
		}
		for _, key := range slices.Sorted(maps.Keys(mapping)) {
			line := d.Line(slices.Concat(prefix, []string{kind, key})...)
			name := key
			if kind == "annotations" {
				name = strings.ToLower(name) // Kubernetes allows upper case in their prefix
			}
			if found := validation.IsQualifiedName(name); len(found) > 0 {
				reason, _, _ := strings.Cut(found[0], " (e.g.")
				return nil, problem.New(d.Name, line, "%q cannot be the name of %s: %s", key, what, reason)
			}
			text, isText := mapping[key].(string)
			if err := address.CheckURL(text); err != nil {
				return nil, problem.New(d.Name, line, "%s %s %w", strings.TrimSuffix(kind, "s"), key, err)
			}
			if kind == "labels" {
				if key == wellknown.LabelSecretType && isText && text != "cluster" {
					return nil, problem.New(d.Name, line,
						`label %s is Argo CD's own label, which is "cluster" for each cluster, not %q`, key, text).
						WithHint("remove it")
				}
				if err := CheckLabelValue(text); err != nil {
					return nil, problem.New(d.Name, line, "label %s: %w", key, err)
				}
			} else if IsPlaceholder(text) {
				warnings = append(warnings, problem.New(d.Name, line, "annotation %s is %w %q", key, ErrPlaceholder,
					text).
					WithHint("fill it in, or remove the key").WithRule(problem.RulePlaceholder))
			}
		}
	}
	return warnings, nil
}

// MetadataValues returns labels and annotations as the values of a layer.
func MetadataValues(labels, annotations map[string]string) map[string]any {
	return map[string]any{"labels": textMap(labels), "annotations": textMap(annotations)}
}

// NearlyLabelled names the first cluster whose label has nearly a value that none has, with the place, as the beginning
// of a hint; "" if there is none.
func NearlyLabelled(clusters []Cluster, label, value string,
	placeOf func(Cluster) (file string, line int)) string {
	for _, c := range clusters {
		if has := c.Labels[label]; has != "" && problem.Likely(has, []string{value}) != "" {
			at := ""
			if file, line := placeOf(c); file != "" {
				at = " (" + problem.Place(file, line) + ")"
			}
			return fmt.Sprintf("is %s=%s of cluster %s meant%s? Else ", label, has, c.Name, at)
		}
	}
	return ""
}
