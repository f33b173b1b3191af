package written

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkReadingNames finds annotations that templates read, that no cluster has, and that are nearly called as others
// are: one that is read elsewhere, one that begins with the name of its component, or one that ends as others do.
func (j *Judge) checkReadingNames(set map[string]bool) {
	read := j.annotations.read
	names := slices.Sorted(maps.Keys(read))
	endings := map[string]int{} // of names: how many have each
	for _, name := range names {
		for _, ending := range endingsOf(name) {
			endings[ending]++
		}
	}
	said := map[string]bool{}
	for _, name := range names {
		if set[name] || said[name] {
			continue
		}
		meant := ""
		for _, other := range names {
			if len(read[other]) >= len(read[name]) && isMistyped(name, other) && differInLongWord(name, other) {
				meant = other
				break
			}
		}
		if meant == "" {
			meant = nearlyOfComponent(name, read[name][0].component)
		}
		if meant == "" {
			meant = nearlyEnding(name, endings)
		}
		if meant == "" {
			continue
		}
		said[meant] = true
		for _, r := range read[name] {
			if !j.hasFoundAtLine(r.file, r.line) {
				j.add(problem.New(r.file, r.line, "no cluster has the annotation %s", name).
					WithHint("did you mean %s?", meant).WithRule(problem.RuleUnknownLabel))
			}
		}
	}
}

// nearlyOfComponent returns what an annotation is called that nearly begins with the name of its component; "" if it
// does not.
func nearlyOfComponent(name, component string) string {
	const long = 5
	prefix := strings.ReplaceAll(component, "-", "_") + "_"
	if len(prefix) < long || strings.HasPrefix(name, prefix) {
		return ""
	}
	for _, length := range []int{len(prefix) - 1, len(prefix), len(prefix) + 1} {
		if length < len(name) && isMistyped(name[:length], prefix) {
			return prefix + name[length:]
		}
	}
	return ""
}

// endingsOf returns the last words of a name: the last one, two and three, if there is more before them.
func endingsOf(name string) []string {
	words := strings.Split(name, "_")
	var endings []string
	for n := 1; n <= 3 && n < len(words); n++ {
		endings = append(endings, strings.Join(words[len(words)-n:], "_"))
	}
	return endings
}

// nearlyEnding returns what an annotation is called that ends nearly as several others do; "" if it does not.
func nearlyEnding(name string, endings map[string]int) string {
	const several, long = 3, 7
	for _, ending := range slices.Backward(endingsOf(name)) {
		if endings[ending] > 1 {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(endings)) {
			sameWords := strings.Count(ending, "_") == strings.Count(other, "_")
			if endings[other] >= several && len(other) >= long && sameWords && isMistyped(ending, other) {
				return strings.TrimSuffix(name, ending) + other
			}
		}
	}
	return ""
}
