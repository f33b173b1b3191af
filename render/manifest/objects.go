package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
)

// An object is one object, and where it is from.
type object struct {
	source *source
	file   string
	value  map[string]any
	from   func() string // the file that people write, if it is not a template; nil if there is none
}

// An identity is what Argo CD tells objects apart by.
type identity struct {
	schema.GroupKind
	namespace, name string
}

// check takes lists apart, and returns the objects if each has what it needs. An object without a namespace is taken to
// be in that of the destination, and one of a kind that is in none to be in none, whatever it says. Of an object that
// is there several times, the last one counts, and that is a finding (controller.DeduplicateTargetObjects of Argo CD).
// The other problems are those of [checkPolicies].
func check(objects []object, namespace string) ([]object, []*problem.Problem, error) {
	out := []object{}
	var warnings []*problem.Problem
	seen := map[identity]object{}
	last := map[identity]int{} // where it is in the result
	for _, o := range objects {
		flat, err := flatten(o)
		if err != nil {
			return nil, nil, inScope(problem.New(o.file, 0, "%w", err), o.source.scope())
		}
		for _, value := range flat {
			u := unstructured.Unstructured{Object: value}
			if err := checkObject(u); err != nil {
				return nil, nil, inScope(problem.New(cmp.Or(o.origin(), o.file), 0, "%w", err), o.source.scope())
			}
			id := identity{u.GroupVersionKind().GroupKind(), u.GetNamespace(), u.GetName()}
			switch {
			case kubernetes.IsClusterScoped(id.Group, id.Kind):
				id.namespace = ""
			case id.namespace == "":
				id.namespace = namespace
			}
			if other, ok := seen[id]; ok && id.name != "" {
				warnings = append(warnings, inScope(
					problem.New(o.file, 0, "%s is there again, after %s: Argo CD warns of it, and takes this one",
						describe(id), other.place(o)).WithHint("remove one of them").
						WithRule(problem.RuleConflicts, o.source.dir()), o.source.scope()))
				out[last[id]].value = nil
			}
			seen[id], last[id] = o, len(out)
			one := o
			one.value = value
			out = append(out, one)
			for _, p := range checkPolicies(u) {
				p.File, p.Places = o.file, []string{o.source.dir()}
				warnings = append(warnings, inScope(p, o.source.scope()))
			}
		}
	}
	return slices.DeleteFunc(out, func(o object) bool { return o.value == nil }), warnings, nil
}

// warnTwice warns about a key that a chart prints twice.
func (s *source) warnTwice(file, key string) {
	warning := problem.New(file, 0, "prints the key %s twice: Argo CD takes the last one", key).
		WithHint("remove one of them from the chart").WithRule(problem.RuleConflicts, s.dir())
	warning.Scope = s.scope()
	s.warnings = append(s.warnings, warning)
}

func values(objects []object) []map[string]any {
	out := make([]map[string]any, len(objects))
	for i, o := range objects {
		out[i] = o.value
	}
	return out
}

// origin returns the file that people write of which an object is; "" if there is none, or if it is not known.
func (o object) origin() string {
	if o.from == nil || o.source != nil && o.source.IsOCI() {
		return ""
	}
	return o.from()
}

// Origins returns the file of the repository that each object of [Renderer.Render] is written in, in the order of its
// result; "" for what charts and overlays give, and where it is not known. It fails as Render does.
func (r *Renderer) Origins(ctx context.Context, of application.Application, to Destination) ([]string, error) {
	all, namespace, _, err := r.objects(ctx, of, to)
	if err != nil {
		return nil, err
	}
	objects, _, err := check(all, namespace)
	files := make([]string, len(objects))
	for i, o := range objects {
		files[i] = o.origin()
	}
	return files, err
}

// place names where an object is from, seen from another.
func (o object) place(from object) string {
	if o.source == from.source {
		return o.file
	}
	return fmt.Sprintf("%s of source %d", o.file, o.source.index+1)
}

func describe(id identity) string {
	name := id.name
	if id.namespace != "" {
		name = id.namespace + "/" + name
	}
	return id.String() + " " + name
}

// flatten returns the objects of a list, as repo-server does: of any object with a list of items. One whose items are
// null, and that has neither spec nor status, is an empty list.
func flatten(o object) ([]map[string]any, error) {
	u := unstructured.Unstructured{Object: o.value}
	if u.IsList() {
		var out []map[string]any
		err := u.EachListItem(func(item runtime.Object) error {
			if one, ok := item.(*unstructured.Unstructured); ok {
				out = append(out, one.Object)
			}
			return nil
		})
		if err != nil {
			return nil, errors.New("a list has an item that is no object")
		}
		return out, nil
	}
	_, hasSpec := o.value["spec"]
	_, hasStatus := o.value["status"]
	if items, ok := o.value["items"]; ok && items == nil && !hasSpec && !hasStatus {
		return nil, nil
	}
	return []map[string]any{o.value}, nil
}

// checkObject fails for an object that a cluster would not take. A hook may have generateName in the place of a name.
func checkObject(u unstructured.Unstructured) error {
	var missing []string
	if u.GetAPIVersion() == "" {
		missing = append(missing, "apiVersion")
	}
	if u.GetKind() == "" {
		missing = append(missing, "kind")
	}
	if u.GetName() == "" && u.GetGenerateName() == "" {
		missing = append(missing, "metadata.name")
	}
	if len(missing) == 0 {
		return nil
	}
	what := strings.TrimSpace(u.GetKind() + " " + u.GetName())
	if what == "" {
		what = "unknown"
	}
	return fmt.Errorf("an object (%s) has no %s", what, strings.Join(missing, " and no "))
}
