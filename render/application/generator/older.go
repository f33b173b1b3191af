package generator

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
)

// The linked generators are those of a newer Argo CD. Here is what an older version does otherwise.

// asIn changes an ApplicationSet so that the linked generators give what a version of Argo CD gives.
func asIn(v argocd.Version, set *appv1.ApplicationSet) error {
	for i := range set.Spec.Generators {
		for kind, children := range map[string][]appv1.ApplicationSetNestedGenerator{"matrix": matrixOf(set, i),
			"merge": mergeOf(set, i)} {
			for j := range children {
				second := kind == "matrix" && j > 0
				if err := childAsIn(v, set, &children[j], second); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// childAsIn does so for a generator in a matrix, of which it is the second, or a merge.
func childAsIn(v argocd.Version, set *appv1.ApplicationSet, child *appv1.ApplicationSetNestedGenerator,
	isSecond bool) error {
	dropSelectors := !v.NestedSelectors &&
		!set.Spec.ApplyNestedSelectors //nolint:staticcheck // Argo CD 2.14 looks at it
	mark := !v.OwnValues && set.Spec.GoTemplate
	if mark && isSecond {
		markValues(child)
	}
	for kind, nested := range map[string]*apiextensionsv1.JSON{"matrix": child.Matrix, "merge": child.Merge} {
		if nested == nil || !dropSelectors && !mark {
			continue
		}
		var inner struct {
			MergeKeys  []string                                `json:"mergeKeys,omitempty"`
			Generators []appv1.ApplicationSetTerminalGenerator `json:"generators"`
		}
		if err := json.Unmarshal(nested.Raw, &inner); err != nil {
			return fmt.Errorf("a nested generator: %w", err)
		}
		for i := range inner.Generators {
			generator := &inner.Generators[i]
			if dropSelectors { // dropDisabledNestedSelectors of Argo CD 2.14
				generator.Selector = nil
			}
			if mark && (isSecond || kind == "matrix" && i > 0) {
				one := appv1.ApplicationSetNestedGenerator{Clusters: generator.Clusters, Git: generator.Git}
				markValues(&one)
			}
		}
		var err error
		if nested.Raw, err = json.Marshal(inner); err != nil {
			return err
		}
	}
	return nil
}

func matrixOf(set *appv1.ApplicationSet, i int) []appv1.ApplicationSetNestedGenerator {
	if matrix := set.Spec.Generators[i].Matrix; matrix != nil {
		return matrix.Generators
	}
	return nil
}

func mergeOf(set *appv1.ApplicationSet, i int) []appv1.ApplicationSetNestedGenerator {
	if merge := set.Spec.Generators[i].Merge; merge != nil {
		return merge.Generators
	}
	return nil
}

// originalOf begins the keys of values that hold, as they are written, those of a generator that a matrix interpolates.
const originalOf = "fleetcmporiginal/"

// markValues adds to values with templates what they are before a matrix interpolates them, in a form without braces.
func markValues(child *appv1.ApplicationSetNestedGenerator) {
	mark := func(values map[string]string) {
		for _, key := range slices.Collect(maps.Keys(values)) {
			if strings.Contains(values[key], "{{") {
				values[originalOf+key] = hex.EncodeToString([]byte(values[key]))
			}
		}
	}
	switch {
	case child.Clusters != nil:
		mark(child.Clusters.Values)
	case child.Git != nil:
		mark(child.Git.Values)
	}
}

// An older generator is one of the linked ones as a version of Argo CD has it.
type older struct {
	generators.Generator
	version argocd.Version
}

// GenerateParams returns the parameters of the generator, and fails as it does. It also fails for values that a matrix
// could not evaluate with the parameters of its first generator, where the version evaluates them with no others.
func (o older) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	if !o.version.OwnValues {
		if err := checkMarked(g, o.version); err != nil {
			return nil, err
		}
	}
	params, err := o.Generator.GenerateParams(g, set, reader)
	if !o.version.LabelSelectors && set.Spec.GoTemplate {
		for _, one := range params {
			hideLabels(one)
		}
	}
	return params, err
}

func checkMarked(g *appv1.ApplicationSetGenerator, v argocd.Version) error {
	var values map[string]string
	switch {
	case g == nil:
	case g.Clusters != nil:
		values = g.Clusters.Values
	case g.Git != nil:
		values = g.Git.Values
	}
	for _, key := range slices.Collect(maps.Keys(values)) {
		name, isOriginal := strings.CutPrefix(key, originalOf)
		if !isOriginal {
			continue
		}
		unchanged := values[key] == hex.EncodeToString([]byte(values[name]))
		delete(values, key)
		if unchanged {
			return fmt.Errorf(
				"values.%s of the second generator of a matrix: Argo CD %s evaluates %q with the parameters of the "+
					"first generator only, which do not have all of it", name, v.Name, gotemplate.Shorten(values[name]))
		}
	}
	return nil
}

// A hidden map is one of those that a selector of a generator does not look into (flattenParameters of Argo CD 2.14).
type hidden map[string]string

func hideLabels(params map[string]any) {
	hide := func(m map[string]any, key string) {
		if value, ok := m[key].(map[string]string); ok {
			m[key] = hidden(value)
		}
	}
	hide(params, "values")
	if metadata, ok := params["metadata"].(map[string]any); ok {
		hide(metadata, "labels")
		hide(metadata, "annotations")
	}
}
