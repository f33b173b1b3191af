package gotemplate

import (
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
)

func TestParseLooksOnlyAtTemplates(t *testing.T) {
	tree, err := Parse("no action }}")
	require.NoError(t, err)
	require.Nil(t, tree)

	tree, err = Parse("{{ toYaml .x | nindent 4 }}") // a function of Argo CD's, unknown here
	require.NoError(t, err)
	require.NotNil(t, tree)
}

func TestParseErrorsQuoteTheTemplate(t *testing.T) {
	for _, text := range []string{"a{{", "{{.a", "{{end}}", "{{if}}{{end}}", "{{if .a}}", "{{.a.}}", `{{"}}`} {
		_, err := Parse(text)
		require.ErrorContains(t, err, "template ", text)
		require.NotContains(t, err.Error(), "template: template", text)
		_, err = Fields(text)
		require.Error(t, err, text)
		_, err = Rename(text, nil)
		require.Error(t, err, text)
	}
}

func TestTextOfUnreasonableLengthIsNoTemplate(t *testing.T) {
	// Without the limit, one values file of the size that is allowed overflows the stack, which no recover can stop.
	deep := strings.Repeat("{{if 1}}", 1<<20)
	_, err := Parse(deep)
	require.ErrorContains(t, err, "more than 256 KiB")
	require.Less(t, len(err.Error()), 200)

	_, err = Rename(deep[:maxLength], nil)
	require.ErrorContains(t, err, "unexpected EOF")
	_, err = Rename("{{"+strings.Repeat("(", maxLength/2), nil)
	require.Error(t, err)
	long := strings.Repeat("{{if 1}}", 10000) + strings.Repeat("{{end}}", 10000)
	renamed, err := Rename(long, nil)
	require.NoError(t, err)
	require.Equal(t, long, renamed)
}

