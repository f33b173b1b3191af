package application_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// files are the repository of a test.
type files map[string]string

func (f files) fs() fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range f {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// parse reads an object written in a test.
func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var object map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &object), text)
	return object
}

// parsed reads YAML that may be none.
func parsed(text string) (map[string]any, bool) {
	var object map[string]any
	err := yaml.Unmarshal([]byte(text), &object)
	return object, err == nil && object != nil
}

// set returns an ApplicationSet with Go templates, named "set", with the spec's generators and a small template; spec
// is YAML.
func set(t testing.TB, spec string) map[string]any {
	t.Helper()
	all := hierarchy.MergeMaps(parse(t, `
goTemplate: true
goTemplateOptions: [missingkey=error]
template:
  metadata: {name: "app-{{.name}}"}
  spec:
    project: default
    source: {repoURL: https://git.example/fleet, path: x, targetRevision: main}
    destination: {name: "{{.name}}", namespace: ns}
`), parse(t, spec))
	return map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
		"metadata": map[string]any{"name": "set", "namespace": "argocd"}, "spec": all,
	}
}

// plainSet is a set without Go templates.
func plainSet(t testing.TB, spec string) map[string]any {
	t.Helper()
	frame := set(t, "goTemplate: false\ngoTemplateOptions: null\ntemplate: {metadata: {name: 'app-{{name}}'}, spec: "+
		"{destination: {name: '{{name}}'}}}")
	frame["spec"] = hierarchy.MergeMaps(frame["spec"].(map[string]any), parse(t, spec))
	return frame
}

// threeClusters are a hub and two spokes.
func threeClusters() []cluster.Cluster {
	return []cluster.Cluster{
		{Name: "hub", File: "fleet.yaml", Labels: map[string]string{"fleet_member": "hub-cluster",
			"tenant": "control-plane", "env": "prod"},
			Annotations: map[string]string{"region": "eu-1"}},
		{Name: "east", Server: "https://east.example", Hub: "hub", File: "members/east.yaml",
			Labels:      map[string]string{"fleet_member": "spoke", "tenant": "a", "env": "test"},
			Annotations: map[string]string{"region": "us-1"}},
		{Name: "west", Server: "https://west.example", Hub: "hub", File: "members/west.yaml",
			Labels:      map[string]string{"fleet_member": "spoke", "tenant": "b", "env": "prod"},
			Annotations: map[string]string{"region": "us-2"}},
	}
}

func expander(t testing.TB, repository files, clusters []cluster.Cluster) *application.Expander {
	t.Helper()
	e, err := application.New(application.Options{Version: argocd.Newest(), Repository: generator.Repository{
		FS: repository.fs(), FileSize: hierarchy.MaxFileSize}}, clusters)
	require.NoError(t, err)
	return e
}

// expand expands an ApplicationSet for three clusters, and fails on problems and warnings.
func expand(t testing.TB, object map[string]any, repository files) []application.Application {
	t.Helper()
	expansion := expander(t, repository, threeClusters()).Expand(t.Context(), object)
	require.Empty(t, messages(expansion.Problems))
	require.Empty(t, messages(expansion.Warnings))
	for _, a := range expansion.Applications {
		requireSameForms(t, a)
	}
	return expansion.Applications
}

// requireSameForms checks that the typed form of an Application is what its object is when it is decoded.
func requireSameForms(t testing.TB, a application.Application) {
	t.Helper()
	typed, err := a.Typed()
	require.NoError(t, err)
	decoded, err := application.Read(a.Object, argocd.Newest()).Typed()
	require.NoError(t, err)
	want, err := yaml.Marshal(decoded.Spec)
	require.NoError(t, err)
	got, err := yaml.Marshal(typed.Spec)
	require.NoError(t, err)
	require.YAMLEq(t, string(want), string(got))
	require.Equal(t, decoded.Name, typed.Name)
	for i, source := range decoded.Spec.GetSources() {
		if source.Helm != nil {
			require.Equal(t, string(source.Helm.ValuesYAML()), string(typed.Spec.GetSources()[i].Helm.ValuesYAML()))
		}
	}
}

func names(applications []application.Application) []string {
	var all []string
	for _, a := range applications {
		all = append(all, at(a.Object, "metadata", "name").(string))
	}
	return all
}

// at returns what is at a path in an object; nil if there is nothing.
func at(object any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := object.(map[string]any)
			object = m[step]
		case int:
			list, _ := object.([]any)
			if step >= len(list) {
				return nil
			}
			object = list[step]
		}
	}
	return object
}

func messages[E error](all []E) []string {
	var out []string
	for _, err := range all {
		out = append(out, err.Error())
	}
	return out
}

// manyClusters are a hub and spokes with a few labels and annotations, as a large fleet has them.
func manyClusters(n int) []cluster.Cluster {
	clusters := make([]cluster.Cluster, n)
	for i := range clusters {
		clusters[i] = cluster.Cluster{
			Name: fmt.Sprintf("cluster-%04d", i), Hub: "hub", Server: fmt.Sprintf("https://c%d.example", i),
			File: fmt.Sprintf("members/hub/%04d.yaml", i),
			Labels: map[string]string{"fleet_member": "spoke", "tenant": fmt.Sprintf("t%d", i%10),
				"environment": "prod", "addonsRelease": "default",
				"enable_everything": "true", "region": "eu"},
			Annotations: map[string]string{"aws_region": "eu-west-1", "aws_account_id": fmt.Sprint(100000000000 + i),
				"repo_url":      "https://git.example/fleet",
				"repo_revision": "main", "cluster_path": fmt.Sprintf("clusters/%04d", i)},
		}
	}
	return clusters
}
