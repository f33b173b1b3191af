package argo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

func object(t *testing.T, text string) argo.Object {
	t.Helper()
	var o argo.Object
	require.NoError(t, yaml.Unmarshal([]byte(text), &o))
	return o
}

// TestNeutral: what only says which program made an object, and where it is, does not differ.
func TestNeutral(t *testing.T) {
	for _, tt := range []struct{ name, kind, before, after string }{
		{"another object", "ConfigMap", "{metadata: {name: a, namespace: b}, data: {x: one}}",
			"{metadata: {name: c}, data: {x: one}}"},
		{"an Application", argo.KindApplication,
			"{metadata: {name: a, labels: {helm.sh/chart: x}}, spec: {sources: [{helm: {valueFiles: ['$v//a', " +
				"'https://b//c']}}]}}",
			"{metadata: {name: a, labels: {cluster: c}}, spec: {sources: [{helm: {valueFiles: [$v/a, " +
				"'https://b//c']}}]}}"},
		{"an Application with one source", argo.KindApplication, "{metadata: {}, spec: {source: {path: a}}}",
			"{metadata: {labels: {component: x}}, spec: {source: {path: a}}}"},
		{"an ApplicationSet", argo.KindApplicationSet,
			"{metadata: {finalizers: [x]}, spec: {applyNestedSelectors: false, template: {metadata: {labels: {a: " +
				"b}}}}}",
			"{metadata: {}, spec: {template: {metadata: {labels: {a: b, environment: c}}}}}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := argo.Neutral(tt.kind, object(t, tt.before))
			after := argo.WithoutAdded(before, argo.Neutral(tt.kind, object(t, tt.after)))
			want, err := yaml.Marshal(argo.WithoutAdded(before, before))
			require.NoError(t, err)
			got, err := yaml.Marshal(after)
			require.NoError(t, err)
			require.YAMLEq(t, string(want), string(got))
		})
	}
}

// TestReplaced: what an Application says of where its objects are, and how they are called.
func TestReplaced(t *testing.T) {
	const before = "{metadata: {name: a}, spec: {destination: {name: c, namespace: ns}, source: {chart: x, repoURL: " +
		"r.git}}}"
	for after, want := range map[string]string{
		before: "",
		"{metadata: {name: a}, spec: {destination: {server: d, namespace: ns}, source: {chart: x, " +
			"repoURL: r}}}": "on another cluster",
		"{metadata: {name: a}, spec: {destination: {name: c}, source: {chart: x, " +
			"repoURL: r}}}": "in another namespace",
		"{metadata: {name: b}, spec: {destination: {name: c, namespace: ns}, source: {chart: x, " +
			"repoURL: r}}}": "under the names of another Helm release",
		"{metadata: {name: a}, spec: {destination: {name: c, namespace: ns}, sources: [{chart: " +
			"other, repoURL: r}]}}": "of another chart or directory",
		"{metadata: {name: a}, spec: {destination: {name: c, namespace: ns}, sources: [{chart: x, repoURL: r, " +
			"kustomize: {namePrefix: p}}, {ref: v}]}}": "under other names of Kustomize",
	} {
		require.Equal(t, want, argo.Replaced(object(t, before), object(t, after)), after)
	}
}

// TestWhatDeletes: finalizers and sync policies say what goes with what.
func TestWhatDeletes(t *testing.T) {
	const finalizer = "resources-finalizer.argocd.argoproj.io"
	require.True(t, argo.Cascades(object(t, "metadata: {finalizers: [x, "+finalizer+"]}")))
	require.False(t, argo.Cascades(object(t, "metadata: {finalizers: [x]}")))
	require.True(t, argo.Prunes(object(t, "spec: {syncPolicy: {automated: {prune: true}}}")))
	require.False(t, argo.Prunes(object(t, "spec: {syncPolicy: {automated: {prune: true, enabled: false}}}")))
	require.False(t, argo.Prunes(object(t, "spec: {}")))
	const preserves = "spec: {syncPolicy: {preserveResourcesOnDeletion: true}, template: {metadata: {finalizers: "
	require.True(t, argo.Preserves(object(t, preserves+"[]}}}")))
	require.False(t, argo.Preserves(object(t, preserves+"["+finalizer+"]}}}")))
}

// TestRequired: only what all generators want is required.
func TestRequired(t *testing.T) {
	require.Equal(t, []string{"a=b"},
		argo.Required(object(t, "spec: {generators: [{clusters: {selector: {matchLabels: "+
			"{a: b, c: d}}}}, {merge: {generators: [{clusters: {selector: {matchLabels: {a: b}}}}]}}]}")))
	require.Empty(t, argo.Required(object(t, "spec: {}")))
	require.Equal(t, "c", argo.Last("a/b/c"))
}
