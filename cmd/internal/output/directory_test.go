package output

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// tree returns the files below a directory with their contents.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	}))
	return files
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "

// TestPrune: files of objects that are no longer rendered go, and nothing else.
func TestPrune(t *testing.T) {
	kept := map[string]string{
		"values.yaml":                   "a: b\n",
		"v1_configmap_other.yaml":       configMap + "renamed\n",
		"v1_configmap_list.yaml":        configMap + "list\n---\n" + configMap + "list\n",
		"v1_configmap_broken.yaml":      "{",
		"v1_configmap_old.json":         configMap + "old\n",
		".hidden/v1_configmap_old.yaml": configMap + "old\n",
	}
	gone := map[string]string{
		"v1_configmap_old.yaml":                      configMap + "old\n",
		"gone/application/v1_configmap_old_one.yaml": configMap + "old\n  namespace: one\n",
		"spoke/one/v1_configmap_b.yaml":              configMap + "b\n",
	}
	for _, prune := range []bool{true, false} {
		dir := t.TempDir()
		write(t, dir, kept)
		write(t, dir, gone)
		want := tree(t, dir)
		out := New(nil, "yaml", Destination{Dir: dir, Prune: prune})
		a := rendered(t, "yaml", object("a"))[0]
		a.Cluster, a.Application = "spoke", "two"
		require.NoError(t, out.Add(a))
		require.NoError(t, out.Finish())
		want["spoke/two/v1_configmap_a.yaml"] = string(a.Data)
		if prune {
			for name := range gone {
				delete(want, name)
			}
			require.NoDirExists(t, filepath.Join(dir, "gone"), "a directory that is empty then goes too")
		}
		require.Equal(t, want, tree(t, dir))
	}
	t.Run("nothing is rendered any more", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, gone)
		require.NoError(t, New(nil, "yaml", Destination{Dir: dir, Prune: true}).Finish())
		require.Empty(t, entries(t, dir))
	})
}

// TestPruneDoesNotReadWhatNoRunWrote: a file that is too large to be read is no obstacle, unless a run may have written
// it.
func TestPruneDoesNotReadWhatNoRunWrote(t *testing.T) {
	for name, want := range map[string]string{"values.yaml": "", "v1_list.yaml": "", "v1_configmap_a.json": "",
		"v1_configmap_a.yaml": "is larger than"} {
		dir := t.TempDir()
		write(t, dir, map[string]string{name: ""})
		require.NoError(t, os.Truncate(filepath.Join(dir, name), hierarchy.LargestFileSize+1))
		err := New(nil, "yaml", Destination{Dir: dir, Prune: true}).Finish()
		require.FileExists(t, filepath.Join(dir, name))
		if want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, want, name)
	}
}

// TestAllOrNothing: if one file cannot be put in its place, all is as it was.
func TestAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	before := map[string]string{
		"v1_configmap_a.yaml": configMap + "a\n", "v1_configmap_b.yaml/in/the/way": "",
		"v1_configmap_old.yaml": configMap + "old\n",
	}
	write(t, dir, before)
	out := New(nil, "yaml", Destination{Dir: dir, Prune: true})
	addAll(t, out, rendered(t, "yaml", object("0"), object("a"), object("b"), object("c")))
	require.EqualError(t, out.Finish(), "v1_configmap_b.yaml is a directory: a file is to be there; remove it")
	require.Equal(t, before, tree(t, dir))
}

// TestJournalThatCannotBeRead: where nobody can tell what was moved, the files that were moved away stay, and the next
// run says so instead of removing them.
func TestJournalThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	out := newDirectory("yaml", Destination{Dir: dir})
	addAll(t, out, rendered(t, "yaml", object("a")))
	moved := map[string]string{"old/v1_configmap_b.yaml": "b", "journal/is/a/directory": ""}
	write(t, filepath.Join(dir, out.temporary), moved)
	require.ErrorContains(t, out.Finish(), "journal: is not a regular file")
	for _, failing := range []func() error{func() error { return Recover(dir) }, func() error {
		return New(nil, "yaml", Destination{Dir: dir}).Add(rendered(t, "yaml", object("c"))[0])
	}} {
		require.ErrorContains(t, failing(), "journal: is not a regular file")
		require.FileExists(t, filepath.Join(dir, out.temporary, "old", "v1_configmap_b.yaml"))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, out.temporary, "journal")))
	require.NoError(t, Recover(dir))
	require.Empty(t, entries(t, dir))
}

// TestNothingLeavesNoDirectories: those that were made for files which are then taken back go too.
func TestNothingLeavesNoDirectories(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"spoke/b/v1_configmap_b.yaml/in/the/way": ""})
	out := New(nil, "yaml", Destination{Dir: dir})
	for i, application := range []string{"a", "b"} {
		r := rendered(t, "yaml", object("a"), object("b"))[i]
		r.Cluster, r.Application = []string{"other", "spoke"}[i], application
		require.NoError(t, out.Add(r))
	}
	require.ErrorContains(t, out.Finish(), "is a directory")
	require.Equal(t, []string{"spoke"}, entries(t, dir))
}

