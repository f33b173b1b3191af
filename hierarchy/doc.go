// Package hierarchy reads the files of a fleet and merges them: documents that know their lines, layers, and values
// that know where each of them comes from.
//
// All files are read through an fs.FS whose root is the repository, so that nothing outside of it can be read. What
// merging means is said at the top of merge.go. The packages below know what the files say: cluster, fleet, release
// and member, each of which may use those before it.
package hierarchy
