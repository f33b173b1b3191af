package render

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParts tells of two parts at once: what is told of both only grows, never twice at once, and ends once.
func TestParts(t *testing.T) {
	var told []int
	parts := Progress(func(done, total int) {
		require.Equal(t, 2000, total)
		told = append(told, done) // the race detector finds calls at once
	}).Parts(2)
	var work sync.WaitGroup
	for _, part := range parts {
		work.Go(func() {
			for done := range 500 {
				part(done, 500)
			}
			part(1, 1)
		})
	}
	work.Wait()
	require.IsIncreasing(t, told)
	require.Equal(t, 2000, told[len(told)-1])
}

// TestPartOfMore: work that becomes more is told of when it is further than it was.
func TestPartOfMore(t *testing.T) {
	var told []int
	part := Progress(func(done, _ int) { told = append(told, done) }).Parts(1)[0]
	part(0, 0)
	part(1, 2)
	part(1, 4)
	part(2, 4)
	part(3, 4)
	part(1, 1)
	part(1, 1)
	require.Equal(t, []int{500, 750, 1000}, told)
	require.Equal(t, []Progress{nil, nil}, Progress(nil).Parts(2))
}
