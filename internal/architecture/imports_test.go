package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
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
	// maxFile is what a file may have, tests included, and maxFunction what a function may have that is no test.
	maxFile, maxFunction = 400, 60
)

// longFunctions are those that may still be longer, by file and name.
var longFunctions = []string{
	"cmd/internal/cli/render.go: newRenderCommand",
	"cmd/internal/cli/request.go: build",
	"render/stages/stages.go: renderArgoCD",
}

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

// TestSizesOfFiles: no file and no function is too long to be read at once. What tests have in tables may be.
func TestSizesOfFiles(t *testing.T) {
	var long []string
	for _, name := range goFiles(t) {
		text := read(t, name)
		if isGenerated(t, name, text) {
			continue
		}
		if lines := strings.Count(text, "\n"); lines > maxFile {
			t.Errorf("%s has %d lines, more than %d: divide it", name, lines, maxFile)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, name, text, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			function, is := declaration.(*ast.FuncDecl)
			if !is {
				continue
			}
			lines := positions.Position(function.End()).Line - positions.Position(function.Pos()).Line + 1
			if lines > maxFunction {
				long = append(long, name+": "+function.Name.Name)
			}
		}
	}
	slices.Sort(long)
	require.Equal(t, longFunctions, long, "functions over %d lines: divide those that are new, and take those that "+
		"are divided off the list", maxFunction)
}
