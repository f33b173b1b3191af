package registered_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/registered"
)

// object returns an ExternalSecret with templates of its metadata.
func object(t testing.TB, templates string) map[string]any {
	t.Helper()
	var o map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(`kind: ExternalSecret
spec:
  target:
    name: a-secret
    template:
      data: {name: a}
      templateFrom:
`+templates+`
      - {target: Labels, literal: 'argocd.argoproj.io/secret-type: cluster'}
`), &o))
	return o
}

func of(t testing.TB, templates string) registered.Secret {
	t.Helper()
	s, is := registered.Of(object(t, templates))
	require.True(t, is)
	return s
}

const addons = "\n      - {target: Labels, literal: '{{ .addons }}'}\n"

func TestOf(t *testing.T) {
	s := of(t, `      - {target: Labels, literal: "num: 1\ne:\nb: true"}`+addons+`
      - {target: Annotations, literal: "x: text"}`)
	require.Equal(t, "a", s.Cluster)
	c := s.Describe(cluster.Cluster{Name: "a", Labels: map[string]string{"num": "2", "k": "v"}})
	require.Equal(t, map[string]string{"num": "1", "b": "true", "k": "v", "argocd.argoproj.io/secret-type": "cluster"},
		c.Labels)
	require.Equal(t, map[string]string{"x": "text"}, c.Annotations)

	for name, o := range map[string]map[string]any{
		"another kind": {"kind": "Secret"},
		"no template":  {"kind": "ExternalSecret", "spec": map[string]any{"target": map[string]any{"name": "a"}}},
		"no text":      {"kind": "ExternalSecret", "spec": "a"},
	} {
		_, is := registered.Of(o)
		require.False(t, is, name)
	}
}

// TestTurn: the Secret that exists says what wins over the texts of today, and so over those in their place.
func TestTurn(t *testing.T) {
	was := of(t, `      - {target: Labels, literal: "same: old\nwon: old\nlost: x"}
      - {target: Annotations, literal: "gone: x"}`+addons)
	now := of(t, `      - {target: Labels, literal: "same: new\nwon: new\nmore: new"}`+addons+`
      - {target: Labels, literal: "own: new"}`)
	c := cluster.Cluster{Labels: map[string]string{"same": "old", "won": "secret", "lost": "x", "own": "old",
		"argocd.argoproj.io/secret-type": "cluster"}, Annotations: map[string]string{"gone": "x", "other": "y"}}
	turned := now.Turn(c, was)
	require.Equal(t, map[string]string{"same": "new", "won": "secret", "more": "new", "own": "new",
		"argocd.argoproj.io/secret-type": "cluster"}, turned.Labels)
	require.Equal(t, map[string]string{"other": "y"}, turned.Annotations)
	require.Equal(t, "old", c.Labels["same"], "the cluster itself stays as it is")
	require.Equal(t, []string{"annotations/gone", "labels/lost"}, was.Lost(now))
	require.True(t, registered.Alike(was, now))
	require.False(t, registered.Alike(was, of(t, "")), "the secret's labels no longer count")
}

func FuzzOf(f *testing.F) {
	f.Add("a: b\n", "Labels")
	f.Add("{{ .addons }}", "Labels")
	f.Add("- a", "")
	f.Fuzz(func(t *testing.T, text, target string) {
		o := object(t, addons)
		template := o["spec"].(map[string]any)["target"].(map[string]any)["template"].(map[string]any)
		template["templateFrom"] = append(template["templateFrom"].([]any), map[string]any{"target": target,
			"literal": text})
		if s, is := registered.Of(o); is {
			require.Empty(t, s.Lost(s))
			require.True(t, registered.Alike(s, s))
			c := s.Describe(cluster.Cluster{})
			require.Equal(t, c.Labels, s.Turn(c, s).Labels)
		}
	})
}
