package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// toYAML writes objects as a stream.
func toYAML(t *testing.T, objects []any) string {
	t.Helper()
	var all strings.Builder
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		require.NoError(t, err)
		fmt.Fprintf(&all, "---\n%s", text)
	}
	return all.String()
}

// items are the objects of a List that cmp has printed.
func (r *repository) items(t *testing.T, args ...string) []any {
	t.Helper()
	output, message := r.cmp(t, ".", append(args, "-o", "json")...)
	require.Empty(t, message)
	var list struct{ Items []any }
	require.NoError(t, json.Unmarshal(output, &list))
	return list.Items
}

// The Applications that the ApplicationSet controller creates of the example fleet are those that cmp prints: all of
// them, and no others.
func TestApplications(t *testing.T) {
	require.NotEmpty(t, kubernetesDirectories, "CMP_E2E_KUBERNETES is not set: run internal/tools/e2e.sh")
	repository := newFleet(t)
	h := startHub(t, repository.clusters(t), nativeServer)
	for _, s := range []selection{
		{group: "addons", cluster: "hub-prod"}, {group: "addons", cluster: "hub-prod", release: "next"},
		{group: "monitoring", cluster: "hub-prod"}, {group: "resources", cluster: "hub-prod"},
	} {
		t.Run(s.String(), func(t *testing.T) {
			sets := s.rendered(t, repository)
			expected := repository.items(t, append([]string{"render", "--stage", "applications", "-A"},
				s.flags()...)...)
			require.NotEmpty(t, expected)
			h.projects(t, expected)
			defer h.removeAll(t)
			for _, set := range sets {
				h.create(t, toYAML(t, []any{set}))
			}
			eventually(t, fmt.Sprintf("%d Applications of %d ApplicationSets", len(expected), len(sets)), func() error {
				return h.generated(t, sets, expected)
			})
		})
	}
}

// projects creates the projects that Applications are of, where they are missing.
func (h *hub) projects(t *testing.T, applications []any) {
	t.Helper()
	known := map[any]bool{}
	for _, project := range h.list(t, "AppProject") {
		known[project.GetName()] = true
	}
	for _, app := range applications {
		spec, _ := app.(map[string]any)["spec"].(map[string]any)
		if name := spec["project"]; !known[name] {
			known[name] = true
			h.createProject(t, fmt.Sprint(name))
		}
	}
}

// removeAll deletes all ApplicationSets and Applications, whatever finalizers they have: there is no garbage collector.
func (h *hub) removeAll(t *testing.T) {
	t.Helper()
	eventually(t, "all gone", func() error {
		left := 0
		for _, kind := range []string{"ApplicationSet", "Application"} {
			for _, object := range h.list(t, kind) {
				left++
				object.SetFinalizers(nil)
				_, err := h.objects(kind).Update(t.Context(), &object, metav1.UpdateOptions{})
				if err == nil {
					err = h.objects(kind).Delete(t.Context(), object.GetName(), metav1.DeleteOptions{})
				}
				if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
					return err
				}
			}
		}
		if left > 0 {
			return fmt.Errorf("%d were still there", left)
		}
		return nil
	})
}

// generated reports how the live Applications differ from the expected ones, once the controller has done with all
// ApplicationSets.
func (h *hub) generated(t *testing.T, sets, expected []any) error {
	done := 0
	for _, set := range h.list(t, "ApplicationSet") {
		conditions, _, _ := unstructured.NestedSlice(set.Object, "status", "conditions")
		for _, c := range conditions {
			condition := c.(map[string]any)
			switch {
			case condition["type"] == "ErrorOccurred" && condition["status"] == "True":
				return fmt.Errorf("ApplicationSet %s: %s", set.GetName(), condition["message"])
			case condition["type"] == "ResourcesUpToDate" && condition["status"] == "True":
				done++
			}
		}
	}
	if done != len(sets) {
		return fmt.Errorf("%d of %d ApplicationSets are done", done, len(sets))
	}
	wanted, live := map[string]any{}, map[string]any{}
	for _, app := range expected {
		described := description(t, app.(map[string]any))
		wanted[described["name"].(string)] = described
	}
	if len(wanted) != len(expected) {
		return errors.New("Applications of one name")
	}
	for _, app := range h.list(t, "Application") {
		live[app.GetName()] = description(t, app.Object)
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if live[name] == nil {
			problems = append(problems, fmt.Errorf("Application %s is not there", name))
			continue
		}
		for _, difference := range differences(wanted[name], live[name], name) {
			problems = append(problems, errors.New(difference))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if wanted[name] == nil {
			problems = append(problems, fmt.Errorf("Application %s should not be there", name))
		}
	}
	return errors.Join(problems...)
}

// differences tell which fields of two values are not the same.
func differences(ours, theirs any, path string) (all []string) {
	switch own := ours.(type) {
	case map[string]any:
		if other, ok := theirs.(map[string]any); ok {
			for _, key := range slices.Sorted(maps.Keys(own)) {
				if value, ok := other[key]; ok {
					all = append(all, differences(own[key], value, path+"."+key)...)
				} else {
					all = append(all, fmt.Sprintf("%s.%s: cmp has %v, Argo CD nothing", path, key, own[key]))
				}
			}
			for _, key := range slices.Sorted(maps.Keys(other)) {
				if _, ok := own[key]; !ok {
					all = append(all, fmt.Sprintf("%s.%s: cmp has nothing, Argo CD %v", path, key, other[key]))
				}
			}
			return all
		}
	case []any:
		if other, ok := theirs.([]any); ok && len(own) == len(other) {
			for i := range own {
				all = append(all, differences(own[i], other[i], fmt.Sprintf("%s[%d]", path, i))...)
			}
			return all
		}
	}
	if !reflect.DeepEqual(ours, theirs) {
		return []string{fmt.Sprintf("%s: cmp has %#v, Argo CD %#v", path, ours, theirs)}
	}
	return nil
}

// description is what of an Application its ApplicationSet says.
func description(t *testing.T, object map[string]any) map[string]any {
	t.Helper()
	app := unstructured.Unstructured{Object: object}
	text, err := json.Marshal(map[string]any{
		"name": app.GetName(), "namespace": app.GetNamespace(), "labels": app.GetLabels(),
		"annotations": app.GetAnnotations(),
		"finalizers":  app.GetFinalizers(), "spec": object["spec"],
	})
	require.NoError(t, err)
	var fields map[string]any // with one type of numbers
	require.NoError(t, json.Unmarshal(text, &fields))
	return fields
}
