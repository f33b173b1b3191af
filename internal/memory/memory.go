// Package memory keeps what was costly to make, such as parsed charts, until others that were used later need its room.
package memory

import (
	"sync"

	"github.com/golang/groupcache/lru"
)

// Usual is room for the charts of a large fleet, in bytes.
const Usual = 128 << 20

// A Memory keeps values up to a number of bytes, and lets go of what was not used for the longest time. It is safe for
// concurrent use.
type Memory struct {
	limit int

	mu     sync.Mutex
	bytes  int
	recent *lru.Cache
	making map[any]*turn
}

// A kept value has the size that it was given with.
type kept struct {
	value any
	bytes int
}

// A turn belongs to one of those who make the same value.
type turn struct {
	mu      sync.Mutex
	waiting int
}

// New returns a memory for so many bytes.
func New(limit int) *Memory {
	m := &Memory{limit: limit, recent: lru.New(0), making: map[any]*turn{}}
	m.recent.OnEvicted = func(_ lru.Key, value any) {
		if k, ok := value.(kept); ok {
			m.bytes -= k.bytes
		}
	}
	return m
}

// Get returns the value of a key, which can be compared; nil if it is not kept.
func (m *Memory) Get(key any) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, _ := m.recent.Get(key)
	k, _ := value.(kept)
	return k.value
}

// Keep keeps a value of about so many bytes, unless there is one with the key, or it alone is larger than the memory.
func (m *Memory) Keep(key, value any, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.recent.Get(key); ok || bytes > m.limit {
		return
	}
	m.recent.Add(key, kept{value, bytes})
	m.bytes += bytes
	for m.bytes > m.limit {
		m.recent.RemoveOldest()
	}
}

// Do returns the value of a key. If it is not kept, it calls make, whose result it keeps, while all others who ask for
// the key wait; if that fails, Do fails as it does, and who waits tries for itself.
func (m *Memory) Do(key any, make func() (value any, bytes int, err error)) (any, error) {
	if value := m.Get(key); value != nil {
		return value, nil
	}
	defer m.take(key)()
	if value := m.Get(key); value != nil {
		return value, nil
	}
	value, bytes, err := make()
	if err != nil {
		return nil, err
	}
	m.Keep(key, value, bytes)
	return value, nil
}

// take waits until nobody else makes the value of a key, and returns what ends the turn.
func (m *Memory) take(key any) (end func()) {
	m.mu.Lock()
	t := m.making[key]
	if t == nil {
		t = &turn{}
		m.making[key] = t
	}
	t.waiting++
	m.mu.Unlock()
	t.mu.Lock()
	return func() {
		t.mu.Unlock()
		m.mu.Lock()
		defer m.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(m.making, key)
		}
	}
}
