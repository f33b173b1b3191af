package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
)

// few are limits that are soon exceeded.
var few = Limits{Steps: 1000, Bytes: 1 << 20, Work: 30 * time.Millisecond}

// execute executes a string with the functions of sprig.
func execute(b *Budget, text string) (string, error) {
	functions := template.FuncMap{StepName: func() (string, error) { return "", b.Step() }, TextName: b.Print}
	for name, function := range sprig.TxtFuncMap() {
		functions[name] = b.Guard(name, function)
	}
	for _, name := range []string{"print", "printf"} {
		functions[name] = b.Guard(name, map[string]any{"print": fmt.Sprint, "printf": fmt.Sprintf}[name])
	}
	functions[CallName] = func(string, any) (string, error) { return "", nil }
	parsed, err := template.New("t").Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	Prepare(parsed.Root)
	out := b.Output()
	err = parsed.Execute(out, map[string]any{})
	return out.String(), err
}

func TestBudget(t *testing.T) {
	for text, want := range map[string]string{
		`{{ range 2000 }}{{ end }}`:                                                           "more than 1000 function calls",
		`{{ range until 900 }}{{ . }}{{ end }}`:                                               "more than 1000 function calls",
		`{{ $x := "ab" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}`:                 "more than 1 MiB",
		`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}`:                                   "more than 1 MiB",
		`{{ $d := dict }}{{ $_ := set . "d" . }}{{ .d }}`:                                     "more than 1 MiB",
		`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ has $d (list $d) }}`:                     "more than 1 MiB",
		`{{ untilStep -9223372036854775808 9223372036854775807 1 }}`:                          "more than 1 MiB",
		`{{ range until 10 }}{{ repeat 200000 "a" }}{{ end }}`:                                "more than 1 MiB",
		`{{ $_ := uniq (until 10000) }}`:                                                      "more than 30ms of computing",
		`{{ $_ := derivePassword 1 "long" "a" "b" "c" }}`:                                     "more than 30ms of computing",
		`{{ $_ := regexMatch "(a{0,30}){0,30}b" (repeat 1000 "a") }}`:                         "more than 30ms of computing",
		`{{ $x := repeat 100000 "a" }}{{ range until 200 }}{{ $_ := sha256sum $x }}{{ end }}`: "more than 30ms of computing",
	} {
		_, err := execute(New(t.Context(), few), text)
		var limit *LimitError
		require.ErrorAs(t, err, &limit, text)
		require.Contains(t, limit.Message, want, text)
	}
	for text, want := range map[string]string{
		`{{ range until 3 }}{{ . }}{{ end }}`:                    "012",
		`{{ uniq (list 1 1 2) }}{{ has 1 (list 1) }}`:            "[1 2]true",
		`{{ regexReplaceAll "a{1,2}" "aaa" "b" }}`:               "bb",
		`{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }}`: "map[a:1 b:2]",
	} {
		got, err := execute(New(t.Context(), few), text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
}

func TestBudgetEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := New(ctx, Limits{Steps: 1 << 40, Bytes: 1 << 40, Work: time.Hour})
	_, err := execute(b, `{{ range 1000000000000 }}{{ end }}`)
	require.ErrorIs(t, err, context.Canceled)
	b.Reset()
	require.ErrorIs(t, b.Work(time.Second), context.Canceled)
}

func TestInstructions(t *testing.T) {
	for pattern, least := range map[string]int64{
		"a": 1, "a{1000}": 1000, "(a{10}){10}": 100, "a{0,500}": 500, "a{99999999999999999999}": 1000, "{": 1, "a{": 1,
		"a{,": 1,
	} {
		require.GreaterOrEqual(t, instructions(pattern), least, pattern)
		require.Less(t, instructions(pattern), least*100+100, pattern)
	}
}

// FuzzSandbox executes strings, of which none may take more than the budget or panic.
func FuzzSandbox(f *testing.F) {
	for _, seed := range []string{
		"{{", `{{ range until 3 }}{{ . }}{{ end }}`, `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d | toJson }}`,
		`{{ regexMatch "(a{0,9}){0,9}b" "aaa" }}`,
		`{{ printf "%999999d" 1 }}`, `{{ $x := "a" }}{{ range until 50 }}{{ $x = print $x $x }}{{ end }}`,
		`{{ template "t" . }}`, `{{ wrap 1 "a b c" }}`,
		`{{ if and 1 (or 0 (not 1)) }}{{ with list 1 2 | join "," }}{{ . }}{{ end }}{{ end }}`,
		`{{ seq 1 2 9 }}{{ substr 1 0 "a" }}{{ div 1 0 }}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 || strings.Contains(text, "env") || strings.Contains(text, "getHostByName") {
			return
		}
		out, _ := execute(New(t.Context(), few), text)
		require.LessOrEqual(t, int64(len(out)), few.Bytes)
	})
}
