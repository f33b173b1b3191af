package worktree

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestWithTargets: what is read at a path depends on each link on the way, and on what is at its end.
func TestWithTargets(t *testing.T) {
	link := func(target string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
	}
	tree := fstest.MapFS{
		"a/file": {}, "b": link("a"), "c/link": link("../b/file"), "c/over": link("./x/../../b"),
		"gone": link("a/none"),
		"out":  link("../../etc/passwd"), "root": link("/etc"), "round": link("round"),
	}
	for name, want := range map[string][]string{
		".":           {"."},
		"a/file":      {"a/file"},
		"none/none":   {"none/none"},
		"b":           {"a", "b"},
		"b/file":      {"a/file", "b", "b/file"},
		"b/none":      {"a/none", "b", "b/none"},
		"c/link":      {"a/file", "b", "c/link"},
		"c/over/file": {"a/file", "b", "c/over", "c/over/file"},
		"gone":        {"a/none", "gone"},
		"out":         {"out"},
		"root/passwd": {"root", "root/passwd"},
		"round":       {"round"},
	} {
		require.Equal(t, want, WithTargets(tree, []string{name}), name)
	}
	require.Equal(t, []string{"a/file", "a/other", "b", "b/file", "b/other"},
		WithTargets(tree, []string{"b/other", "b/file"}))
}