// TestKilledRun: what a killed run left is taken back by the next, as far as it had come.
func TestKilledRun(t *testing.T) {
	const journal = `{"Written": ["a.yaml", "b.yaml", "c.yaml", "d.yaml"], "Stale": ["e.yaml", "f.yaml"]}`
	const left = ".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for rule, test := range map[string]struct{ left, want map[string]string }{
		"before it moved anything": {
			map[string]string{left + "/new/a.yaml": "new", "a.yaml": "old"},
			map[string]string{"a.yaml": "old"}},
		"within the journal": {
			map[string]string{left + "/new/a.yaml": "new", left + "/journal": `{"Written": ["a.y`, "a.yaml": "old"},
			map[string]string{"a.yaml": "old"}},
		"in between": { // b.yaml was new; c.yaml was just moved away
			map[string]string{left + "/journal": journal, left + "/old/a.yaml": "old a", "a.yaml": "new a",
				"b.yaml":             "new b",
				left + "/old/c.yaml": "old c", left + "/new/c.yaml": "new c", left + "/new/d.yaml": "new d",
				"d.yaml": "old d",
				"e.yaml": "old e", "f.yaml": "old f"},
			map[string]string{"a.yaml": "old a", "c.yaml": "old c", "d.yaml": "old d", "e.yaml": "old e",
				"f.yaml": "old f"}},
		"within the stale ones": {
			map[string]string{left + "/journal": journal, "a.yaml": "new a", "b.yaml": "new b", "c.yaml": "new c",
				"d.yaml":             "new d",
				left + "/old/e.yaml": "old e", "f.yaml": "old f"},
			map[string]string{"e.yaml": "old e", "f.yaml": "old f"}},
		"a journal that leads out": {
			map[string]string{left + "/journal": `{"Written": ["../../outside"]}`, "a.yaml": "old"},
			nil},
		"before it wrote which directory it is": {
			map[string]string{left + "/run": "", "a.yaml": "old"},
			map[string]string{"a.yaml": "old"}},
		"with a directory that it made": {
			map[string]string{left + "/journal": `{"Written": ["x/y/a.yaml"], "Made": ["x", "x/y"]}`,
				"x/y/a.yaml": "new a"},
			map[string]string{}},
	} {
		t.Run(rule, func(t *testing.T) {
			outside := t.TempDir()
			write(t, outside, map[string]string{"outside": "outside"})
			dir := filepath.Join(outside, "in", "dir")
			write(t, dir, test.left)
			if _, is := test.left[left+"/run"]; !is {
				markAsOurs(t, filepath.Join(dir, left))
			}
			out := New(nil, "yaml", Destination{Dir: dir})
			one := rendered(t, "yaml", object("one"))[0]
			err := out.Add(one)
			require.FileExists(t, filepath.Join(outside, "outside"))
			if test.want == nil {
				require.ErrorContains(t, err, "escapes")
				out.Discard()
				return
			}
			require.NoError(t, err)
			require.NoError(t, out.Finish())
			test.want["v1_configmap_one.yaml"] = string(one.Data)
			require.Equal(t, test.want, tree(t, dir))
			require.NoDirExists(t, filepath.Join(dir, left))
			require.NoDirExists(t, filepath.Join(dir, "x"))
		})
	}
}

// markAsOurs makes a directory that of a run on this machine.
func markAsOurs(t testing.TB, dir string) {
	t.Helper()
	opened, err := os.Open(dir)
	require.NoError(t, err)
	defer opened.Close()
	write(t, dir, map[string]string{runFile: identity(opened)})
}

// TestDirectoriesOfOthers: what only looks like that of a killed run stays, and its journal does not count.
func TestDirectoriesOfOthers(t *testing.T) {
	const journal = `{"Written": ["v1_configmap_mine.yaml"]}`
	for rule, files := range map[string]map[string]string{
		"another name":             {".cmp-notes/x": "x"},
		"a name that begins alike": {".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAAB/journal": journal},
		"no mark":                  {".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAA/journal": journal},
		"the mark of another directory": {".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAA/journal": journal,
			".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAA/run": "1"},
	} {
		t.Run(rule, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, files)
			write(t, dir, map[string]string{"v1_configmap_mine.yaml": configMap + "mine\n"})
			want := tree(t, dir)
			require.NoError(t, Recover(dir))
			require.Equal(t, want, tree(t, dir))
		})
	}
	require.NoError(t, Recover(filepath.Join(t.TempDir(), "missing")))
}

// TestDiscarded: what a signal discards does not come back, though the run that it ends still goes on.
func TestDiscarded(t *testing.T) {
	for rule, prune := range map[string]bool{"with prune": true, "without": false} {
		dir := t.TempDir()
		out := New(nil, "yaml", Destination{Dir: dir, Prune: prune})
		objects := rendered(t, "yaml", object("a"), object("b"))
		require.NoError(t, out.Add(objects[0]), rule)
		out.Discard()
		require.ErrorIs(t, out.Add(objects[1]), errDiscarded, rule)
		require.ErrorIs(t, out.Finish(), errDiscarded, rule)
		require.Empty(t, entries(t, dir), rule)
	}
}

// TestRunsSideBySide: a run leaves alone what another one is writing.
func TestRunsSideBySide(t *testing.T) {
	dir := t.TempDir()
	first, second := New(nil, "yaml", Destination{Dir: dir}), New(nil, "yaml", Destination{Dir: dir})
	addAll(t, first, rendered(t, "yaml", object("a")))
	addAll(t, second, rendered(t, "yaml", object("b")))
	addAll(t, first, rendered(t, "yaml", object("c")))
	require.NoError(t, second.Finish())
	require.NoError(t, first.Finish())
	require.Equal(t, []string{"v1_configmap_a.yaml", "v1_configmap_b.yaml", "v1_configmap_c.yaml"}, entries(t, dir))
}
