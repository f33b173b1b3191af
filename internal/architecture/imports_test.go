package architecture

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	document = "docs/ARCHITECTURE.md"
	// maxLines is what a package may have, without tests. A larger one knows more than one thing.
	maxLines = 2500
)

// allowed reads the table of the document: which packages of the module each package may import.
func allowed(t *testing.T) map[string][]string {
	row := regexp.MustCompile("^\\| `([^`]+)` \\|.*\\|([^|]*)\\|$")
	name := regexp.MustCompile("`([^`]+)`")
	rules := map[string][]string{}
	_, table, found := strings.Cut(read(t, document), "| package | what it knows | may import |\n")
	require.True(t, found, "%s has no table of packages", document)
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		fields := row.FindStringSubmatch(strings.TrimSpace(line))
		if fields == nil {
			require.Regexp(t, `^\| --- `, line, "%s: a row of the table must be: | `package` | text | `package`, ... |",
				document)
			continue
		}
		require.NotContains(t, rules, fields[1], "%s has two rows for a package", document)
		rules[fields[1]] = []string{}
		for _, imported := range name.FindAllStringSubmatch(fields[2], -1) {
			rules[fields[1]] = append(rules[fields[1]], imported[1])
		}
	}
	return rules
}

// TestImports: each package is in the table, and imports what the table allows.
func TestImports(t *testing.T) {
	rules := allowed(t)
	all := packages(t)
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		may, known := rules[dir]
		if !known {
			t.Errorf("%s has no row for package %s: say what it knows, and what it may import", document, dir)
			continue
		}
		for _, imported := range slices.Compact(slices.Sorted(slices.Values(all[dir].imports))) {
			if !slices.Contains(may, imported) {
				t.Errorf("%s imports %s, which %s does not allow", dir, imported, document)
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(rules)) {
		for _, name := range append([]string{dir}, rules[dir]...) {
			if all[name] == nil {
				t.Errorf("%s: row %s: there is no package %s", document, dir, name)
			}
		}
	}
}

// TestNoCycles: what the table allows has no cycle, so that no two packages can grow into one.
func TestNoCycles(t *testing.T) {
	rules := allowed(t)
	done := map[string]bool{}
	var visit func(dir string, way []string)
	visit = func(dir string, way []string) {
		if i := slices.Index(way, dir); i >= 0 {
			t.Errorf("%s allows a cycle: %s", document, strings.Join(append(way[i:], dir), " -> "))
			return
		}
		if done[dir] {
			return
		}
		for _, next := range rules[dir] {
			visit(next, append(slices.Clip(way), dir))
		}
		done[dir] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(rules)) {
		visit(dir, nil)
	}
}

// TestSizes: no package is too large.
func TestSizes(t *testing.T) {
	for dir, p := range packages(t) {
		if p.lines > maxLines {
			t.Errorf("package %s has %d lines without tests, more than %d: move out what has a name of its own", dir,
				p.lines, maxLines)
		}
	}
}
