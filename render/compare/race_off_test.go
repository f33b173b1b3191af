//go:build !race

package compare_test

// edits are as many as continuous integration has time for.
const edits = 100
