package e2e

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// startHub starts a cluster with the ApplicationSet controller of a version, as counted from the oldest. It knows the
// clusters of the fixtures before it looks at the first ApplicationSet.
func (p *parity) startHub(t *testing.T, n *network, etcd string, index int) *hub {
	t.Helper()
	k := startKubernetes(t, n, etcd, "parity-"+strings.ReplaceAll(installations[index].minor(), ".", "-"))
	k.installArgoCD(t, index)
	for _, secret := range p.clusters {
		k.create(t, secret)
	}
	h := startArgoCDOn(t, k, index, nativeServer)
	for _, project := range []string{"red", "other"} {
		h.createProject(t, project)
	}
	return h
}

// compareSets compares the Applications that the ApplicationSet controller makes of the fixtures with those of cmp.
func (p *parity) compareSets(t *testing.T, h *hub) (outcomes []outcome) {
	t.Helper()
	printed, messages := p.applications(t, h.argoCD, "bootstrap/sets.yaml")
	ours := map[string][]map[string]any{} // by the name of the ApplicationSet
	for _, object := range printed {
		app := object.(map[string]any)
		owner, _, _ := strings.Cut((&unstructured.Unstructured{Object: app}).GetName(), ".")
		ours[owner] = append(ours[owner], app)
	}
	refused := map[string]error{}
	for i, set := range applicationSets(p.sets) {
		object := &unstructured.Unstructured{Object: set.(map[string]any)}
		_, err := h.objects("ApplicationSet").Create(t.Context(), object.DeepCopy(), metav1.CreateOptions{})
		refused[p.sets[i].name] = err
	}
	h.waitForSets(t, p.sets, refused)
	theirs := map[string][]map[string]any{}
	for _, app := range h.list(t, "Application") {
		require.Len(t, app.GetOwnerReferences(), 1)
		owner := app.GetOwnerReferences()[0].Name
		theirs[owner] = append(theirs[owner], app.Object)
	}
	version := h.minor()
	for _, f := range p.sets {
		own := ours[f.name]
		message := about(messages, "Error", fmt.Sprintf("ApplicationSet %q", f.name))
		outcomes = append(outcomes, f.judge(version, refused[f.name], message, len(own), func() string {
			if f.pruned(version) {
				if about(messages, "Warning", fmt.Sprintf("ApplicationSet %q", f.name)) == "" {
					return "cmp does not say which field the version does not know"
				}
				own = h.pruned(t, own)
			}
			if version == "2.14" {
				for _, app := range append(slices.Clone(own), theirs[f.name]...) {
					leaveOutDefaults(app)
				}
			}
			return differentApplications(t, own, theirs[f.name])
		}))
		delete(ours, f.name)
	}
	require.Empty(t, ours, "Applications of no fixture")
	return outcomes
}

// silence is how long the controller may say nothing of an ApplicationSet that should fail: of some, it only logs why.
const silence = 20 * time.Second

// waitForSets waits until the controller has done with all ApplicationSets, and adds why it refuses some. Those that
// should not fail are waited for, since a cluster may be known a while later.
func (h *hub) waitForSets(t *testing.T, fixtures []fixture, refused map[string]error) {
	t.Helper()
	start, last := time.Now(), time.Now()
	for before := -1; ; time.Sleep(500 * time.Millisecond) {
		waiting, silent := 0, map[string]error{}
		conditions := h.conditions(t)
		for _, f := range fixtures {
			c := conditions[f.name]
			_, fails := f.fails(h.minor())
			switch {
			case refused[f.name] != nil && c.reason == "":
			case c.reason != "" && (fails || time.Since(start) > patience/2):
				refused[f.name] = errors.New(c.reason)
			case !c.done && fails:
				silent[f.name] = errors.New("the controller says nothing of it")
			case !c.done:
				waiting++
				silent[f.name] = fmt.Errorf("it is not done after %s: %s", patience/2, c.reason)
			}
		}
		if len(silent) != before {
			before, last = len(silent), time.Now()
		}
		if waiting == 0 && (len(silent) == 0 || time.Since(last) > silence) || time.Since(start) > patience/2+silence {
			t.Logf("%d ApplicationSets are done after %.1f s", len(fixtures), time.Since(start).Seconds())
			maps.Copy(refused, silent)
			return
		}
	}
}

// condition is how far the controller is with an ApplicationSet.
type condition struct {
	done   bool
	reason string // why it fails
}

// conditions are those of all ApplicationSets, by name.
func (h *hub) conditions(t *testing.T) map[string]condition {
	t.Helper()
	all := map[string]condition{}
	for _, set := range h.list(t, "ApplicationSet") {
		list, _, _ := unstructured.NestedSlice(set.Object, "status", "conditions")
		var one condition
		for _, c := range list {
			switch fields := c.(map[string]any); {
			case fields["status"] != "True":
			case fields["type"] == "ErrorOccurred":
				one.reason = fmt.Sprint(fields["message"])
			case fields["type"] == "ResourcesUpToDate":
				one.done = true
			}
		}
		all[set.GetName()] = one
	}
	return all
}

// pruned are Applications as the API server keeps them.
func (h *hub) pruned(t *testing.T, applications []map[string]any) (all []map[string]any) {
	t.Helper()
	for _, app := range applications {
		text, err := yaml.Marshal(app)
		require.NoError(t, err)
		var object unstructured.Unstructured
		require.NoError(t, yaml.Unmarshal(text, &object.Object))
		name := object.GetName()
		object.SetName("pruned") // since there is one of its own name
		kept, err := h.objects("Application").Create(t.Context(), &object,
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		require.NoError(t, err, name)
		kept.SetName(name)
		all = append(all, kept.Object)
	}
	return all
}

// leaveOutDefaults removes fields whose values are those of missing ones, of which 2.14 writes some and leaves out
// others (omitempty in its types).
func leaveOutDefaults(app map[string]any) {
	for _, key := range []string{"prune", "selfHeal", "allowEmpty"} {
		path := []string{"spec", "syncPolicy", "automated", key}
		if value, _, _ := unstructured.NestedBool(app, path...); !value {
			unstructured.RemoveNestedField(app, path...)
		}
	}
	path := []string{"spec", "source", "directory", "jsonnet"}
	if value, _, _ := unstructured.NestedMap(app, path...); len(value) == 0 {
		unstructured.RemoveNestedField(app, path...)
	}
}

// differentApplications says how the Applications of cmp and Argo CD differ.
func differentApplications(t *testing.T, ours, theirs []map[string]any) string {
	t.Helper()
	described := func(applications []map[string]any) map[string]any {
		all := map[string]any{}
		for _, app := range applications {
			fields := description(t, app)
			all[fmt.Sprint(fields["name"])] = fields
		}
		require.Len(t, all, len(applications), "Applications of one name")
		return all
	}
	own, other := described(ours), described(theirs)
	if names, live := slices.Sorted(maps.Keys(own)), slices.Sorted(maps.Keys(other)); !slices.Equal(names, live) {
		return fmt.Sprintf("cmp has the Applications %q, Argo CD %q", names, live)
	}
	return strings.Join(differences(own, other, ""), "\n")
}
