package render

import "sync"

// Progress is told of long work: how much of it is done, of how much that is known by now. It is never called twice at
// once.
type Progress func(done, total int)

// partSteps is in how many steps a part of work is told of.
const partSteps = 1000

// Parts returns what to tell of n equal parts of work that are done at once. Each result is to be told of one part; p,
// of all of them together, in an order in which nothing goes back. The results are nil if p is.
func (p Progress) Parts(n int) []Progress {
	parts := make([]Progress, n)
	if p == nil {
		return parts
	}
	var one sync.Mutex
	all, of := 0, make([]int, n)
	for i := range parts {
		parts[i] = func(done, total int) {
			one.Lock()
			defer one.Unlock()
			step := 0
			if total > 0 {
				step = min(done*partSteps/total, partSteps)
			}
			if step <= of[i] { // what there is to do has become more
				return
			}
			all += step - of[i]
			of[i] = step
			p(all, n*partSteps)
		}
	}
	return parts
}
