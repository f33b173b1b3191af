package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

func TestLimits(t *testing.T) {
	load := func(text string) (*Fleet, error) { return loadFleet(t, "  limits: "+text+"\n") }
	f, err := load("{memory: 2Gi, timeout: 5m, applicationTimeout: 90s}")
	require.NoError(t, err)
	require.Equal(t, limits.Limits{Memory: 2 << 30, Timeout: 5 * time.Minute, ApplicationTimeout: 90 * time.Second},
		f.Limits)
	f, err = load("{fileSize: 5Mi}")
	require.NoError(t, err)
	require.Zero(t, f.Limits, "nothing is said")
	for text, message := range map[string]string{
		"5":                        `fleet.yaml:4: spec: limits must be a map, not a number`,
		"[]":                       `fleet.yaml:4: spec: limits must be a map, not a list`,
		`""`:                       `fleet.yaml:4: spec: limits must be a map, not a string`,
		"{memory: lots}":           `fleet.yaml:4: limits: memory must be a size, such as 400Mi or 1Gi, not "lots"`,
		"{memory: 1Mi}":            `fleet.yaml:4: limits: memory must be at least 64 MiB, not "1Mi"`,
		"{timeout: 5}":             `fleet.yaml:4: limits: timeout must be a duration, such as 90s or 2m, not "5"`,
		"{applicationTimeout: 0s}": `fleet.yaml:4: limits: applicationTimeout must be at least 100ms, not "0s"`,
	} {
		_, err := load(text)
		require.EqualError(t, err, message)
	}
}
