package render_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestIncomplete: the text is all that people see, on one line, and programs find both causes.
func TestIncomplete(t *testing.T) {
	err := render.Incomplete("which %q? %w", "group", fs.ErrNotExist)
	require.EqualError(t, err, `which "group"? file does not exist`)
	require.ErrorIs(t, err, render.ErrIncomplete)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, render.ErrNoCluster)
	require.EqualError(t, render.Incomplete("which? %s", "a\nb"), "which? a b")
	require.ErrorIs(t, errors.Join(errors.New("other"), err), render.ErrIncomplete)
}
