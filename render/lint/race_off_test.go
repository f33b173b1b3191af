//go:build !race

package lint

// oneOf is how many of the mistakes one is tried of: with the race detector each takes ten times as long, and all are
// tried without it (make cover).
const oneOf = 1
