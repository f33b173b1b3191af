package reference

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// run runs a command of this package.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := NewExplain()
	if args[0] == "schema" {
		cmd = NewSchema()
	}
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args[1:])
	cmd.SetOut(&out)
	err := cmd.Execute()
	return out.String(), err
}

// TestExplainEveryKey: each key can be asked for by its path, as text and as JSON.
func TestExplainEveryKey(t *testing.T) {
	for _, kind := range reference.Kinds() {
		for _, key := range kind.Keys {
			text, err := run(t, "explain", key.Full())
			require.NoError(t, err)
			require.Contains(t, text, "KEY:      "+key.Full()+"\n")
			require.Contains(t, text, "EXAMPLE:\n")
			text, err = run(t, "explain", key.Full(), "-o", "json")
			require.NoError(t, err)
			var entries []entry
			require.NoError(t, json.Unmarshal([]byte(text), &entries))
			require.Len(t, entries, 1, "the full path is of one key")
			require.Equal(t, key.Full(), entries[0].Key)
			require.Equal(t, key.Snippet(), entries[0].Example)
		}
		text, err := run(t, "explain", kind.Name)
		require.NoError(t, err)
		require.Contains(t, text, kind.SchemaURL())
		for _, key := range kind.Keys {
			require.Contains(t, text, "  "+key.Full()+" ")
		}
		schema, err := run(t, "schema", kind.Other)
		require.NoError(t, err)
		require.Equal(t, string(kind.Schema()), schema)
	}
}

// TestExplainEveryRule: each rule of lint can be asked for by its name, which no key has.
func TestExplainEveryRule(t *testing.T) {
	for _, rule := range problem.Rules() {
		require.Empty(t, reference.Find(rule.Name), rule.Name)
		text, err := run(t, "explain", rule.Name)
		require.NoError(t, err)
		require.Contains(t, text, "RULE:     "+rule.Name+"\nSEVERITY: "+string(rule.Severity)+"\n")
		page := filepath.Join("docs", "lint", rule.Name+".md")
		require.Contains(t, text, "/blob/main/"+filepath.ToSlash(page)+"\n")
		require.FileExists(t, filepath.Join("..", "..", "..", page))
		text, err = run(t, "explain", rule.Name, "-o", "json")
		require.NoError(t, err)
		var entries []ruleEntry
		require.NoError(t, json.Unmarshal([]byte(text), &entries))
		require.Equal(t, rule.Summary, entries[0].Finds)
	}
}

// TestMistakes: what is not there is a mistake of whoever asks.
func TestMistakes(t *testing.T) {
	for _, args := range [][]string{
		{"explain", "nothing"}, {"explain", "spec.nothing"}, {"explain", "a", "b"}, {"explain", "-o", "xml"},
		{"schema"}, {"schema", "nothing"}, {"schema", "fleet", "member"}, {"explain", "member."}, {"explain", "..."},
	} {
		out, err := run(t, args...)
		require.True(t, usage.Is(err), "%v: %v", args, err)
		require.Empty(t, out)
	}
}
