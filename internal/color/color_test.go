package color_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
)

func TestPaint(t *testing.T) {
	require.Equal(t, "\x1b[31merror\x1b[0m", color.Painter(true).Paint(color.Red, "error"))
	require.Equal(t, "error", color.Painter(false).Paint(color.Red, "error"))
	require.Empty(t, color.Painter(true).Paint(color.Red, ""), "no sequence without text")
}
