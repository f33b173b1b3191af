package hierarchy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// FuzzParseDocument: what is read is what Helm reads, an error is one line, and no line is asked for in vain.
func FuzzParseDocument(f *testing.F) {
	for _, seed := range mergeSeeds {
		f.Add([]byte(seed), "a", "b")
	}
	for _, seed := range []string{
		"- a", "a: [", "a: b: c", "~: 1", "{{ .x }}: 1", "a: .nan", "a: \xff", "\ufeffa: 1\r\nb: 2\r\n", "a: *b",
		"a: &a [*a]", "a: &a {<<: *a}",
		"? [x]\n: 1", "<<: {a: {b: 1}}\na: 1", "<<: [{a: 1}, {b: 2}]", "'<<': [a]\n\"<<\": b", "a: {<<: [*x]}",
		"a: &x [b]\n<<: *x",
		"!!str a: !!int b", "!!binary /w==: 1", "a: !!timestamp 2001-01-01", "%YAML 1.1\n---\na: 1",
		"a: |\n  x\n ...\n", "--- >\n x\n--- {a: b}",
		"\xff\xfea\x00:\x00 \x001\x00", "a: 1\n...\nb: 2\n",
	} {
		f.Add([]byte(seed), "a", "<<")
	}
	f.Fuzz(func(t *testing.T, data []byte, key, below string) {
		d, err := ParseDocument("f.yaml", data)
		if err != nil {
			require.Nil(t, d)
			requireOneLine(t, err, "f.yaml")
			var p *problem.Problem
			require.ErrorAs(t, err, &p)
			require.GreaterOrEqual(t, p.Line, 0)
			require.LessOrEqual(t, p.Line, strings.Count(strings.ReplaceAll(string(data), "\r", "\n"), "\n")+2)
			if safeyaml.Check(data, "f.yaml") == nil {
				values := map[string]any{}
				require.Error(t, yaml.Unmarshal(data, &values), "Helm reads it: %v", err)
			}
			return
		}
		values := map[string]any{}
		require.NoError(t, yaml.Unmarshal(data, &values))
		requireTheSame(t, values, d.Values)
		require.NotNil(t, d.Values)
		for _, warning := range d.Warnings {
			requireOneLine(t, warning, "f.yaml:")
		}
		for _, path := range [][]string{nil, {key}, {key, below}, {below, key, key}} {
			require.GreaterOrEqual(t, d.Line(path...), 0)
		}
		var visit func(path []string, values map[string]any)
		visit = func(path []string, values map[string]any) {
			for key, value := range values {
				path := append(slices.Clone(path), key)
				d.Line(path...)
				visit(path, fields.AsMap(value))
			}
		}
		visit(nil, d.Values)
	})
}
