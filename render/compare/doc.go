// Package compare says what a change does to a fleet: it renders what can be concerned from two trees of files, and
// compares objects. What is the same in many clusters, but for their own names, is one change. Each has the files that
// caused it, and what is dangerous about it.
package compare
