//go:build race

package compare_test

// edits are few with the race detector, which makes each of them ten times slower.
const edits = 5
