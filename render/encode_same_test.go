package render_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestEncodesAsKubernetesDoes compares the quick encoding of objects with the library that kubectl and Helm use, when
// that leaves long strings on one line.
func TestEncodesAsKubernetesDoes(t *testing.T) {
	yamlv2.FutureLineWrap()
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
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "word ", " ", "\n", "\n\n", "\t", ": ", " #", "- ", "'", `"`, "{", "}", "[", "]", ",", "&", "*", "!",
		"|", ">", "%", "@", "`", "?", "~", "null", "true", "yes", "1", ".", "e3", "0x", ":", "_", "<<", "=", "é",
		"\u2028",
		"\u0085", "\x1b", "\r", strings.Repeat("long ", 40)}
	for range 3000 {
		var text strings.Builder
		for range 1 + random.IntN(6) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		objects = append(objects, render.Object{"a": []any{text.String(), render.Object{"b": text.String()}},
			text.String() + "-": "key"})
	}
	for _, object := range objects {
		want, err := yaml.Marshal(object)
		if err != nil {
			continue // it cannot read the JSON that it makes on the way
		}
		got, err := render.Encode([]render.Object{object}, "yaml")
		require.NoError(t, err)
		if text, is := object["a"].([]any); !is || !strings.ContainsAny(text[0].(string), "\r\u0085\u2028\u2029") {
			require.Equal(t, string(want), string(got))
		}
		var back render.Object
		require.NoError(t, yaml.Unmarshal(got, &back))
		require.Equal(t, object["a"], back["a"])
	}
}
