package manifests_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestBootstrapChart renders the chart of modules/hub: objects pass through, also what looks like a template, and are
// kept when the release is removed.
func TestBootstrapChart(t *testing.T) {
	object := func(annotations string) string {
		return `{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: a` + annotations + `},
			spec: {template: {metadata: {name: '{{.name}}'}}}}`
	}
	files := renderBootstrap(t, `
cluster: {name: hub-prod, config: '{"tlsClientConfig":{"insecure":false}}', labels: {on_call: "007"},
  annotations: {aws_account_id: "012345678901"}}
objects: [`+object("")+`, `+object(`, annotations: {b: c}`)+`]
`)

	objects := strings.Split(files["fleet-bootstrap/templates/objects.yaml"], "\n---\n")
	require.Len(t, objects, 3, "nothing is before the first separator")
	require.YAMLEq(t, object(`, annotations: {helm.sh/resource-policy: keep}`), objects[1])
	require.YAMLEq(t, object(`, annotations: {b: c, helm.sh/resource-policy: keep}`), objects[2])

	var secret corev1.Secret
	require.NoError(t, yaml.UnmarshalStrict([]byte(files["fleet-bootstrap/templates/cluster.yaml"]), &secret))
	require.Equal(t, "hub-prod", secret.Name)
	require.Equal(t, "argocd", secret.Namespace)
	require.Equal(t, map[string]string{"argocd.argoproj.io/secret-type": "cluster", "on_call": "007"}, secret.Labels)
	require.Equal(t, map[string]string{"aws_account_id": "012345678901", "helm.sh/resource-policy": "keep"},
		secret.Annotations)
	require.Equal(t, map[string]string{"name": "hub-prod", "server": "https://kubernetes.default.svc",
		"config": `{"tlsClientConfig":{"insecure":false}}`}, secret.StringData)
}

// TestBootstrapOfTheModule follows a bootstrap of cmp through modules/hub to the cluster: OpenTofu decodes it (make
// terraform compares both files), and the chart changes nothing but what keeps the objects.
func TestBootstrapOfTheModule(t *testing.T) {
	decoded, err := os.ReadFile(filepath.Join("testdata", "bootstrap.json"))
	require.NoError(t, err)
	rendered, err := os.ReadFile(filepath.Join("testdata", "bootstrap.yaml"))
	require.NoError(t, err)
	files := renderBootstrap(t, "{cluster: {name: hub-prod, config: '{}', labels: {}, annotations: {}}, objects: "+
		string(decoded)+"}")
	got := strings.Split(files["fleet-bootstrap/templates/objects.yaml"], "\n---\n")[1:]
	want := strings.Split(string(rendered), "\n---\n")
	require.Len(t, got, len(want))
	for i := range want {
		var before, after unstructured.Unstructured
		require.NoError(t, yaml.Unmarshal([]byte(want[i]), &before.Object))
		require.NoError(t, yaml.Unmarshal([]byte(got[i]), &after.Object))
		annotations := map[string]string{"helm.sh/resource-policy": "keep"}
		maps.Copy(annotations, before.GetAnnotations())
		before.SetAnnotations(annotations)
		require.Equal(t, before.Object, after.Object)
	}
}

// TestImageOfTheModule shows that modules/hub replaces the version in the values of the sidecar, and nothing else.
func TestImageOfTheModule(t *testing.T) {
	values, err := os.ReadFile(filepath.Join("argo-helm", "values.yaml"))
	require.NoError(t, err)
	module, err := os.ReadFile(filepath.Join("terraform", "modules", "hub", "argocd.tf"))
	require.NoError(t, err)
	image := []byte("ghcr.io/eks-fleet-management/fleet-cmp:VERSION")
	require.Equal(t, 1, bytes.Count(values, image))
	require.Equal(t, 1, bytes.Count(values, []byte(":VERSION")))
	require.Contains(t, string(module), `file("${path.module}/../../../argo-helm/values.yaml")`)
	require.Contains(t, string(module), `"`+string(image)+`"`)
}

func renderBootstrap(t *testing.T, text string) map[string]string {
	t.Helper()
	chart, err := loader.Load(filepath.Join("terraform", "modules", "hub", "chart"))
	require.NoError(t, err)
	values, err := chartutil.ReadValues([]byte(text))
	require.NoError(t, err)
	values, err = chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Namespace: "argocd"}, nil)
	require.NoError(t, err)
	files, err := engine.Render(chart, values)
	require.NoError(t, err)
	return files
}
