package written

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A naming is a name that a field of a component has.
type naming struct {
	policyField
	name string // the part of the text that is compared
}

// namings are the names that components are known by: their keys, charts, releases, paths and namespaces. Many of them
// are the same, so that one that is nearly another is mistyped.
type namings struct {
	all   []naming
	count map[string]int             // how often each name is there
	keys  map[string]map[string]bool // of components, by file
}

func newNamings() namings {
	return namings{count: map[string]int{}, keys: map[string]map[string]bool{}}
}

// namingFields are the fields of components with names, with what of their text is compared.
var namingFields = map[string]func(text string) string{
	"chartName": path.Base, "releaseName": whole, "namespace": whole, "chartNamespace": path.Base, "path": path.Base,
	"chartRepository": lastOfURL, "additionalResources.path": path.Base, "additionalResources.type": whole,
	"additionalResources.helm.releaseName": whole, "additionalResources.chart": path.Base,
}

func whole(text string) string { return text }

// lastOfURL returns the last part of the path of an address; "" if it has none.
func lastOfURL(text string) string {
	if at := strings.IndexByte(withoutScheme(text), '/'); at > 0 {
		return strings.TrimSuffix(path.Base(text), ".git")
	}
	return ""
}

// noteNaming remembers the name that a field of a component has.
func (j *Judge) noteNaming(f policyField) {
	nameOf := namingFields[f.name]
	if nameOf == nil || f.component == "" {
		return
	}
	n := &j.namings
	if n.keys[f.File] == nil {
		n.keys[f.File] = map[string]bool{}
	}
	if key := nameOfKey(f.component); !n.keys[f.File][f.component] {
		n.keys[f.File][f.component] = true
		n.count[key]++
	}
	if name := nameOf(f.Node.Value); name != "" {
		n.all = append(n.all, naming{f, name})
		n.count[name]++
	}
}

func nameOfKey(component string) string { return strings.ReplaceAll(component, "_", "-") }

// several is how often a name or word is there that is not mistyped.
const several = 3

// checkNamings finds names of components that nothing else has, and that are a slip of the hand away from another of
// the same component, or from one that others have.
func (j *Judge) checkNamings() {
	n := j.namings
	own := map[string][]string{} // of each component of a file, its key first
	for _, f := range n.all {
		at := f.File + "\x00" + f.component
		if own[at] == nil {
			own[at] = []string{nameOfKey(f.component)}
		}
		own[at] = append(own[at], f.name)
	}
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(n.count)), func(name string) bool { return n.count[name] < 2 })
	words := map[string]int{} // how often each is there
	for name, count := range n.count {
		for _, word := range wordsOf(name) {
			words[word] += count
		}
	}
	common := slices.Sorted(maps.Keys(words))
	common = slices.DeleteFunc(common, func(word string) bool { return words[word] < several })
	const long = 10
	said := map[string]bool{} // names that are the better ones of a pair
	for _, f := range n.all {
		names := own[f.File+"\x00"+f.component]
		switch near := ""; {
		case n.count[f.name] > 1:
			if n.count[names[0]] == 1 && isMistyped(names[0], f.name) {
				j.addNaming(f, names[0], "correct one of them")
			}
		case said[f.name]:
		default:
			for _, other := range names {
				if near == "" && isMistyped(f.name, other) {
					near = other
				}
			}
			for _, other := range others {
				isSure := differInLongWord(f.name, other) || len(other) >= long && n.count[other] >= several
				if near == "" && isMistyped(f.name, other) && isSure {
					near = other
				}
			}
			if near == "" {
				near = nearWord(f.name, names, words, common)
			}
			if near != "" {
				said[near] = true
				j.addNaming(f, near, "did you mean "+near+"?")
			}
		}
	}
}

// isMistyped tells whether a name is a slip of the hand away from another one, which is long enough to tell.
func isMistyped(name, other string) bool {
	const long = 4
	return len(name) >= long && problem.IsSlip(name, other) && !isVariant(name, other) &&
		lettersOf(name) != lettersOf(other)
}

// nearWord returns a name with one of its words in the place of which another was probably meant: one that the names of
// the same component have, or a common one, where nothing else has its own. It is "" if there is none.
func nearWord(name string, own []string, count map[string]int, common []string) string {
	const long = 6
	for _, word := range wordsOf(name) {
		if len(word) < long || count[word] > 1 {
			continue
		}
		var known []string
		for _, other := range own {
			known = append(known, wordsOf(other)...)
		}
		for _, other := range append(known, common...) {
			if len(other) >= long && isMistyped(word, other) {
				return strings.Replace(name, word, other, 1)
			}
		}
	}
	return ""
}

// differInLongWord tells whether names differ in a word that is long enough to tell: team-ab is not team-a.
func differInLongWord(a, b string) bool {
	const long = 4
	wordsOfA, wordsOfB := wordsOf(a), wordsOf(b)
	if len(wordsOfA) != len(wordsOfB) {
		return false
	}
	for i, word := range wordsOfA {
		if other := wordsOfB[i]; word != other && max(len(word), len(other)) < long {
			return false
		}
	}
	return true
}

func (j *Judge) addNaming(f naming, near, hint string) {
	if j.hasFoundAt(f.Value) {
		return
	}
	j.addAt(f.Value, problem.New(f.File, f.Node.Line, "%s is %q, which is nearly %q", f.title(), f.Node.Value, near).
		WithHint("%s", hint).WithRule(problem.RuleUnknownField))
}
