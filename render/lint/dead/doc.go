// Package dead finds values that change nothing: keys that no chart knows, shown by renders without them, and keys that
// a later value file overrides for each cluster. It reports what it finds by the rule dead-value.
package dead
