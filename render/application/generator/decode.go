package generator

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	kjson "sigs.k8s.io/json"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// Decode returns an ApplicationSet in Argo CD's type, for the generators of [Generators.For]: with what a version of
// Argo CD knows of its generators, changed so that they give what they give there. It fails on another kind of object
// and on values of the wrong type. Fields that the version does not know, and generators of no known type, which give
// nothing, are warnings.
func Decode(object map[string]any, v argocd.Version) (*appv1.ApplicationSet, []error, error) {
	set, warnings, err := decode(object, v)
	if err == nil {
		err = asIn(v, set)
	}
	return set, warnings, err
}

// decode returns an ApplicationSet with what a version of Argo CD knows of its generators; one that the type does not
// have is another in it, see withoutOCI.
func decode(object map[string]any, v argocd.Version) (*appv1.ApplicationSet, []error, error) {
	if object["kind"] != "ApplicationSet" || object["apiVersion"] != appv1.SchemeGroupVersion.String() {
		return nil, nil, fmt.Errorf("is %v %v, not %s ApplicationSet", object["apiVersion"], object["kind"],
			appv1.SchemeGroupVersion)
	}
	metadata, _ := object["metadata"].(map[string]any)
	if name, _ := metadata["name"].(string); name == "" {
		return nil, nil, errors.New("has no metadata.name")
	}
	spec, _ := object["spec"].(map[string]any)
	if err := checkNesting(spec["generators"], "spec.generators", 1); err != nil {
		return nil, nil, err
	}
	known, _ := argocd.Prune(argocd.ApplicationSet, object, v)
	if slices.Contains(v.Generators, generatorOCI) {
		var err error
		if known, err = withoutOCI(known); err != nil {
			return nil, nil, err
		}
	}
	set := &appv1.ApplicationSet{}
	if err := decodeInto(set, known, ""); err != nil {
		return nil, nil, err
	}
	var warnings []error
	for _, found := range argocd.Unknown(argocd.ApplicationSet, object, v) {
		if found.Unknown { // of wrong types in nested generators, Argo CD's code says itself what they are
			warnings = append(warnings, fmt.Errorf("%s; %s", found.Message, found.Hint()))
		}
	}
	if len(set.Spec.Generators) == 0 {
		return nil, warnings, errors.New("has no spec.generators")
	}
	for i, generator := range set.Spec.Generators {
		generator.Selector = nil
		if generator == (appv1.ApplicationSetGenerator{}) {
			warnings = append(warnings,
				fmt.Errorf("spec.generators[%d] is no generator that Argo CD %s knows, and gives nothing", i, v.Name))
		}
	}
	return set, warnings, nil
}

// checkNesting fails for a matrix or merge in another one that is in a third: Argo CD says of it that it generated no
// parameters (generators.GetGenerators).
func checkNesting(value any, path string, level int) error {
	list, _ := value.([]any)
	for i, item := range list {
		generator, _ := item.(map[string]any)
		for _, kind := range []string{"matrix", "merge"} {
			fields, ok := generator[kind].(map[string]any)
			if !ok {
				continue
			}
			at := fmt.Sprintf("%s[%d].%s", path, i, kind)
			if level > 2 {
				return fmt.Errorf("%s is nested too deep: a matrix or merge can be in another one, two levels at most",
					at)
			}
			if err := checkNesting(fields["generators"], at+".generators", level+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeInto decodes a value of YAML, which is at a path; "" or one that ends with a dot. It fails on values of the
// wrong type, and leaves out fields that the type does not have.
func decodeInto(target, value any, at string) error {
	data, err := json.Marshal(value)
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(data, target)
	}
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%s must be %s, not %s", strings.TrimSuffix(at+wrong.Field, "."), typeName(wrong.Type),
			wrong.Value)
	case err != nil:
		return fmt.Errorf("is no Kubernetes object: %w", err)
	}
	return nil
}

// typeName names a Go type as a user of YAML knows it.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a map"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer:
		return typeName(t.Elem())
	}
	return "a number"
}
