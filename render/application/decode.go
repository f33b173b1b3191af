package application

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	kjson "sigs.k8s.io/json"
)

// unknownField is what package json says of a field that a type does not have.
var unknownField = regexp.MustCompile(`^unknown field "(.*)"$`)

// decode returns an ApplicationSet in Argo CD's type. It fails on another kind of object and on values of the wrong
// type. Fields that the type does not have, and generators of no known type, which give nothing, are warnings.
func decode(object map[string]any) (*appv1.ApplicationSet, []error, error) {
	if object["kind"] != "ApplicationSet" || object["apiVersion"] != appv1.SchemeGroupVersion.String() {
		return nil, nil, fmt.Errorf("is %v %v, not %s ApplicationSet", object["apiVersion"], object["kind"], appv1.SchemeGroupVersion)
	}
	if nameOf(object) == "" {
		return nil, nil, errors.New("has no metadata.name")
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil, nil, fmt.Errorf("is no Kubernetes object: %w", err)
	}
	set := &appv1.ApplicationSet{}
	warnings, err := kjson.UnmarshalStrict(data, set, kjson.DisallowUnknownFields)
	if err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, nil, fmt.Errorf("%s must be %s, not %s", wrong.Field, typeName(wrong.Type), wrong.Value)
		}
		return nil, nil, err
	}
	for i, warning := range warnings {
		warnings[i] = errors.New(unknownField.ReplaceAllString(warning.Error(), "Argo CD does not know the field $1"))
	}
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
