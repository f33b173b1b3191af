package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// refresh has Argo CD look at the repository again, past its caches.
func (h *hub) refresh(t *testing.T) {
	t.Helper()
	h.patch(t, "Application", "fleet", "{metadata: {annotations: {argocd.argoproj.io/refresh: hard}}}")
}

// sameAs reports how the ApplicationSets differ from those that `cmp render` prints.
func (h *hub) sameAs(t *testing.T, expected []any) error {
	live := map[string]map[string]any{}
	for _, object := range h.list(t, "ApplicationSet") {
		live[object.GetName()] = object.Object
	}
	for _, object := range expected {
		wanted := unstructured.Unstructured{Object: object.(map[string]any)}
		name := wanted.GetName()
		if live[name] == nil {
			return fmt.Errorf("no ApplicationSet %s; %s", name, h.state(t))
		}
		if difference := subset(wanted.Object["spec"], live[name]["spec"], name); difference != "" {
			return errors.New(difference)
		}
		delete(live, name)
	}
	for name := range live {
		return fmt.Errorf("ApplicationSet %s should not be there", name)
	}
	return nil
}

// subset says which field of one value is not so in another, which may have more fields.
func subset(wanted, live any, path string) string {
	switch wanted := wanted.(type) {
	case map[string]any:
		fields, _ := live.(map[string]any)
		for key, value := range wanted {
			if difference := subset(value, fields[key], path+"."+key); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		items, _ := live.([]any)
		if len(items) != len(wanted) {
			return fmt.Sprintf("%s has %d items, not %d", path, len(items), len(wanted))
		}
		for i, value := range wanted {
			if difference := subset(value, items[i], fmt.Sprintf("%s[%d]", path, i)); difference != "" {
				return difference
			}
		}
		return ""
	default:
		if fmt.Sprint(wanted) != fmt.Sprint(live) {
			return fmt.Sprintf("%s is %v, not %v", path, live, wanted)
		}
		return ""
	}
}

// state is what Argo CD says about the Application.
func (h *hub) state(t *testing.T) string {
	t.Helper()
	app, err := h.objects("Application").Get(t.Context(), "fleet", metav1.GetOptions{})
	if err != nil {
		return err.Error()
	}
	status, _, _ := unstructured.NestedString(app.Object, "status", "sync", "status")
	phase, _, _ := unstructured.NestedString(app.Object, "status", "operationState", "phase")
	message, _, _ := unstructured.NestedString(app.Object, "status", "operationState", "message")
	text := fmt.Sprintf("Application fleet is %q, its operation %q %s", status, phase, message)
	conditions, _, _ := unstructured.NestedSlice(app.Object, "status", "conditions")
	for _, condition := range conditions {
		text += fmt.Sprintf("; %v", condition.(map[string]any)["message"])
	}
	return text
}

// applications checks that each ApplicationSet has made one Application for each cluster that its selector matches.
func (h *hub) applications(t *testing.T, clusters []cluster) (total int, err error) {
	made := map[string][]string{}
	for _, app := range h.list(t, "Application") {
		for _, owner := range app.GetOwnerReferences() {
			destination, _, _ := unstructured.NestedString(app.Object, "spec", "destination", "name")
			made[owner.Name] = append(made[owner.Name], destination)
			total++
		}
	}
	for _, set := range h.list(t, "ApplicationSet") {
		var expected []string
		generators, _, _ := unstructured.NestedSlice(set.Object, "spec", "generators")
		for _, generator := range generators {
			fields := generator.(map[string]any)
			if merged, found, _ := unstructured.NestedSlice(fields, "merge", "generators"); found {
				fields = merged[0].(map[string]any) // the others add values to those that the first one has
			}
			fields, found, err := unstructured.NestedMap(fields, "clusters", "selector")
			if err != nil || !found {
				return 0, fmt.Errorf("ApplicationSet %s: no selector in %v", set.GetName(), generator)
			}
			var selector metav1.LabelSelector
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &selector); err != nil {
				return 0, err
			}
			matches, err := metav1.LabelSelectorAsSelector(&selector)
			if err != nil {
				return 0, err
			}
			for _, c := range clusters {
				if matches.Matches(labels.Set(c.secretLabels())) {
					expected = append(expected, c.Name)
				}
			}
		}
		slices.Sort(expected)
		slices.Sort(made[set.GetName()])
		if !slices.Equal(expected, made[set.GetName()]) {
			return 0, fmt.Errorf("ApplicationSet %s is for %v, and has Applications for %v", set.GetName(), expected,
				made[set.GetName()])
		}
	}
	return total, nil
}

