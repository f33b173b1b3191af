package lint

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A mistake is one that somebody makes in the example fleet (testdata/mistakes.yaml).
type mistake struct {
	Name    string
	Move    struct{ From, To string }
	Replace struct{ File, Old, New string }
	Write   struct{ File, Text string }
	And     struct{ File, Text string } // is written too
	At      string                      // what a finding must name
	Line    int                         // of it, if the finding must have that
	Rules   []string                    // of which it must have one; any if empty
	Stage   string
}

// make makes the mistake.
func (m mistake) make(t *testing.T, tree fstest.MapFS) {
	t.Helper()
	if from := m.Move.From; from != "" {
		for name, file := range tree {
			if name == from || strings.HasPrefix(name, from+"/") {
				delete(tree, name)
				tree[m.Move.To+strings.TrimPrefix(name, from)] = file
			}
		}
	}
	if name := m.Replace.File; name != "" {
		require.Contains(t, tree, name)
		text := string(tree[name].Data)
		require.Equal(t, 1, strings.Count(text, m.Replace.Old), "%s: %q", name, m.Replace.Old)
		tree[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, m.Replace.Old, m.Replace.New, 1))}
	}
	for _, file := range []struct{ File, Text string }{m.Write, m.And} {
		if file.File != "" {
			tree[file.File] = &fstest.MapFile{Data: []byte(file.Text)}
		}
	}
}

// foundBy tells whether a finding is about the mistake.
func (m mistake) foundBy(f Finding) bool {
	places := append([]string{f.File}, f.Places...)
	if m.Line != 0 {
		return f.File == m.At && f.Line == m.Line && (len(m.Rules) == 0 || slices.Contains(m.Rules, f.Rule))
	}
	return slices.ContainsFunc(places, func(p string) bool { return p == m.At || m.At == path.Dir(p) }) &&
		(len(m.Rules) == 0 || slices.Contains(m.Rules, f.Rule))
}

func exampleFleet(t *testing.T) fstest.MapFS { return testfleet.Load(t, "../../testdata/fleet") }

func lintTree(t *testing.T, tree fs.FS, stage string) *Report {
	t.Helper()
	s, err := stages.Config{}.Open(t.Context(), tree, render.Options{Note: &worktree.Note{}},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	var p *problem.Problem
	if errors.As(err, &p) {
		return &Report{Findings: []Finding{{Problem: p}}}
	}
	require.NoError(t, err)
	report, err := Run(t.Context(), s, Options{Stage: stage, Tree: tree,
		Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	return report
}

func TestExampleFleetHasNoFinding(t *testing.T) {
	for _, stage := range []string{render.StageApplicationSets, render.StageApplications, render.StageManifests} {
		report := lintTree(t, exampleFleet(t), stage)
		for _, f := range report.Findings {
			t.Errorf("%s: %s: %v", stage, f.Rule, f)
		}
		require.Equal(t, 6, report.Checked.Clusters)
	}
}

// Fleets of other layouts, with what people do on purpose, have no finding either.
func TestWellFormedFleetsHaveNoFinding(t *testing.T) {
	names, err := filepath.Glob("testdata/fleets/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		require.NoError(t, err)
		tree := fstest.MapFS{}
		for _, file := range archive.Files {
			tree[file.Name] = &fstest.MapFile{Data: file.Data}
		}
		for _, stage := range []string{render.StageApplications, render.StageManifests} {
			report := lintTree(t, tree, stage)
			for _, f := range report.Findings {
				t.Errorf("%s, %s: %s: %v", name, stage, f.Rule, f)
			}
			require.Empty(t, report.Unchecked, name)
			require.NotZero(t, report.Checked.Applications, name)
		}
	}
}

func TestMistakesAreFoundAtTheirPlace(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.yaml")
	require.NoError(t, err)
	var mistakes []mistake
	require.NoError(t, yaml.UnmarshalStrict(data, &mistakes))
	for i, m := range mistakes {
		if i%oneOf != 0 {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			tree := exampleFleet(t)
			m.make(t, tree)
			var found []string
			for _, f := range lintTree(t, tree, m.Stage).Findings {
				if m.foundBy(f) {
					return
				}
				found = append(found, f.Rule+" "+f.Error())
			}
			t.Errorf("%s %s is not among %d findings:\n%s", m.At, m.Rules, len(found), strings.Join(found, "\n"))
		})
	}
}

// Of what cannot be read, nobody knows which labels it selects by, and which files its clusters have.
func TestFilesThatCannotBeReadAreOneFinding(t *testing.T) {
	for _, file := range []string{"charts/application-sets/values/addons.yaml",
		"fleet/fleet-bootstrap/fleet-members/hub-prod/retail-np-1.yaml"} {
		tree := exampleFleet(t)
		tree[file] = &fstest.MapFile{Data: []byte("# caf\xe9\n")}
		report := lintTree(t, tree, render.StageApplications)
		require.Len(t, report.Findings, 1, file)
		require.Contains(t, report.Findings[0].Error(), file+":1: is not YAML: the text is not UTF-8")
	}
}

// What fails may be what a value is for, so that nobody knows whether others override it everywhere.
func TestValuesBesideAFailureAreNotDead(t *testing.T) {
	tree := exampleFleet(t)
	const broken = "addons/tenants/retail/environments/np/defaults/addons/external-dns/values.yaml"
	tree[broken] = &fstest.MapFile{Data: []byte("a: [\n")}
	report := lintTree(t, tree, render.StageApplications)
	require.NotEmpty(t, report.Findings)
	for _, f := range report.Findings {
		require.Equal(t, broken, f.File, f.Error())
	}
}
