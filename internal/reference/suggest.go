package reference

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// few is how many keys are suggested at most.
const few = 3

// Near returns the full paths of the keys that were probably meant by a path that is of none, the likeliest first.
func Near(path string) []string {
	if meant := problem.Likely(path, Paths()); meant != "" {
		return []string{meant}
	}
	parts := partsOf(path)
	if len(parts) == 0 {
		return nil
	}
	in := kinds
	if kind := KindOf(parts[0]); kind != nil {
		in = []*Kind{kind}
	}
	name := parts[len(parts)-1]
	if other := OtherNames[name]; other != "" && slices.Contains(in, &componentKind) {
		return []string{componentKind.Name + "." + other}
	}
	names := map[string][]string{} // full paths by the last part
	for _, kind := range in {
		for _, key := range kind.Keys {
			names[key.Name()] = append(names[key.Name()], key.Full())
		}
	}
	if meant := problem.Likely(name, slices.Sorted(maps.Keys(names))); meant != "" {
		return names[meant][:min(few, len(names[meant]))]
	}
	var near []string
	for _, known := range slices.Sorted(maps.Keys(names)) {
		if strings.HasPrefix(strings.ToLower(known), strings.ToLower(name)) {
			near = append(near, names[known]...)
		}
	}
	return near[:min(few, len(near))]
}

// Within returns the key that a path leads into, if that key may hold any others; false if there is none.
func Within(path string) (Key, bool) {
	parts := partsOf(path)
	for n := len(parts) - 1; n > 0; n-- {
		for _, key := range Find(strings.Join(parts[:n], ".")) {
			if key.Open || key.Type == TextMap {
				return key, true
			}
		}
	}
	return Key{}, false
}