func TestFieldsAreThoseEvaluatedWhateverTheDataIs(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       [][]string
	}{
		{"text has none", "tenants/defaults", nil},
		{"an action", "a/{{.tenant}}/b", [][]string{{"tenant"}}},
		{"a chain", "{{.metadata.labels.tenant}}", [][]string{{"metadata", "labels", "tenant"}}},
		{"the root by its variable", "{{$.metadata.labels.tenant}}", [][]string{{"metadata", "labels", "tenant"}}},
		{"the root itself is no field", "{{.}}{{$}}", nil},
		{"in the order of the text", "{{.b}}{{.a}}{{.b}}", [][]string{{"b"}, {"a"}, {"b"}}},
		{"arguments and pipes", `{{printf "%s-%s" .a .b | quote}}`, [][]string{{"a"}, {"b"}}},
		{"parentheses", `{{eq (len .a) (len (print .b))}}`, [][]string{{"a"}, {"b"}}},
		{"a condition, not its branches", "{{if .a}}{{.b}}{{else}}{{.c}}{{end}}", [][]string{{"a"}}},
		{"with, not its body", "{{with .a}}{{.b}}{{end}}", [][]string{{"a"}}},
		{"range, not its body", "{{range .a}}{{.b}}{{end}}", [][]string{{"a"}}},
		{"a variable's value", "{{$x := .a}}{{$x.b}}", [][]string{{"a"}}},
		{"an unknown function", "{{toYaml .a}}", [][]string{{"a"}}},
		{"a comment", "{{/* .a */}}", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Fields(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestIndexed(t *testing.T) {
	tenant := []string{"metadata", "labels", "tenant"}
	for text, want := range map[string][]string{
		`{{index .metadata.labels "tenant"}}`:       tenant,
		`a-{{ index .metadata "labels" "tenant" }}`: tenant,
		`{{index $.metadata.labels "tenant"}}`:      tenant,
		`{{index $ "metadata" "labels" "tenant"}}`:  tenant,
		`{{index . "tenant"}}`:                      {"tenant"},
		`{{.tenant}}`:                               nil,
		`index`:                                     nil,
		`{{index .a .b}}`:                           nil,
		`{{index .a "b" | print}}`:                  nil,
		`{{index (index .a "b") "c"}}`:              nil,
		`{{index}}`:                                 nil,
		`{{index .a "b"}}{{index .a "b"}}`:          nil,
		`{{if index .a "b"}}x{{end}}`:               nil,
		`{{$x := index .a "b"}}`:                    nil,
		`{{index .a "b"`:                            nil,
		`{{.index}}`:                                nil,
	} {
		require.Equal(t, want, Indexed(text), text)
	}
}

func TestRename(t *testing.T) {
	names := map[string][]string{"tenant": {"metadata", "labels", "tenant"}, "cluster": {"name"}}
	for _, test := range []struct{ name, text, want string }{
		{"text stays", "tenants/defaults", "tenants/defaults"},
		{"text with odd braces stays", "a}}b{c}", "a}}b{c}"},
		{"a field", "tenants/{{.tenant}}/x", "tenants/{{.metadata.labels.tenant}}/x"},
		{"only the start of a chain", "{{.a.tenant}}{{.cluster.b}}", "{{.a.tenant}}{{.name.b}}"},
		{"an unnamed field stays", "{{.name}}", "{{.name}}"},
		{"the root by its variable", "{{$.tenant}}{{$.x}}{{$}}", "{{$.metadata.labels.tenant}}{{$.x}}{{$}}"},
		{"arguments and pipes", `{{or "" (and .tenant "a") | eq .cluster}}`,
			`{{or "" (and .metadata.labels.tenant "a") | eq .name}}`},
		{"a chain on parentheses", `{{(index .tenant 0).cluster}}`, `{{(index .metadata.labels.tenant 0).cluster}}`},
		{"condition and branches", "{{if .tenant}}{{.tenant}}{{else}}{{.cluster}}{{end}}",
			"{{if .metadata.labels.tenant}}{{.metadata.labels.tenant}}{{else}}{{.name}}{{end}}"},
		{"else if", `{{if eq .cluster "a"}}1{{else if .tenant}}{{.tenant}}{{end}}`,
			`{{if eq .name "a"}}1{{else}}{{if .metadata.labels.tenant}}{{.metadata.labels.tenant}}{{end}}{{end}}`},
		{"text in quotes stays", `{{".tenant"}}`, `{{".tenant"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Rename(test.text, names)
			require.NoError(t, err)
			// As evaluated, not as written: how text/template prints "else if" is its own affair.
			require.Equal(t, evaluate(t, test.want), evaluate(t, got), got)
			if !strings.Contains(test.text, "else if") {
				require.Equal(t, test.want, got)
			}
		})
	}
	require.Equal(t, []string{"name"}, names["cluster"], "the names are not changed")
}

func evaluate(t *testing.T, text string) string {
	t.Helper()
	parsed, err := template.New("").Parse(text)
	require.NoError(t, err)
	var out strings.Builder
	// An error is one of the data: it must then be the same for both strings.
	if err := parsed.Execute(&out,
		map[string]any{"name": "N", "metadata": map[string]any{"labels": map[string]any{"tenant": "T"}}}); err != nil {
		return "error"
	}
	return out.String()
}

func TestRenameRefusesWhatCouldRunLong(t *testing.T) {
	for text, want := range map[string]string{
		`{{printf "%999999d" 1}}`:      `no function "printf"`,
		`{{print .a}}`:                 `no function "print"`,
		`{{if html .a}}{{end}}`:        `no function "html"`,
		`{{eq (env "HOME") .a}}`:       `no function "env"`,
		"{{$a := .a}}{{$a}}":           "variables are not possible",
		"{{if .a}}{{$a := .a}}{{end}}": "variables are not possible",
	} {
		_, err := Rename(text, nil)
		require.ErrorContains(t, err, want, text)
	}
}

func TestRenameRefusesWhatItDoesNotFollow(t *testing.T) {
	for _, text := range []string{
		"{{range .a}}{{end}}", "{{with .a}}{{end}}", `{{template "x"}}`, `{{block "x" .}}{{end}}`,
		"{{if .a}}{{range .b}}{{end}}{{end}}", "{{if .a}}{{else}}{{with .b}}{{end}}{{end}}",
	} {
		_, err := Rename(text, nil)
		require.ErrorContains(t, err, "only values and conditions (if) are possible here", text)
	}
}
