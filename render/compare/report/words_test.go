package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

func TestPlaces(t *testing.T) {
	require.Equal(t, []string{"a.yaml:3,7-9", "b.yaml (added)", "c.yaml", "d.yaml:2-4"}, places([]compare.Cause{
		{File: "a.yaml", Line: 3, End: 3, Side: compare.Changed},
		{File: "a.yaml", Line: 7, End: 9, Side: compare.Changed},
		{File: "b.yaml", Side: compare.Added},
		{File: "c.yaml", Side: compare.Changed},
		{File: "d.yaml", Line: 2, End: 4, Side: compare.Changed},
	}))
}
