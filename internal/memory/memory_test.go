package memory

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsBounded(t *testing.T) {
	m := New(1000)
	for i := range 10 {
		m.Keep(i, "value", 400)
		m.Keep(i, "other", 400)
		require.LessOrEqual(t, m.bytes, m.limit)
	}
	require.Equal(t, 800, m.bytes)
	require.NotNil(t, m.Get(8), "used later than 9")
	m.Keep("huge", "value", 2000)
	require.Nil(t, m.Get("huge"))
	require.NotNil(t, m.Get(9), "what does not fit displaces nothing")
	m.Keep("new", "value", 400)
	require.Nil(t, m.Get(8), "the one that was not used for the longest time goes")
	require.NotNil(t, m.Get(9))
}

func TestDoMakesEachValueOnce(t *testing.T) {
	m := New(1000)
	made := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			value, err := m.Do("key", func() (any, int, error) { made++; return "value", 1, nil })
			if err != nil || value != "value" {
				t.Error(value, err)
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, made)
	require.Empty(t, m.making)
}

func TestDoKeepsNoFailures(t *testing.T) {
	m := New(1000)
	_, err := m.Do("key", func() (any, int, error) { return nil, 0, errors.New("no") })
	require.EqualError(t, err, "no")
	value, err := m.Do("key", func() (any, int, error) { return "value", 2000, nil })
	require.NoError(t, err)
	require.Equal(t, "value", value)
	require.Nil(t, m.Get("key"))
	require.Empty(t, m.making)
}
