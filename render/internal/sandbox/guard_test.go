package sandbox

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTimes: a product that does not fit, or is more than allowed, is one more than allowed, and never below zero.
func TestTimes(t *testing.T) {
	const allowed, tooMuch = maxExpansion, maxExpansion + 1
	for _, test := range []struct {
		name string
		a, b int64
		want int64
	}{
		{"numbers", 6, 7, 42},
		{"one below zero", -6, 7, 42},
		{"both", -6, -7, 42},
		{"zero", 0, 7, 0},
		{"zero and the least integer", 0, math.MinInt64, 0},
		{"all that is allowed", allowed, 1, allowed},
		{"more", allowed + 1, 1, tooMuch},
		{"more below zero", -allowed - 1, 1, tooMuch},
		{"the greatest integer", math.MaxInt64, 2, tooMuch},
		{"the least integer, which has no counterpart", math.MinInt64, 1, tooMuch},
		{"the least integer with itself", math.MinInt64, math.MinInt64, tooMuch},
		{"half of it", math.MinInt64 / 2, 2, tooMuch},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.EqualValues(t, test.want, times(test.a, test.b))
			require.EqualValues(t, test.want, times(test.b, test.a))
		})
	}
	require.Greater(t, times(allowed, allowed), int64(allowed), "a product of what is allowed fits")
}
