// Package output shows what is rendered: as a stream on standard output, or as a file for each object in a directory.
// It shows all that a run renders, or nothing.
package output
