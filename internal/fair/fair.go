// Package fair has a queue in which those who want much do not keep others waiting: repositories take turns, in each of
// them its groups, and in each group first is who came first.
package fair

import "slices"

// A Tenant is whom something is for. Repositories come before groups, since everybody can make up names of groups in
// the own one.
type Tenant struct{ Repository, Group string }

// A Queue has what waits. It is not safe for concurrent use.
type Queue[T comparable] struct {
	waiting []entry[T] // in the order in which they came
	taken   int        // how many were
	last    map[Tenant]int
}

type entry[T comparable] struct {
	item T
	of   Tenant
}

// whole is the key of what all groups of a repository had.
func (t Tenant) whole() Tenant { return Tenant{t.Repository, "\x00"} }

// Len returns how many wait.
func (q *Queue[T]) Len() int { return len(q.waiting) }

// Add adds what waits for a tenant. The first of one comes after all others that wait had a turn.
func (q *Queue[T]) Add(item T, of Tenant) {
	if q.last == nil {
		q.last = map[Tenant]int{}
	}
	for _, key := range []Tenant{of, of.whole()} {
		if _, waits := q.last[key]; !waits {
			q.last[key] = q.taken
		}
	}
	q.waiting = append(q.waiting, entry[T]{item, of})
}

// Remove takes out what does not wait any more, and tells whether it was there.
func (q *Queue[T]) Remove(item T) bool {
	i := slices.IndexFunc(q.waiting, func(e entry[T]) bool { return e.item == item })
	if i < 0 {
		return false
	}
	of := q.waiting[i].of
	q.waiting = slices.Delete(q.waiting, i, i+1)
	if !slices.ContainsFunc(q.waiting, func(e entry[T]) bool { return e.of == of }) {
		delete(q.last, of)
	}
	if !slices.ContainsFunc(q.waiting, func(e entry[T]) bool { return e.of.Repository == of.Repository }) {
		delete(q.last, of.whole())
	}
	return true
}

// Next returns whose turn it is among those that are as asked for; false if there is none. It stays in the queue.
func (q *Queue[T]) Next(is func(T) bool) (next T, ok bool) {
	var best entry[T]
	for _, e := range q.waiting {
		if is(e.item) && (!ok || q.before(e.of, best.of)) {
			best, ok = e, true
		}
	}
	return best.item, ok
}

// before tells whether it is the turn of one tenant before that of another.
func (q *Queue[T]) before(a, b Tenant) bool {
	if of, other := q.last[a.whole()], q.last[b.whole()]; of != other {
		return of < other
	}
	return q.last[a] < q.last[b]
}

// Take takes out what has its turn, as which it counts for its tenant.
func (q *Queue[T]) Take(item T) {
	i := slices.IndexFunc(q.waiting, func(e entry[T]) bool { return e.item == item })
	if i < 0 {
		return
	}
	of := q.waiting[i].of
	q.taken++
	q.last[of], q.last[of.whole()] = q.taken, q.taken
	q.Remove(item)
}
