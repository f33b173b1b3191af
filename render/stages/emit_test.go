package stages_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestWorkingOnWhatIsEncoded: who exceeds a limit while Applications are encoded or emitted is told of whose they are.
func TestWorkingOnWhatIsEncoded(t *testing.T) {
	var mu sync.Mutex
	on := map[string]int{}
	isOn := func() bool {
		mu.Lock()
		defer mu.Unlock()
		for name, pieces := range on {
			if pieces > 0 && strings.HasPrefix(name, "ApplicationSet ") {
				return true
			}
		}
		return false
	}
	var encoded atomic.Int64 // by several goroutines
	var emitted int64
	_, err := renderTo(t.Context(), t, request(t, render.StageApplications), render.Output{
		Encode: func(object render.Object) ([]byte, error) {
			require.True(t, isOn())
			encoded.Add(1)
			return render.EncodeValue(object, "yaml")
		},
		Emit: func(render.Rendered) error {
			require.True(t, isOn())
			emitted++
			return nil
		},
		Working: func(name string) func() {
			mu.Lock()
			defer mu.Unlock()
			on[name]++
			return func() {
				mu.Lock()
				defer mu.Unlock()
				on[name]--
			}
		},
	})
	require.NoError(t, err)
	require.Positive(t, emitted)
	require.Equal(t, encoded.Load(), emitted)
	require.Eventually(t, func() bool { return !isOn() }, time.Minute, time.Millisecond, "all that began ends")
}
