package e2e

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/cache"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/utils/tracing"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"
)

var update = flag.Bool("update", false, "write what is recorded of servers")

// servedFile has the API versions that Kubernetes of kubeVersion serves, as Argo CD tells them to Helm.
const servedFile = "testdata/apiversions.txt"

// servedByDefault returns the API versions that Kubernetes of kubeVersion serves.
func servedByDefault() []string {
	text, err := os.ReadFile(servedFile)
	if err != nil {
		panic(err) // of this repository
	}
	return strings.Fields(string(text))
}

// Without a word about API versions, charts see what Kubernetes serves, as Argo CD finds it out, besides what Helm is
// built with.
func TestAPIVersions(t *testing.T) {
	n, etcd := startEtcd(t)
	k := startKubernetes(t, n, etcd, "plain")
	config, err := clientcmd.BuildConfigFromFlags("", k.kubeconfig)
	require.NoError(t, err)
	config.Dial = n.dial
	control := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	resources, err := control.GetAPIResources(config, false, cache.NewNoopSettings())
	require.NoError(t, err)
	want := argo.APIResourcesToStrings(resources, true)
	if *update {
		require.NoError(t, os.WriteFile(servedFile, []byte(strings.Join(want, "\n")+"\n"), 0o644))
	}
	require.Equal(t, want, servedByDefault(), "run with -update")

	directory := t.TempDir()
	for name, text := range map[string]string{
		"fleet.yaml": "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  clusters: [{name: hub, labels: {tenant: " +
			"t, environment: e}}]\n",
		"set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: s, namespace: argocd}
spec:
  generators: [{list: {elements: [{a: b}]}}]
  template:
    metadata: {name: show}
    spec:
      project: default
      destination: {name: hub, namespace: show}
      source: {repoURL: https://git.example.com/r.git, path: show, targetRevision: main}
`,
		"show/Chart.yaml": "{apiVersion: v2, name: show, version: 1.0.0}",
		"show/templates/show.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: show}\ndata: {all: {{ " +
			".Capabilities.APIVersions | toJson | quote }}}\n",
	} {
		file := filepath.Join(directory, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	r := &repository{checkout: directory}
	output, message := r.run(t, ".", "render", "--from", "set.yaml", "--stage", "manifests", "--kube-version",
		kubeVersion, "-o", "json")
	require.Empty(t, message)
	var list struct {
		Items []struct{ Data struct{ All string } }
	}
	require.NoError(t, json.Unmarshal(output, &list))
	require.Len(t, list.Items, 1)
	var got []string
	require.NoError(t, json.Unmarshal([]byte(list.Items[0].Data.All), &got))
	require.Greater(t, len(got), len(want))
	require.Equal(t, want, got[len(got)-len(want):], "after those that Helm is built with")
}
