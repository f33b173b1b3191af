package lint

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A seed is a mistake that somebody makes in the example fleet.
type seed struct {
	name  string
	edit  func(*files)
	file  string // that a finding must name
	rules string // of which one must be found, separated by spaces; "" for any
}

// files are those of the example fleet, to be changed.
type files struct {
	t    *testing.T
	tree fstest.MapFS
}

// replace replaces a text that is there exactly once.
func (f *files) replace(name, old, text string) {
	data := string(f.data(name))
	require.Equal(f.t, 1, strings.Count(data, old), "%s: %q", name, old)
	f.tree[name] = &fstest.MapFile{Data: []byte(strings.Replace(data, old, text, 1))}
}

func (f *files) data(name string) []byte {
	require.Contains(f.t, f.tree, name)
	return f.tree[name].Data
}

func (f *files) write(name, text string) { f.tree[name] = &fstest.MapFile{Data: []byte(text)} }

// move moves a file or a directory.
func (f *files) move(from, to string) {
	moved := false
	for name, file := range f.tree {
		if name == from || strings.HasPrefix(name, from+"/") {
			delete(f.tree, name)
			f.tree[to+strings.TrimPrefix(name, from)] = file
			moved = true
		}
	}
	require.True(f.t, moved, from)
}

func exampleFleet(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	root := os.DirFS("../../testdata/fleet")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		tree[name] = &fstest.MapFile{Data: data}
		return err
	}))
	return tree
}

func lintTree(t *testing.T, tree fs.FS, stage string) *Report {
	t.Helper()
	s, err := stages.Config{}.Open(t.Context(), tree, render.Options{Note: &worktree.Note{}},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	if err != nil {
		return &Report{Findings: []Finding{{Problem: problemOf(err)}}}
	}
	report, err := Run(t.Context(), s, Options{Stage: stage, Tree: tree,
		Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	return report
}

func TestExampleFleetHasNoFinding(t *testing.T) {
	report := lintTree(t, exampleFleet(t), render.StageApplications)
	require.Empty(t, report.Findings)
	require.Empty(t, report.Unchecked)
	require.Equal(t, 6, report.Checked.Clusters)
	require.Equal(t, 108, report.Checked.Applications)
}

// Most mistakes must be found, and at the right place.
func TestSeededMistakes(t *testing.T) {
	lintSeeds(t, seeds, render.StageApplications)
	lintSeeds(t, deepSeeds, render.StageManifests)
}

func lintSeeds(t *testing.T, seeds []seed, stage string) {
	t.Helper()
	for _, s := range seeds {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := &files{t, exampleFleet(t)}
			s.edit(f)
			report := lintTree(t, f.tree, stage)
			var found []string
			ok := false
			for _, finding := range report.Findings {
				found = append(found, finding.Rule+" "+finding.Error())
				places := append([]string{finding.File}, finding.Places...)
				if slices.ContainsFunc(places, func(p string) bool { return p == s.file || s.file == path.Dir(p) }) &&
					(s.rules == "" || slices.Contains(strings.Fields(s.rules), finding.Rule)) {
					ok = true
				}
			}
			require.True(t, ok, "%s %s is not among %d:\n%s", s.file, s.rules, len(found), strings.Join(found, "\n"))
		})
	}
}

func problemOf(err error) *problem.Problem {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	return problem.New("", 0, "%w", err)
}
