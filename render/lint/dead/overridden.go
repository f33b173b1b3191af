package dead

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// leaves are the values of a file that are no maps, by their paths; nil for a file that is none.
type leaves map[string]any

// A layered is one of a value file, with what became of it in the Applications that read the file.
type layered struct {
	path       []string
	readers    int
	cluster    string // of the first reader
	several    bool   // there are readers of other clusters
	overridden int    // readers for which a later file has another value
	by         string // the file that has it, if it is always the same one
	various    bool
}

// overriding are the keys of all value files, by file and path.
type overriding struct {
	leaves map[string]leaves
	keys   map[string]map[string]*layered
}

const pathSeparator = "\x00"

func leavesOf(value any, path []string, into leaves) {
	m, is := value.(map[string]any)
	if !is || len(m) == 0 {
		into[strings.Join(path, pathSeparator)] = value
		return
	}
	for key, child := range m {
		leavesOf(child, append(slices.Clip(path), key), into)
	}
}

// leavesIn returns the leaves of a file; nil if there is no such file.
func (l *Ledger) leavesIn(file string) leaves {
	found, known := l.overriding.leaves[file]
	if !known {
		if d, err := l.document(file); err == nil && len(d.Values) > 0 {
			found = leaves{}
			leavesOf(d.Values, nil, found)
		}
		l.overriding.leaves[file] = found
	}
	return found
}

// SeeValueFiles notes which keys of value files later ones override, of one source of an Application.
func (l *Ledger) SeeValueFiles(files []string, cluster string) {
	files = slices.DeleteFunc(slices.Clone(files), func(f string) bool {
		return strings.ContainsAny(f, "*?[") || l.leavesIn(f) == nil
	})
	for i, file := range files {
		keys := l.overriding.keys[file]
		if keys == nil {
			keys = map[string]*layered{}
			l.overriding.keys[file] = keys
		}
		for key, value := range l.leavesIn(file) {
			k := keys[key]
			if k == nil {
				k = &layered{path: strings.Split(key, pathSeparator), cluster: cluster}
				keys[key] = k
			}
			k.readers++
			k.several = k.several || k.cluster != cluster
			for _, later := range slices.Backward(files[i+1:]) {
				over, has := l.leavesIn(later)[key]
				if !has {
					continue
				}
				if !reflect.DeepEqual(over, value) {
					k.overridden++
					k.various = k.various || k.by != "" && k.by != later
					k.by = later
				}
				break
			}
		}
	}
}

// Overridden returns findings about the keys of value files that one and the same later file overrides in all
// Applications. Where there is only one cluster, or different files override it, it may be a default for what is still
// to come. All Applications must have been seen: one that was not may be the one for which a key counts.
func (l *Ledger) Overridden() []*problem.Problem {
	var dead []*problem.Problem
	for _, file := range slices.Sorted(maps.Keys(l.overriding.keys)) {
		for _, key := range slices.Sorted(maps.Keys(l.overriding.keys[file])) {
			k := l.overriding.keys[file][key]
			if !k.several || k.overridden < k.readers || k.various {
				continue
			}
			line := 0
			if d, err := l.document(file); err == nil {
				line = d.Line(k.path...)
			}
			dead = append(dead, problem.New(file, line, "%s changes nothing: %s overrides it for each cluster",
				hierarchy.Key(k.path), k.by).WithHint("remove one of the two").WithRule(problem.RuleDeadValue))
		}
	}
	return dead
}
