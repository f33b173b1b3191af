package render_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestEncodesAsKubernetesDoes compares the quick encoding of objects with the library that kubectl and Helm use.
func TestEncodesAsKubernetesDoes(t *testing.T) {
	odd := render.Object{
		"numbers": []any{0.0, 1.0, -1.0, 1.5, 1e6, 1234567.0, 1e15, 9007199254740993.0, 9.3e18, -9.3e18, 1e19, 1.8e19,
			1e20, 1e21, 1e-7, 0.1},
		"strings": []any{"", "1", "1.0", "1e3", "true", "yes", "null", "~", "2001-01-01", "0x1f", "010", "1_000", " a",
			"a ", "a: b", "a #b", "- a",
			"{{ .name }}", "'", `"`, "a\nb\n", "\ta", "é\u2028", "<&>", "=", "<<", "*a", "&a", "!a", "|", ">", "%", "@",
			"`"},
		"others": []any{nil, true, false, []any{}, render.Object{},
			render.Object{"1": "a", "a10": 1.0, "a9": 1.0, "true": nil, "": ""}},
	}
	objects := []render.Object{odd}
	for _, group := range exampleGroups {
		result, err := renderOf(question{Tree: exampleFleet,
			Request: render.Request{Group: group, Cluster: "hub-prod"}})
		require.NoError(t, err)
		objects = append(objects, result.Objects...)
	}
	for _, object := range objects {
		want, err := yaml.Marshal(object)
		require.NoError(t, err)
		got, err := render.Encode([]render.Object{object}, "yaml")
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}
