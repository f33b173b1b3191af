// Package release has the tests of what "make release" built: run them with "make release-check".
package release
