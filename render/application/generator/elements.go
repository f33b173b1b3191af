package generator

import (
	"github.com/Masterminds/sprig/v3"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Elements evaluates the elementsYaml of a list in a matrix, with the parameters of the matrix's first generator. It
// returns false for a text that Argo CD's own code may evaluate.
type Elements func(text string, params map[string]any) (elements string, own bool, err error)

// An elementary generator is Argo CD's matrix generator, but for lists whose elementsYaml its own code may not
// evaluate.
type elementary struct {
	generators.Generator
	list     generators.Generator
	elements Elements
}

// mergeOver is how a matrix lays the parameters of its first generator over those of the second one: sprig and Argo CD
// call the same library in the same way.
var mergeOver, _ = sprig.GenericFuncMap()["mergeOverwrite"].(func(map[string]any, ...map[string]any) any)

// GenerateParams returns the parameters of the generator. It fails as Argo CD's does, and as the evaluation does.
func (e elementary) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	list := e.listOf(g, set)
	if list == nil {
		return e.Generator.GenerateParams(g, set, reader)
	}
	first := g.DeepCopy() // gives what the first generator does, since its second one adds nothing
	first.Matrix.Generators[1].List = &appv1.ListGenerator{Elements: []apiextensionsv1.JSON{{Raw: []byte("{}")}}}
	all, err := e.Generator.GenerateParams(first, set, reader)
	if err != nil {
		return nil, err
	}
	params := []map[string]any{}
	for _, one := range all {
		text, own, err := e.elements(list.ElementsYaml, one)
		if err != nil {
			return nil, err
		}
		if !own {
			return e.Generator.GenerateParams(g, set, reader)
		}
		elements, err := e.list.GenerateParams(&appv1.ApplicationSetGenerator{
			List: &appv1.ListGenerator{ElementsYaml: text}}, set, reader)
		if err != nil {
			return nil, err
		}
		for _, element := range elements {
			merged := map[string]any{}
			mergeOver(merged, element, one)
			params = append(params, merged)
		}
	}
	return params, nil
}

// listOf returns the list that is the second generator of a matrix, if all that it has is a text that is evaluated.
func (e elementary) listOf(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet) *appv1.ListGenerator {
	if e.elements == nil || !set.Spec.GoTemplate || g == nil || g.Matrix == nil || len(g.Matrix.Generators) != 2 {
		return nil
	}
	second := g.Matrix.Generators[1]
	if second.List == nil || second.Selector != nil || len(second.List.Elements) > 0 || second.List.ElementsYaml == "" {
		return nil
	}
	return second.List
}
