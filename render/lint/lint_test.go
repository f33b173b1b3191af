package lint

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

func run(t *testing.T, dir, stage string) *Report {
	t.Helper()
	tree, err := worktree.Open(dir)
	require.NoError(t, err)
	s, err := stages.Config{}.Open(t.Context(), tree, render.Options{Note: &worktree.Note{}},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	report, err := Run(t.Context(), s, Options{Stage: stage, Tree: tree,
		Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	return report
}

func TestDir(t *testing.T) {
	dir := os.Getenv("LINTDIR")
	r := run(t, dir, os.Getenv("LINTSTAGE"))
	for _, f := range r.Findings {
		fmt.Println(f.Severity, f.Rule, f.Column, f.Error(), f.Effects)
	}
	fmt.Println(r.Checked, r.Ignored, r.Unchecked)
}
