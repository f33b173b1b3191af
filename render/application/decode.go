package application

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	kjson "sigs.k8s.io/json"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// unknownField is what package json says of a field that a type does not have.
var unknownField = regexp.MustCompile(`^unknown field "(.*)"$`)

// decode returns an ApplicationSet in Argo CD's type; a generator that this does not have is another in it, see
// withoutOCI. It fails on another kind of object and on values of the wrong
// type. Fields that the type does not have, and generators of no known type, which give nothing, are warnings.
func decode(object map[string]any, v argocd.Version) (*appv1.ApplicationSet, []error, error) {
	if object["kind"] != "ApplicationSet" || object["apiVersion"] != appv1.SchemeGroupVersion.String() {
		return nil, nil, fmt.Errorf("is %v %v, not %s ApplicationSet", object["apiVersion"], object["kind"], appv1.SchemeGroupVersion)
	}
	if nameOf(object) == "" {
		return nil, nil, errors.New("has no metadata.name")
	}
	var warnings []error
	if slices.Contains(v.Generators, generatorOCI) {
		var err error
		if object, warnings, err = withoutOCI(object); err != nil {
			return nil, nil, err
		}
	}
	set := &appv1.ApplicationSet{}
	unknown, err := decodeInto(set, object, "")
	if err != nil {
		return nil, nil, err
	}
	warnings = append(warnings, unknown...)
	if len(set.Spec.Generators) == 0 {
		return nil, warnings, errors.New("has no spec.generators")
	}
	for i, generator := range set.Spec.Generators {
		generator.Selector = nil
		if generator == (appv1.ApplicationSetGenerator{}) {
			warnings = append(warnings, fmt.Errorf("spec.generators[%d] is no generator that Argo CD knows, and gives nothing", i))
		}
	}
	return set, warnings, nil
}

// decodeInto decodes a value of YAML, which is at a path; "" or one that ends with a dot. Fields that the type does not
// have are warnings.
func decodeInto(target, value any, at string) ([]error, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("is no Kubernetes object: %w", err)
	}
	warnings, err := kjson.UnmarshalStrict(data, target, kjson.DisallowUnknownFields)
	if err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s must be %s, not %s", strings.TrimSuffix(at+wrong.Field, "."), typeName(wrong.Type), wrong.Value)
		}
		return nil, err
	}
	for i, warning := range warnings {
		warnings[i] = errors.New(unknownField.ReplaceAllString(warning.Error(), "Argo CD does not know the field "+at+"$1"))
	}
	return warnings, nil
}

// typeName names a Go type as a user of YAML knows it.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a mapping"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer:
		return typeName(t.Elem())
	}
	return "a number"
}
