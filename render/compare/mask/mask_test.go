package mask_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
)

const canary = "CANARY"

// secret returns a Secret with a value in each place that can have one.
func secret(value any) map[string]any {
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
		"metadata": map[string]any{"name": "s", "annotations": map[string]any{"a": "b",
			"kubectl.kubernetes.io/last-applied-configuration": fmt.Sprint(value)}},
		"data": map[string]any{"same": canary, "key": value}, "stringData": map[string]any{"key": value},
		"unknown": value, "binaryData": []any{value}}
}

func TestSecret(t *testing.T) {
	before := secret(canary + "1")
	for name, value := range map[string]any{"text": canary + "2", "a list": []any{canary}, "nothing": nil,
		"a map": map[string]any{"x": canary}} {
		both := mask.Secret(before, secret(value))
		require.NotContains(t, fmt.Sprint(both), canary, name)
		require.NotEqual(t, both[0], both[1], "%s: that it changes is shown", name)
		require.Equal(t, "b", both[1]["metadata"].(map[string]any)["annotations"].(map[string]any)["a"])
		require.Equal(t, "(hidden)", both[1]["data"].(map[string]any)["same"])
	}
	same := mask.Secret(before, before)
	require.Equal(t, same[0], same[1])
	require.NotContains(t, fmt.Sprint(same), canary)
	require.Equal(t, secret(canary+"1"), before, "what is given stays as it is")
	added := mask.Secret(nil, before)
	require.Nil(t, added[0])
	require.NotContains(t, fmt.Sprint(added), canary)
	require.NotContains(t, fmt.Sprint(mask.Secret(map[string]any{"data": canary}, nil)), canary)
}
