package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

func TestEncode(t *testing.T) {
	one := render.Object{"kind": "B", "apiVersion": "v1", "z": 1.0, "a": []any{nil, true, "yes", "<&>"}}
	two := render.Object{"kind": "A"}
	tests := []struct {
		rule    string
		objects []render.Object
		format  string
		want    string
	}{
		{"YAML documents in the order of the objects, with sorted keys", []render.Object{one, two}, "yaml",
			"a:\n- null\n- true\n- \"yes\"\n- <&>\napiVersion: v1\nkind: B\nz: 1\n---\nkind: A\n"},
		{"one object needs no separator", []render.Object{two}, "yaml", "kind: A\n"},
		{"no objects are no bytes", nil, "yaml", ""},
		{"JSON is a List, with sorted keys and HTML characters as they are", []render.Object{one, two}, "json", `{
  "apiVersion": "v1",
  "items": [
    {
      "a": [
        null,
        true,
        "yes",
        "<&>"
      ],
      "apiVersion": "v1",
      "kind": "B",
      "z": 1
    },
    {
      "kind": "A"
    }
  ],
  "kind": "List"
}
`},
		{"no objects are an empty list, not null", nil, "json",
			"{\n  \"apiVersion\": \"v1\",\n  \"items\": [],\n  \"kind\": \"List\"\n}\n"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			data, err := render.Encode(test.objects, test.format)
			require.NoError(t, err)
			require.Equal(t, test.want, string(data))
		})
	}
	for _, objects := range [][]render.Object{nil, {one}} {
		t.Run("a format that there is none of", func(t *testing.T) {
			data, err := render.Encode(objects, "xml")
			require.EqualError(t, err,
				`there is no output format "xml"; the formats are yaml, json`)
			require.ErrorIs(t, err, render.ErrIncomplete)
			require.Empty(t, data)
		})
	}
	for _, format := range render.Formats {
		t.Run("what cannot be written is an error in "+format, func(t *testing.T) {
			_, err := render.Encode([]render.Object{two, {"f": func() {}}}, format)
			require.Error(t, err)
		})
	}
}

// TestEncodeValue: text that looks like something else stays text for every YAML parser.
func TestEncodeValue(t *testing.T) {
	for value, want := range map[string]string{
		"yes": `"yes"`, "null": `"null"`, "010": `"010"`, "1e3": `"1e3"`, "1_000": "\"1_000\"", "": `""`, "~": `"~"`,
		"y": `"y"`, "2024-05-06": `"2024-05-06"`,
		"a: b": "'a: b'", "a #b": "'a #b'", "{{ .name }}": "'{{ .name }}'", "it's": "it's", "- a": "'- a'", "<<": "<<",
	} {
		t.Run(value, func(t *testing.T) {
			data, err := render.EncodeValue(value, "yaml")
			require.NoError(t, err)
			require.Equal(t, want+"\n", string(data))
			requireYAML(t, string(data), value)
			asKey, err := render.EncodeValue(render.Object{value: true}, "yaml")
			require.NoError(t, err)
			requireYAML(t, string(asKey), render.Object{value: true})
		})
	}
	data, err := render.EncodeValue([]any{"<a&b>", 12345678.0, 1e21, 0.1, nil}, "json")
	require.NoError(t, err)
	require.Equal(t, "[\n  \"<a&b>\",\n  12345678,\n  1e+21,\n  0.1,\n  null\n]\n", string(data))
}

// TestLongStrings: a string without line breaks is one line, however long it is, and whatever it consists of.
func TestLongStrings(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 60))
	for name, text := range map[string]string{"words": long, "a map": "a: " + long, "a comment": long + " #" + long,
		"a list": "- " + long, "with spaces around": " " + long + "  ", "a template": "{{ " + long + " }}"} {
		t.Run(name, func(t *testing.T) {
			data, err := render.EncodeValue(render.Object{"a": []any{text}}, "yaml")
			require.NoError(t, err)
			require.Equal(t, 2, strings.Count(string(data), "\n"), string(data))
			requireYAML(t, string(data), render.Object{"a": []any{text}})
		})
	}
	for _, text := range []string{long + "\ue000", "@\ue001" + long, "\ue000 " + long, long + "\u2028" + long} {
		data, err := render.EncodeValue(render.Object{"a": []any{text, long}, text: text}, "yaml")
		require.NoError(t, err)
		requireYAML(t, string(data), render.Object{"a": []any{text, long}, text: text})
	}
}

func TestFileName(t *testing.T) {
	object := func(version, kind, name any) render.Object {
		return render.Object{"apiVersion": version, "kind": kind, "metadata": render.Object{"name": name}}
	}
	for want, object := range map[string]render.Object{
		"argoproj.io_v1alpha1_applicationset_a-1.b_c": object("argoproj.io/v1alpha1", "ApplicationSet", "a-1.b_c"),
		"v1_secret_upper":     object("v1", "Secret", "UPPER"),
		"v1_secret_a_b-c---d": object("v1", "Secret", "a/b:c é\nd"),
		"v1_secret_.._.._etc": object("v1", "Secret", "../../etc"),
	} {
		name := render.FileName(object)
		require.Equal(t, want, name)
		require.False(t, strings.ContainsAny(name, "/\\\n"), "one segment of a path")
	}
	require.True(t, strings.HasSuffix(render.FileName(object("v1", "A", "b")), "v1_a_b"))
	require.NotPanics(t, func() { render.FileName(render.Object{}) })
}
