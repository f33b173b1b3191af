package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxColumns is how long a line may be. A tab counts as four columns.
const maxColumns = 120

// TestLinesOfCode: code and tests have lines of up to 120 columns, without what programs wrote, and what a raw string
// holds.
func TestLinesOfCode(t *testing.T) {
	for _, name := range goFiles(t) {
		text := read(t, name)
		if isGenerated(t, name, text) {
			continue
		}
		raw := linesOfRawStrings(t, name, text)
		number := 0
		for line := range strings.Lines(text) {
			number++
			columns := len([]rune(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")))
			if columns > maxColumns && !raw[number] {
				t.Errorf("%s:%d: has %d columns, more than %d", name, number, columns, maxColumns)
			}
		}
	}
}

// TestLinesOfScripts: so have scripts, workflows and what else says how the project is built, and the script and the
// style of the page of a fleet.
func TestLinesOfScripts(t *testing.T) {
	names := append(filesOf(t, ".sh"), "Makefile", "Dockerfile", ".ci/run", ".goreleaser.yaml", "action.yml",
		"plugin.yaml")
	for _, pattern := range []string{".github/*.yml", ".github/workflows/*.yml", "docs/examples/*.yml",
		"internal/tools/*/*.sh", "manifests/*/kustomization.yaml", "render/page/report/app/*.js",
		"render/page/report/app/*.css"} {
		found, err := fs.Glob(repository, pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		names = append(names, found...)
	}
	for _, name := range names {
		number := 0
		for line := range strings.Lines(read(t, name)) {
			number++
			columns := len([]rune(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")))
			if columns > maxColumns {
				t.Errorf("%s:%d: has %d columns, more than %d", name, number, columns, maxColumns)
			}
		}
		if number > maxFile {
			t.Errorf("%s has %d lines, more than %d: divide it", name, number, maxFile)
		}
	}
}

// isGenerated tells whether a file says that a program has written it.
func isGenerated(t *testing.T, name, text string) bool {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly|parser.ParseComments)
	require.NoError(t, err)
	return ast.IsGenerated(file)
}

// linesOfRawStrings returns the numbers of the lines that have a part of a raw string.
func linesOfRawStrings(t *testing.T, name, text string) map[int]bool {
	files, lines := token.NewFileSet(), map[int]bool{}
	file, err := parser.ParseFile(files, name, text, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && strings.HasPrefix(literal.Value, "`") {
			for line := files.Position(literal.Pos()).Line; line <= files.Position(literal.End()).Line; line++ {
				lines[line] = true
			}
		}
		return true
	})
	return lines
}
