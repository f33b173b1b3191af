// Package browser tests the page of cmp diff -o html in a real browser: that it is opened from a file, searched, filtered
// and unfolded, and asks nobody for anything. Chromium is driven through a pipe with its DevTools protocol, so that
// nothing else is needed. internal/tools/e2e.sh builds and installs what is needed and runs the tests.
package browser