// TestHub has Argo CD sync the ApplicationSets of the example fleet's hub, and its ApplicationSet controller make
// Applications of them; then the fleet changes. Either plugin server renders them.
func TestHub(t *testing.T) {
	for _, server := range []string{nativeServer, execServer} {
		t.Run(server, func(t *testing.T) { testHub(t, server) })
	}
}

func testHub(t *testing.T, server string) {
	t.Helper()
	repository := newFleet(t)
	clusters := repository.clusters(t)
	s := selection{group: "addons", cluster: "hub-prod"}
	h := startHub(t, clusters, server)
	h.startSyncing(t)

	h.create(t, fmt.Sprintf(`
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: fleet, namespace: argocd}
spec:
  project: default
  source:
    repoURL: %s
    targetRevision: main
    path: addons
    plugin:
      name: %s
      parameters: [{name: group, string: addons}, {name: cluster, string: hub-prod}]
  destination: {server: "https://kubernetes.default.svc", namespace: argocd}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
`, repository.url, h.plugin))
	same := func(what string) {
		t.Helper()
		expected := s.rendered(t, repository)
		eventually(t, what, func() error { return h.sameAs(t, expected) })
		var total int
		eventually(t, what+": Applications", func() (err error) {
			total, err = h.applications(t, clusters)
			return err
		})
		require.Positive(t, total)
		t.Logf("%d ApplicationSets, %d Applications", len(expected), total)
	}
	same("synced")

	// A cluster's label.
	position := slices.IndexFunc(clusters, func(c cluster) bool { return c.Name == "hub-prod" })
	require.Equal(t, "true", clusters[position].Labels["enable_external_dns"])
	clusters[position].Labels["enable_external_dns"] = "false"
	h.patch(t, "Secret", "hub-prod", `{metadata: {labels: {enable_external_dns: "false"}}}`)
	same("another label")

	// A values file.
	repository.write(t, "addons/control-plane/environments/prod/defaults/application-sets/addons.yaml",
		"external-dns: {namespace: dns-of-the-hub}\n")
	repository.push(t)
	expected, err := json.Marshal(s.rendered(t, repository))
	require.NoError(t, err)
	require.Contains(t, string(expected), "dns-of-the-hub")
	h.refresh(t)
	same("another value")

	// A release.
	before := s.rendered(t, repository)
	h.patch(t, "Application", "fleet", `{spec: {source: {plugin: {parameters: [{name: group, string: addons}, {name: cluster, string: hub-prod}, {name: release, string: next}]}}}}`)
	s.release = "next"
	require.NotEqual(t, before, s.rendered(t, repository))
	same("another release")

	// A commit that breaks the configuration: nothing is lost, and Argo CD says why.
	identities := func() []string {
		var all []string
		for _, kind := range []string{"ApplicationSet", "Application"} {
			for _, object := range h.list(t, kind) {
				all = append(all, fmt.Sprintf("%s %s %s", kind, object.GetName(), object.GetUID()))
			}
		}
		return all
	}
	kept := identities()
	const file = "addons/control-plane/environments/prod/defaults/application-sets/addons.yaml"
	repository.write(t, file, "external-dns: {namespace: [\n")
	repository.push(t)
	_, message := repository.cmp(t, s.path(), append([]string{"render"}, s.flags()...)...)
	require.Contains(t, message, file+":")
	h.refresh(t)
	eventually(t, "the reason is shown", func() error {
		if state := h.state(t); !strings.Contains(state, message) {
			return errors.New(state)
		}
		return nil
	})
	time.Sleep(15 * time.Second) // longer than until the next resync
	require.Equal(t, kept, identities())

	// And back.
	repository.write(t, file, "external-dns: {namespace: dns-again}\n")
	repository.push(t)
	h.refresh(t)
	same("mended")
}
