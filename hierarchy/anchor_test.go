package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHoldsAnchor(t *testing.T) {
	d, err := ParseDocument("a.yaml",
		[]byte("x-a: &a {b: 1}\nc: {d: *a}\ne: &unused 1\nf: &f 1\ng: [&g 1, *g]\nh: *f\n"))
	require.NoError(t, err)
	for path, want := range map[string]bool{"x-a": true, "c": false, "e": false, "f": true, "g": false, "none": false} {
		require.Equal(t, want, d.HoldsAnchor(path), path)
	}
	require.True(t, d.HoldsAnchor("g", "0"))
}
