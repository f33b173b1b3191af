package stages

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestScopeOfErrors: each Application says for which cluster it fails, also with an error that it shares with others.
func TestScopeOfErrors(t *testing.T) {
	shared := problem.New("a.yaml", 1, "is broken")
	require.EqualError(t, inCluster(shared, "one"), "a.yaml:1: is broken (cluster one)")
	require.EqualError(t, inCluster(shared.InScope("Application x"), "two"),
		"a.yaml:1: is broken (Application x, cluster two)")
	require.EqualError(t, inCluster(fmt.Errorf("here: %w", shared), "two"), "here: a.yaml:1: is broken")
	require.EqualError(t, inCluster(errors.New("disk full"), "two"), "cluster two: disk full")
	require.EqualError(t, inCluster(shared, ""), "a.yaml:1: is broken")
	require.EqualError(t, shared, "a.yaml:1: is broken")
}
