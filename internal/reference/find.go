package reference

import (
	"slices"
	"strings"
)

// Find returns the keys that a path names, as people write it: with or without the kind before it, with names, numbers
// or nothing in the place of what stands for any. A path without a kind may be that of several kinds.
func Find(path string) []Key {
	parts := partsOf(path)
	if len(parts) == 0 {
		return nil
	}
	if kind := KindOf(parts[0]); kind != nil && len(parts) > 1 {
		if found := kind.find(parts[1:]); len(found) > 0 {
			return found
		}
	}
	var found []Key
	for _, kind := range kinds {
		found = append(found, kind.find(parts)...)
	}
	return found
}

// find returns the key with a path, or the key of the kind that may be beside those of a map.
func (k *Kind) find(parts []string) []Key {
	var found []Key
	for _, key := range k.Keys {
		table := partsOf(key.Path)
		switch {
		case slices.Equal(table, parts):
			return []Key{key}
		case matches(table, parts) && found == nil:
			found = []Key{key}
		}
	}
	if found != nil {
		return found
	}
	for path, other := range k.beside {
		if above := partsOf(path); len(parts) > len(above) && matches(above, parts[:len(above)]) {
			return other.find(parts[len(above):])
		}
	}
	return nil
}

// matches tells whether the parts of a path are those of the table. What stands for any name matches each.
func matches(table, parts []string) bool {
	return slices.EqualFunc(table, parts, func(a, b string) bool { return a == b || isAny(a) && b != "" })
}

// partsOf divides a path, without what says that a part is an entry of a list: [], [0] or a number.
func partsOf(path string) []string {
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(path, "."), ".") {
		part, _, _ = strings.Cut(part, "[")
		if strings.Trim(part, "0123456789") != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Paths returns the full paths of all keys, for suggestions and completion.
func Paths() []string {
	var paths []string
	for _, kind := range kinds {
		for _, key := range kind.Keys {
			paths = append(paths, key.Full())
		}
	}
	return paths
}
