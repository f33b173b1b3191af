package wellknown

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	require.True(t, slices.IsSorted(settings), "IsSetting searches it as sorted")
	require.True(t, IsSetting("ackPodIdentity"))
	require.True(t, IsSetting("valuesFilePrefix"))
	require.False(t, IsSetting("karpenter"))
	require.False(t, IsSetting(""))
	Settings()[0] = "changed"
	require.NotEqual(t, "changed", Settings()[0])
}
