package architecture

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// directDependencies returns the modules and tools that a go.mod names itself.
func directDependencies(text string) []string {
	var names []string
	block := ""
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "//"):
		case block == "" && len(words) == 2 && words[1] == "(":
			block = words[0]
		case words[0] == ")":
			block = ""
		case strings.Contains(line, "// indirect"):
		case block == "require" || block == "tool":
			names = append(names, words[0])
		case block == "" && (words[0] == "require" || words[0] == "tool"):
			names = append(names, words[1])
		}
	}
	return names
}

// TestDependencies: docs/dependencies.md has a reason for each direct dependency of each module, and for no other.
func TestDependencies(t *testing.T) {
	documented := map[string][]string{} // by the pattern of go.mod that a section names
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]{5,} \\| (?:free|held|follows)[^|]* \\|$")
	place := regexp.MustCompile("(?m)^In `([^`]*go\\.mod)`")
	for _, section := range strings.Split(read(t, "docs/dependencies.md"), "\n## ")[1:] {
		where := place.FindStringSubmatch(section)
		require.NotNil(t, where, "a section says which go.mod it is about: %s", section)
		rows := row.FindAllStringSubmatch(section, -1)
		require.Len(t, rows, strings.Count(section, "\n| `"), "%s: a row is: module, why, free or held or follows",
			where[1])
		for _, found := range rows {
			documented[where[1]] = append(documented[where[1]], found[1])
		}
	}
	want := map[string][]string{}
	root := filepath.Join("..", "..")
	for _, pattern := range []string{"go.mod", "*/go.mod", "*/*/go.mod", "*/*/*/go.mod"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			name, err := filepath.Rel(root, file)
			require.NoError(t, err)
			name = filepath.ToSlash(name)
			if strings.HasPrefix(name, "bin/") {
				continue
			}
			if strings.HasPrefix(name, "internal/tools/") {
				name = "internal/tools/NAME/go.mod"
			}
			want[name] = append(want[name], directDependencies(string(text))...)
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(documented)), "modules with a section")
	for name, modules := range want {
		slices.Sort(modules)
		slices.Sort(documented[name])
		require.Equal(t, slices.Compact(modules), documented[name], "docs/dependencies.md about %s", name)
	}
}
