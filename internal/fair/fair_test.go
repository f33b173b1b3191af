package fair_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
)

func all(string) bool { return true }

// order takes so many, and returns them.
func order(q *fair.Queue[string], n int) string {
	var taken []string
	for range n {
		next, ok := q.Next(all)
		if !ok {
			break
		}
		q.Take(next)
		taken = append(taken, next)
	}
	return strings.Join(taken, " ")
}

// TestTurns: repositories take turns, then groups, then who came first; and who comes again comes last.
func TestTurns(t *testing.T) {
	var q fair.Queue[string]
	add := func(repository, group string, items ...string) {
		for _, item := range items {
			q.Add(item, fair.Tenant{Repository: repository, Group: group})
		}
	}
	add("a", "x", "ax1", "ax2", "ax3", "ax4", "ax5")
	add("a", "y", "ay1")
	add("b", "x", "bx1", "bx2")
	require.Equal(t, "ax1 bx1 ay1 bx2 ax2", order(&q, 5))
	add("b", "x", "bx3")
	add("c", "", "c1")
	require.Equal(t, "ax3 bx3 c1 ax4 ax5", order(&q, 10))
	require.Empty(t, order(&q, 1))

	add("a", "", "a1", "a2")
	add("b", "", "b1")
	require.True(t, q.Remove("a1"))
	require.False(t, q.Remove("a1"))
	q.Take("a1") // is not there any more
	next, ok := q.Next(func(item string) bool { return item == "b1" })
	require.True(t, ok)
	require.Equal(t, "b1", next)
	_, ok = q.Next(func(string) bool { return false })
	require.False(t, ok)
	require.Equal(t, "a2 b1", order(&q, 10))
	require.Zero(t, q.Len())
}

// TestFlood: who has hundreds waiting keeps nobody else waiting for more than a turn, whatever names of groups it makes
// up, and however many it takes back.
func TestFlood(t *testing.T) {
	var q fair.Queue[string]
	for i := range 500 {
		q.Add(fmt.Sprint("flood", i), fair.Tenant{Repository: "flood", Group: fmt.Sprint(i)})
	}
	for i := range 100 {
		item := fmt.Sprint("small", i)
		q.Add(item, fair.Tenant{Repository: "small"})
		require.Contains(t, order(&q, 2), item)
		q.Remove(fmt.Sprint("flood", 499-i))
	}
	for q.Len() > 0 {
		require.NotEmpty(t, order(&q, 1))
	}
	q.Add("flood", fair.Tenant{Repository: "flood"})
	q.Add("small", fair.Tenant{Repository: "small"})
	require.Equal(t, "flood small", order(&q, 2), "what was is forgotten")
}
