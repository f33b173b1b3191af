package lint

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// looked is what a page and a report say of a tree, which are made with one survey or with one for each.
func looked(t *testing.T, tree fs.FS, r render.Request, together bool) string {
	t.Helper()
	ctx := t.Context()
	s, err := stages.Config{}.Open(ctx, tree, render.Options{Note: &worktree.Note{}},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	if err != nil {
		return err.Error()
	}
	o := matrix.Options{Request: r}
	work := Begin(ctx, s, Options{Request: r, Tree: tree})
	if together {
		o.Survey = work.Survey
	}
	p, err := page.Of(ctx, s, o)
	if err != nil {
		return err.Error()
	}
	p.Matrix.Findings = nil // more of them, where all is judged, and no page shows any
	report, err := work.Finish(ctx)
	require.NoError(t, err)
	out, err := json.MarshalIndent([]any{p, report}, "", " ")
	require.NoError(t, err)
	for _, err := range p.Matrix.Failures {
		out = append(out, "\n"+err.Error()...)
	}
	for _, f := range report.Findings {
		out = append(out, "\n"+f.Error()...)
	}
	return string(out)
}

// TestOneSurvey proves that who looks at the survey of another sees what it would see itself, and so does the other.
func TestOneSurvey(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.yaml")
	require.NoError(t, err)
	var mistakes []mistake
	require.NoError(t, yaml.UnmarshalStrict(data, &mistakes))
	const oneInTen = 10
	same := func(t *testing.T, tree fstest.MapFS, r render.Request) {
		t.Helper()
		require.Equal(t, looked(t, tree, r, false), looked(t, tree, r, true))
	}
	everything := render.Request{Targets: render.Targets{All: true}}
	for i, m := range mistakes {
		if i%(oneInTen*oneOf) != 0 { // each takes as long as four reports
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			tree := exampleFleet(t)
			m.make(t, tree)
			same(t, tree, everything)
		})
	}
	t.Run("an empty group", func(t *testing.T) {
		tree := exampleFleet(t)
		for name, file := range tree {
			if strings.HasSuffix(name, "/monitoring.yaml") {
				file.Data = []byte("{}\n")
			}
		}
		require.Contains(t, looked(t, tree, everything, true), render.ErrNothing.Error())
		same(t, tree, everything)
	})
	for name, change := range map[string]func(*render.Request){
		"a group":      func(r *render.Request) { r.Group = "addons" },
		"components":   func(r *render.Request) { r.Components = []string{"karpenter", "external-dns"} },
		"strict":       func(r *render.Request) { r.Strict = true },
		"one cluster":  func(r *render.Request) { r.Targets, r.Cluster = render.Targets{}, "retail-np-1" },
		"some of them": func(r *render.Request) { r.Targets = render.Targets{Selector: "environment=prod"} },
	} {
		t.Run(name, func(t *testing.T) {
			r := everything
			change(&r)
			same(t, exampleFleet(t), r)
		})
	}
}

// TestSurveyedOnce proves that a report does not survey what it has seen.
func TestSurveyedOnce(t *testing.T) {
	s, err := stages.Config{}.Open(t.Context(), exampleFleet(t), render.Options{Note: &worktree.Note{}},
		stages.Charts{Offline: true})
	require.NoError(t, err)
	o := Options{Request: render.Request{Targets: render.Targets{All: true}}, Tree: exampleFleet(t)}
	work := Begin(t.Context(), s, o)
	seen := 0
	other := stages.Visitor{ApplicationSets: func(string, render.ArgoCD, *render.Result) {},
		Application: func(stages.Visited) { seen++ }}
	_, err = work.Survey(t.Context(), work.linter.request(), render.Output{}, other)
	require.NoError(t, err)
	report, err := work.Finish(t.Context())
	require.NoError(t, err)
	require.NotZero(t, seen)
	require.Equal(t, seen, report.Checked.Applications)

	ended, end := context.WithCancel(t.Context())
	end()
	work = Begin(ended, s, o)
	_, err = work.Survey(ended, work.linter.request(), render.Output{}, other)
	require.ErrorIs(t, err, context.Canceled)
	_, err = work.Finish(ended)
	require.ErrorIs(t, err, context.Canceled)
}

// TestSurveyOfAPage proves that a page of all clusters, or of some, renders the fleet for its report, too.
func TestSurveyOfAPage(t *testing.T) {
	for _, targets := range []render.Targets{{All: true}, {Selector: "environment=prod"}} {
		r := render.Request{Targets: targets}
		tree := exampleFleet(t)
		s, err := stages.Config{}.Open(t.Context(), tree, render.Options{Note: &worktree.Note{}},
			stages.Charts{CacheDir: t.TempDir(), Offline: true})
		require.NoError(t, err)
		work := Begin(t.Context(), s, Options{Request: r, Tree: tree})
		_, err = page.Of(t.Context(), s, matrix.Options{Request: r, Survey: work.Survey})
		require.NoError(t, err)
		require.True(t, work.surveyed)
	}
}
