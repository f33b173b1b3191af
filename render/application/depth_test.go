package application

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

// TestDepthOfTemplates: templates that call themselves inside of many blocks end before the stack does, which would end
// the process and all other ApplicationSets with it.
func TestDepthOfTemplates(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(64 << 20)) // as package supervise has it
	blocks := func(open string, count int, inside string) string {
		return strings.Repeat(open, count) + inside + strings.Repeat("{{end}}", count)
	}
	for name, text := range map[string]string{
		"no blocks":             `{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}`,
		"blocks":                `{{define "a"}}` + blocks("{{if true}}", 400, `{{template "a" .}}`) + `{{end}}{{template "a" .}}`,
		"many blocks":           `{{define "a"}}` + blocks("{{if true}}", 10_000, `{{template "a" .}}`) + `{{end}}{{template "a" .}}`,
		"with":                  `{{define "a"}}` + blocks("{{with 1}}", 400, `{{template "a" .}}`) + `{{end}}{{template "a" .}}`,
		"range":                 `{{define "a"}}` + blocks("{{range $.x}}", 400, `{{template "a" $}}`) + `{{end}}{{template "a" .}}`,
		"many ranges":           blocks("{{range $.x}}", 15_000, `{{fail "x"}}`),
		"else":                  `{{define "a"}}` + blocks("{{if false}}{{else}}", 400, `{{template "a" .}}`) + `{{end}}{{template "a" .}}`,
		"parentheses":           `{{define "a"}}` + blocks("{{if "+strings.Repeat("(", 90)+"true"+strings.Repeat(")", 90)+"}}", 200, `{{template "a" .}}`) + `{{end}}{{template "a" .}}`,
		"block":                 blocks("{{if true}}", 400, `{{block "a" .}}`+blocks("{{if true}}", 400, `{{template "a" .}}`)+`{{end}}`),
		"without a name":        blocks("{{if true}}", 400, `{{template "base" .}}`),
		"tpl":                   `{{define "a"}}` + blocks("{{if true}}", 400, `{{template "a" .}}`) + `{{end}}{{tpl "{{template \"a\" .}}" .}}`,
		"tpl that calls itself": "{{tpl `" + blocks("{{if true}}", 400, `{{template "" .}}`) + "` .}}",
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := newTemplates(t.Context(), nil, []string{functionTpl})
			require.NoError(t, err)
			for range 2 { // nothing of the first run counts for the next one
				_, err = parsed.execute(text, map[string]any{"x": []any{1}})
				require.Error(t, err)
				var limit *sandbox.LimitError
				if !errors.Is(err, errSteps) {
					require.ErrorAs(t, err, &limit)
					require.Contains(t, limit.Message, "is nested too deeply; it probably calls itself without end")
				}
			}
		})
	}
}

// TestDepthIsGivenBack: templates can be called any number of times one after the other.
func TestDepthIsGivenBack(t *testing.T) {
	parsed, err := newTemplates(t.Context(), nil, []string{functionTpl})
	require.NoError(t, err)
	many := strings.Repeat("{{if true}}", 100) + "x" + strings.Repeat("{{end}}", 100)
	out, err := parsed.execute(`{{define "a"}}`+many+`{{end}}{{range $.x}}{{template "a"}}{{tpl "{{template \"a\"}}" $}}{{end}}`,
		map[string]any{"x": make([]any, 1500)})
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("x", 3000), out)
	for _, text := range []string{"{{" + leave + " 1000}}", `{{define "a"}}{{` + leave + ` 420}}{{template "a"}}{{end}}`,
		"{{tpl `{{" + leave + " 1000}}` .}}"} {
		_, err = parsed.execute(text, nil)
		require.ErrorContains(t, err, `function "fleetcmpleave" not defined`, "nobody else gives depth back")
	}
}
