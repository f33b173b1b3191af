// Package browser tests the pages of cmp diff -o html and of cmp page in a real browser: that they are opened from a
// file, searched, filtered and unfolded, and ask nobody for anything. Chromium is driven through a pipe with its DevTools
// protocol, so that nothing else is needed. internal/tools/e2e.sh builds and installs what is needed and runs the tests.
// The variable CMP_E2E_SCREENSHOTS names a directory in which they keep pictures of the pages.
package browser
