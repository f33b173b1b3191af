package network

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestDescribe(t *testing.T) {
	e := Entry{Version: "1.0.0"}
	require.NoError(t, e.describe([]byte(`{"name": "web", "kubeVersion": ">=1.25", "deprecated": true}`)))
	require.Equal(t, Entry{Version: "1.0.0", KubeVersion: ">=1.25", Deprecated: true}, e)
	require.ErrorContains(t, e.describe([]byte("[")), "its Chart.yaml in the registry cannot be read")
}

// FuzzDescribe shows that no Chart.yaml of a registry breaks the reader.
func FuzzDescribe(f *testing.F) {
	f.Add([]byte(`{"kubeVersion": ">=1.25", "deprecated": true}`))
	f.Add([]byte(`{"deprecated": "yes", "maintainers": [null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := Entry{Version: "1.0.0"}
		err := e.describe(data)
		var own *problem.Cause
		require.True(t, err == nil || errors.As(err, &own), "%v", err)
		require.Equal(t, "1.0.0", e.Version)
	})
}
