package sides_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/sides"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestAtMostTwo: BASE..HEAD as one argument is said in two, and paths with two dots are paths.
func TestAtMostTwo(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("a..b", 0o700))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"none":  {},
		"two":   {args: []string{"main", "HEAD"}},
		"three": {args: []string{"a", "b", "c"}, want: "BASE and HEAD are possible, not 3 arguments"},
		"a range": {args: []string{"main..next"},
			want: `"main..next": give BASE and HEAD as two arguments: main next`},
		"to the end":       {args: []string{"main.."}, want: "as two arguments: main HEAD"},
		"three dots":       {args: []string{"main...next"}, want: "as two arguments: main next"},
		"a directory":      {args: []string{"a..b"}},
		"a path upwards":   {args: []string{"../other"}},
		"inside of a path": {args: []string{filepath.Join("x", "..", "y") + "/../z"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := sides.AtMostTwo(&cobra.Command{Use: "diff"}, test.args)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestOf: of A..B each side has its own, and what is alone is of both.
func TestOf(t *testing.T) {
	both := sides.Of("3.4..3.6", "1.34", "stable..next")
	require.Equal(t, sides.Side{ArgoCD: "3.4", Kubernetes: "1.34"}, both[0])
	require.Equal(t, sides.Side{ArgoCD: "3.6", Kubernetes: "1.34",
		Promotion: render.Promotion{From: "stable", To: "next"}}, both[1])
	require.Equal(t, ", Argo CD 3.4, release stable", both[0].Unlike(both[1]))
	require.Equal(t, ", Argo CD 3.6, release next", both[1].Unlike(both[0]))
	both = sides.Of("", "1.33..1.34", "")
	require.Equal(t, ", Kubernetes 1.33", both[0].Unlike(both[1]))
	both = sides.Of("3.6", "", "")
	require.Empty(t, both[0].Unlike(both[1]))
	require.Empty(t, both[1].Unlike(both[0]))
}

func TestBranchOf(t *testing.T) {
	for base, want := range map[string]string{"main": "main", "origin/main": "main", "refs/heads/next": "next",
		"feature/one": "feature/one"} {
		require.Equal(t, want, sides.BranchOf(t.TempDir(), []string{base}), base)
	}
	require.Empty(t, sides.BranchOf(t.TempDir(), nil))
	require.Equal(t, "HEAD~1", sides.BranchOf(t.TempDir(), []string{"HEAD~1"}), "outside of a checkout")
}
