// Package shipping tests how releases are made and installed: install.sh, as a user runs it, against a server on
// loopback with the releases; the Homebrew formula; the workflows. It has tests only. What was built is tested in
// internal/tools/release.
package shipping
