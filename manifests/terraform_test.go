package manifests_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestBootstrapChart renders the chart of modules/hub: objects pass through, also what looks like a template, and are
// kept when the release is removed.
func TestBootstrapChart(t *testing.T) {
	chart, err := loader.Load(filepath.Join("terraform", "modules", "hub", "chart"))
	require.NoError(t, err)
	object := func(annotations string) string {
		return `{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: a` + annotations + `},
			spec: {template: {metadata: {name: '{{.name}}'}}}}`
	}
	values, err := chartutil.ReadValues([]byte(`
cluster: {name: hub-prod, config: '{"tlsClientConfig":{"insecure":false}}', labels: {on_call: "007"},
  annotations: {aws_account_id: "012345678901"}}
objects: [` + object("") + `, ` + object(`, annotations: {b: c}`) + `]
`))
	require.NoError(t, err)
	values, err = chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Namespace: "argocd"}, nil)
	require.NoError(t, err)
	files, err := engine.Render(chart, values)
	require.NoError(t, err)

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
