package written

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

func TestNamespacesThatAreNearlyOthers(t *testing.T) {
	for text, found := range map[string]int{
		"kyverno: {namespace: kyveno}":                                                         1,
		"a: {namespace: argo-rolouts, chartName: argo-rollouts}":                               1,
		"cert_manager: {namespace: cert-manger}":                                               1,
		"a: {namespace: kube-systm}\nb: {namespace: kube-system}\nc: {namespace: kube-system}": 1,
		"argocd: {namespace: argocd, chartName: argo-cd}":                                      0,
		"widget: {namespace: widgets}":                                                         0,
		"a: {namespace: team-a}\nb: {namespace: team-b}\nc: {namespace: team-b}":               0,
		"a: {namespace: team-1}\nb: {namespace: team-11}\nc: {namespace: team-11}":             0,
		"a: {namespace: '{{.metadata.labels.tenant}}'}":                                        0,
	} {
		j := newJudge()
		see(t, j, "catalog/values/addons.yaml", text)
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, text)
	}
}

func TestRegions(t *testing.T) {
	for region, found := range map[string]int{
		"eu-wst-1": 1, "eu-west1": 1, "euwest-1": 1, "us-esat-1": 1,
		"eu-west-1": 0, "ap-southeast-4": 0, "us-gov-west-1": 0, "us-isob-east-1": 0, "'{{.x}}'": 0, "<region>": 0,
	} {
		require.Len(t, see(t, newJudge(), "a.yaml", "aws_region: "+region), found, region)
	}
	require.Empty(t, see(t, newJudge(), "a.yaml", "region: europe-west1"))
}

func TestAddressesThatAreNone(t *testing.T) {
	for text, found := range map[string]int{
		"a: htps://x.example.com/y": 1, "chartRepository: https ://x.example.com": 1,
		"repoURL: git@git.example.com/a/b.git": 1, "a: {chartRepository: charts/b}": 1,
		"a: tcp://x.example.com": 0, "a: h2c://x:80": 0, "a: httpx://x": 0, "a: 'see https ://x'": 0,
		"repoURL: git@git.example.com:a/b.git": 0, "a: {chartRepository: harbor.example.com/b}": 0,
		"email: me@example.com/x": 0,
	} {
		require.Len(t, see(t, newJudge("charts/b/Chart.yaml"), "catalog/values/addons.yaml", text), found, text)
	}
}

func TestTemplatesThatLackABrace(t *testing.T) {
	for text, found := range map[string]int{
		"a: {namespace: '{.metadata.labels.tenant}}'}": 1, "a: {namespace: '{{.metadata.labels.tenant}'}": 1,
		"a: {namespace: '{{.metadata.labels.tenant}}'}":                                       0,
		"a: {ignoreDifferences: [{jqPathExpressions: ['. | {a: {b: .metadata.labels.c}}']}]}": 0,
	} {
		require.Len(t, see(t, newJudge(), "catalog/values/addons.yaml", text), found, text)
	}
}

func TestEntriesOfValueFiles(t *testing.T) {
	for text, found := range map[string]int{
		"valueFiles: [bootstrap/default]":                                 1,
		"valueFiles: ['tenant/{{.metadata.labels.tenant}}']":              1,
		"valueFiles: [bootstrap/defaults, regions/eu, '{{.name}}', a]":    0,
		"valueFiles: [bootstrap/default]\nvaluesFilePrefix: '{{.name}}/'": 0,
	} {
		j := newJudge("addons/bootstrap/defaults/x.yaml", "addons/tenants/a/x.yaml")
		see(t, j, "catalog/values.yaml", text)
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, text)
	}
}

// A name of another cluster is a mistake only where all others have their own.
func TestAnnotationsWithTheNameOfAnotherCluster(t *testing.T) {
	identities := func(names map[string]string) []member.Identity {
		var all []member.Identity
		for _, name := range []string{"a", "b", "c", "d", "hub"} {
			all = append(all, member.Identity{Cluster: cluster.Cluster{Name: name, Hub: "hub",
				Annotations: map[string]string{"x": names[name]}}})
		}
		return all
	}
	for _, test := range []struct {
		names map[string]string
		found int
	}{
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "c"}, 1},
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "d"}, 0},
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "hub"}, 0},
		{map[string]string{"a": "a", "b": "b", "d": "c"}, 0},
		{map[string]string{"a": "b", "b": "a", "c": "c", "d": "d", "hub": "hub"}, 0},
	} {
		found := newJudge().Judge(All{Clusters: identities(test.names),
			ValuesOf: func(string, string) *hierarchy.Values { return nil },
			PartsOf:  func(string) []string { return nil }})
		require.Len(t, found, test.found, test.names)
	}
}
