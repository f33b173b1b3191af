package fork_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/fork"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &o))
	return o
}

func TestGroup(t *testing.T) {
	for text, group := range map[string]string{
		"helm: {valuesObject: {applicationSetGroup: monitoring}, valueFiles: [$v/addons.yaml]}": "monitoring",
		"helm: {valueFiles: [$v/a/addons.yaml, $v/b/addons.yaml]}":                              "addons",
		"helm: {valueFiles: [$v/a/addons.yaml, $v/b/others.yaml]}":                              "cluster-a",
		"helm: {valueFiles: [$v/a/values.yaml]}":                                                "cluster-a",
		"helm: {valueFiles: ['$v/{{ .x }}.yaml']}":                                              "cluster-a",
		"path: charts/application-sets":                                                         "cluster-a",
	} {
		require.Equal(t, group, fork.Group("cluster-a", object(t, text)), text)
	}
}

var hub = cluster.Cluster{Name: "hub", Labels: map[string]string{"tenant": "platform", "environment": "prod"},
	Annotations: map[string]string{"addons_repo_basepath": "gitops/addons/"}}

const source = `path: gitops/addons/charts/application-sets
helm:
  valueFiles:
    - $values/gitops/addons/bootstrap/addons.yaml
    - $values/gitops/addons/environments/prod/addons.yaml
    - $values/gitops/addons/tenants/platform/application-sets/addons.yaml
    - $values/gitops/addons/clusters/hub/addons.yaml
`

const written = `helm:
  valueFiles:
    - $values/{{.metadata.annotations.addons_repo_basepath}}bootstrap/addons.yaml
    - $values/{{.metadata.annotations.addons_repo_basepath}}environments/{{ .metadata.labels.environment }}/addons.yaml
    - $values/{{.metadata.annotations.addons_repo_basepath}}tenants/{{ .metadata.labels.tenant }}/{{ .values.chart }}/addons.yaml
    - $values/{{.metadata.annotations.addons_repo_basepath}}clusters/{{ .name }}/addons.yaml
`

const set = `
metadata: {name: cert-manager}
spec:
  template:
    metadata: {name: 'cert-manager-{{.name}}'}
    spec:
      sources:
        - {ref: values}
        - {path: gitops/addons/charts/pod-identity}
        - helm: {valueFiles: ['$values/{{.metadata.annotations.addons_repo_basepath}}default/addons/cert-manager/own.yaml']}
`

// files have the components.
var files = fstest.MapFS{
	"gitops/addons/bootstrap/addons.yaml":                       {Data: []byte("cert-manager: {enabled: true}\n")},
	"gitops/addons/charts/application-sets/values/special.yaml": {Data: []byte("special_one: {enabled: true}\n")},
}

func TestKeys(t *testing.T) {
	key := fork.Keys(files, object(t, source))
	for name, want := range map[string]string{"cert-manager": "cert-manager", "special-one": "special_one",
		"prefix-of-special-one": "special_one", "other": "other", "": ""} {
		require.Equal(t, want, key(name))
	}
}

// TestPropose: with what an ApplicationSet says of value files, or only with what they are for the hub.
func TestPropose(t *testing.T) {
	other := object(t, set)
	other["metadata"] = map[string]any{"name": "special-one"}
	other["spec"].(map[string]any)["template"].(map[string]any)["metadata"] = map[string]any{
		"name": "{{.name}}-special"}
	a := fork.Application{Name: "addons", Hub: hub, Source: object(t, source), Template: object(t, written),
		Sets: []map[string]any{object(t, set), other}, Key: fork.Keys(files, object(t, source))}
	want := fork.Proposal{Path: "gitops/addons",
		Levels: []fork.Level{
			{Name: "system", Paths: []string{"bootstrap", "default"}},
			{Name: "environment", Paths: []string{"environments/{{.metadata.labels.environment}}"}},
			{Name: "tenant", Paths: []string{"tenants/{{.metadata.labels.tenant}}"}},
			{Name: "cluster", Paths: []string{"clusters/{{.name}}"}}},
		Settings: map[string]any{
			"settingsFiles":       []any{"GROUP.yaml", "application-sets/GROUP.yaml"},
			"applicationName":     "COMPONENT-{{.name}}",
			"applicationSetGroup": "",
			"ackPodIdentity":      map[string]any{"path": "gitops/addons/charts/pod-identity"},
			"valuesFileName":      "own.yaml",
			"applicationSets": map[string]any{"special_one": map[string]any{"appSetName": nil,
				"applicationName": "{{.name}}-special"}}}}
	p, ok := fork.Propose(a)
	require.True(t, ok)
	require.Equal(t, want, p)

	a.Template = nil
	p, ok = fork.Propose(a)
	require.True(t, ok)
	require.Equal(t, want, p)

	plain := strings.NewReplacer("{{ .", "{{", "{{.", "{{", " }}", "}}").Replace(written) // without goTemplate
	a.Template = object(t, plain)
	p, ok = fork.Propose(a)
	require.True(t, ok)
	require.Equal(t, want, p)

	a.Hub.Annotations = nil // the deepest directory that all are in
	p, ok = fork.Propose(a)
	require.True(t, ok)
	require.Equal(t, "gitops/addons", p.Path)
}

// TestNothingToPropose: value files that no level can have, or none at all.
func TestNothingToPropose(t *testing.T) {
	for name, text := range map[string]string{
		"no value files":       "path: charts/application-sets",
		"beside the levels":    "helm: {valueFiles: [$values/gitops/addons/addons.yaml]}",
		"beside the directory": "helm: {valueFiles: [values.yaml]}",
	} {
		_, ok := fork.Propose(fork.Application{Name: "a", Hub: hub, Source: object(t, text)})
		require.False(t, ok, name)
	}
}
