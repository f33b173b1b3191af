package application

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// The linked generators are those of a newer Argo CD. Here is what an older version does otherwise.

// asIn changes an ApplicationSet so that the linked generators give what a version of Argo CD gives.
func asIn(v argocd.Version, set *appv1.ApplicationSet) error {
	for i := range set.Spec.Generators {
		for _, children := range [][]appv1.ApplicationSetNestedGenerator{matrixOf(set, i), mergeOf(set, i)} {
			if v.NestedSelectors || set.Spec.ApplyNestedSelectors { //nolint:staticcheck // Argo CD 2.14 looks at it
				break
			}
			for j := range children {
				for _, nested := range []*apiextensionsv1.JSON{children[j].Matrix, children[j].Merge} {
					if err := dropSelectors(nested); err != nil {
						return err
					}
				}
			}
		}
		if children := matrixOf(set, i); !v.OwnValues && set.Spec.GoTemplate && len(children) > 1 {
			markValues(&children[1])
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

// dropSelectors takes the selectors off the generators in a nested matrix or merge (dropDisabledNestedSelectors of
// Argo CD 2.14).
func dropSelectors(nested *apiextensionsv1.JSON) error {
	if nested == nil {
		return nil
	}
	var value map[string]any
	if err := json.Unmarshal(nested.Raw, &value); err != nil {
		return fmt.Errorf("a nested generator: %w", err)
	}
	children, _ := value["generators"].([]any)
	for _, child := range children {
		if fields, ok := child.(map[string]any); ok {
			delete(fields, "selector")
		}
	}
	var err error
	nested.Raw, err = json.Marshal(value)
	return err
}

// second is the key of a value by which a matrix's second generator is known when it is called.
const second = "fleetcmpsecond"

func markValues(child *appv1.ApplicationSetNestedGenerator) {
	switch {
	case child.Clusters != nil && len(child.Clusters.Values) > 0:
		child.Clusters.Values[second] = ""
	case child.Git != nil && len(child.Git.Values) > 0:
		child.Git.Values[second] = ""
	}
}

// An older generator is one of the linked ones as a version of Argo CD has it.
type older struct {
	generators.Generator
	version argocd.Version
}

// GenerateParams returns the parameters of the generator, and fails as it does. It also fails for values that a matrix
// could not evaluate with the parameters of its first generator, where the version evaluates them with no others.
func (o older) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet, reader client.Client) ([]map[string]any, error) {
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
	if _, marked := values[second]; !marked {
		return nil
	}
	delete(values, second)
	for key, value := range values {
		if strings.Contains(value, "{{") {
			return fmt.Errorf("values.%s of the second generator of a matrix: Argo CD %s evaluates %q with the parameters of the "+
				"first generator only, which do not have all of it", key, v.Name, shorten(value))
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
