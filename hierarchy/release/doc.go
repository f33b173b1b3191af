// Package release knows the releases of a group, their catalogs, and the values that the group has in each of them.
package release
