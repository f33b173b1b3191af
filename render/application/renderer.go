package application

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A renderer does what Argo CD's utils.Render does, but parses each text once instead of once for each Application and
// field, which is nearly all of the time that Argo CD takes. It remembers what failed, and goes on.
type renderer struct {
	fleet      *knownClusters
	drop       map[string]bool // clusters for which nothing is wanted
	checkPatch bool            // also apply what Argo CD checks of templatePatch, to know for whom it fails

	templates *templates
	values    map[string]any // the JSON in templates, by its text

	unknown any      // fields of the template that the types do not know
	patches *patches // what is remembered of them

	rendered []rendered // of each Application
	failures []failure  // of each set of parameters without one
}

// A rendered is what is known of an Application besides what Argo CD's code returns.
type rendered struct {
	cluster string // that its parameters are about, or ""
	unknown any    // fields of its spec that the types do not know
}

// A failure is a set of parameters for which there is no Application.
type failure struct {
	cluster string // "" if the parameters are about no cluster
	err     error
}

// errDropped is the error for a cluster that nothing is wanted for.
var errDropped = errors.New("dropped")

func newRenderer(f *knownClusters, t *templates) *renderer {
	return &renderer{fleet: f, templates: t, values: map[string]any{}, patches: &patches{}}
}

// fail remembers that something failed with the parameters, and returns the error.
func (r *renderer) fail(params map[string]any, err error) error {
	r.failures = append(r.failures, failure{cluster: r.fleet.clusterOf(params), err: err})
	return err
}

// RenderTemplateParams returns the template of an Application with the parameters in place, and the finalizer that Argo
// CD adds.
func (r *renderer) RenderTemplateParams(tmpl *appv1.Application, syncPolicy *appv1.ApplicationSetSyncPolicy,
	params map[string]any,
	useGoTemplate bool, _ []string) (*appv1.Application, error) {
	cluster := r.fleet.clusterOf(params)
	if cluster != "" && r.drop[cluster] {
		return nil, errDropped
	}
	if len(params) == 0 {
		unknown, err := replaceInValue(r.unknown, func(text string) (string, error) { return text, nil })
		r.rendered = append(r.rendered, rendered{cluster, unknown})
		return tmpl, err
	}
	app := tmpl.DeepCopy()
	replace := func(text string) (string, error) { return r.text(text, params, useGoTemplate) }
	for _, part := range []any{&app.ObjectMeta, &app.Spec} {
		if err := r.replaceIn(reflect.ValueOf(part), replace); err != nil {
			return nil, r.fail(params, err)
		}
	}
	if (syncPolicy == nil || !syncPolicy.PreserveResourcesOnDeletion) && len(app.Finalizers) == 0 {
		app.Finalizers = []string{appv1.ResourcesFinalizerName}
	}
	unknown, err := replaceInValue(r.unknown, replace)
	if err != nil {
		return nil, r.fail(params, err)
	}
	r.rendered = append(r.rendered, rendered{cluster, unknown})
	return app, nil
}

// Replace returns a string with the parameters in place. Argo CD calls it for templatePatch.
func (r *renderer) Replace(text string, params map[string]any, useGoTemplate bool, _ []string) (string, error) {
	out, err := r.text(text, params, useGoTemplate)
	if err == nil {
		err = safeyaml.Check([]byte(out), "templatePatch")
	}
	if err == nil && r.checkPatch {
		err = checkPatch(out)
	}
	if err != nil {
		r.rendered = r.rendered[:len(r.rendered)-1]
		return "", r.fail(params, err)
	}
	var patch map[string]any
	data, err := utils.ConvertYAMLToJSON(out)
	if err != nil || json.Unmarshal([]byte(data), &patch) != nil {
		return out, nil // which is reported where the patch is applied
	}
	r.patches.check(patch)
	last := &r.rendered[len(r.rendered)-1]
	out, last.unknown = patched(last.unknown, patch, out)
	return out, nil
}

// checkPatch checks what Argo CD does before it merges a patch.
func checkPatch(text string) error {
	data, err := utils.ConvertYAMLToJSON(text)
	if err == nil {
		err = json.Unmarshal([]byte(data), &appv1.Application{})
	}
	if err != nil {
		return fmt.Errorf("templatePatch does not give a part of an Application: %w", err)
	}
	return nil
}

// text returns a string with the parameters in place. The options are those of all templates.
func (r *renderer) text(text string, params map[string]any, useGoTemplate bool) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil // which both kinds of template leave as it is
	}
	if !useGoTemplate {
		return (&utils.Render{}).Replace(text, params, false, nil)
	}
	return r.templates.execute(text, params)
}

var rawExtension = reflect.TypeFor[runtime.RawExtension]()

// replaceIn replaces every text in a value, keys of maps included.
func (r *renderer) replaceIn(v reflect.Value, replace func(string) (string, error)) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return r.replaceIn(v.Elem(), replace)
		}
	case reflect.Struct:
		if v.Type() == rawExtension {
			if raw, ok := v.Addr().Interface().(*runtime.RawExtension); ok {
				return r.replaceRaw(raw, replace)
			}
		}
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				if err := r.replaceIn(field, replace); err != nil {
					return err
				}
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := r.replaceIn(v.Index(i), replace); err != nil {
				return err
			}
		}
	case reflect.Map:
		return r.replaceInMap(v, replace)
	case reflect.String:
		text, err := replace(v.String())
		if err != nil {
			return err
		}
		v.SetString(text)
	}
	return nil
}

// replaceInMap replaces the strings in the keys and values of a map.
func (r *renderer) replaceInMap(v reflect.Value, replace func(string) (string, error)) error {
	if v.IsNil() || v.Type().Key().Kind() != reflect.String {
		return nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	out := reflect.MakeMapWithSize(v.Type(), len(keys))
	for _, key := range keys {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(key))
		if err := r.replaceIn(value, replace); err != nil {
			return err
		}
		text, err := replace(key.String())
		if err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), value)
	}
	v.Set(out)
	return nil
}

// replaceRaw replaces the strings in JSON, such as valuesObject.
func (r *renderer) replaceRaw(raw *runtime.RawExtension, replace func(string) (string, error)) error {
	value, ok := r.values[string(raw.Raw)]
	if !ok {
		if err := json.Unmarshal(raw.Raw, &value); err != nil {
			return err
		}
		r.values[string(raw.Raw)] = value
	}
	value, err := replaceInValue(value, replace)
	if err != nil {
		return err
	}
	raw.Raw, err = json.Marshal(value)
	return err
}

// replaceInValue returns JSON with the strings replaced. Keys that are null get lost, as in Argo CD.
func replaceInValue(value any, replace func(string) (string, error)) (any, error) {
	switch value := value.(type) {
	case string:
		return replace(value)
	case []any:
		out := make([]any, len(value))
		for i, child := range value {
			var err error
			if out[i], err = replaceInValue(child, replace); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if value[key] == nil {
				continue
			}
			child, err := replaceInValue(value[key], replace)
			if err != nil {
				return nil, err
			}
			if key, err = replace(key); err != nil {
				return nil, err
			}
			out[key] = child
		}
		return out, nil
	}
	return value, nil
}
