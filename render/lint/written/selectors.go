package written

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A labelling is a label that the selector of a component names.
type labelling struct {
	policyField
	label string
}

// enabling is how labels begin that switch a component on for a cluster.
const enabling = "enable_"

// noteLabelling remembers the labels of the selectors of components.
func (j *Judge) noteLabelling(f policyField) {
	label := ""
	switch within, name, _ := cutLast(f.name); {
	case f.component == "":
		return
	case f.name == "selector.matchExpressions.[].key":
		label = f.Node.Value
	case within == "selectorMatchLabels" || within == "selector.matchLabels":
		label = name
	}
	if label != "" {
		j.labellings = append(j.labellings, labelling{f, label})
	}
}

// cutLast returns what is before and after the last dot in a path.
func cutLast(at string) (before, after string, found bool) {
	dot := strings.LastIndexByte(at, '.')
	if dot < 0 {
		return "", at, false
	}
	return at[:dot], at[dot+1:], true
}

// MisspeltLabels returns the labels in selectors that no cluster has and no other selector names, and that are a slip
// of the hand away from how the labels of components are called. Each is judged, too.
func (j *Judge) MisspeltLabels(ofClusters map[string]map[string]bool) map[string]bool {
	count := map[string]int{}
	for _, l := range j.labellings {
		count[l.label]++
	}
	names := map[string][]string{} // of components
	for _, n := range j.namings.all {
		names[n.component] = append(names[n.component], n.name)
	}
	misspelt := map[string]bool{}
	labels := slices.Sorted(maps.Keys(ofClusters))
	for _, l := range j.labellings {
		if count[l.label] > 1 || ofClusters[l.label] != nil {
			continue
		}
		meant := ""
		for _, name := range append([]string{nameOfKey(l.component)}, names[l.component]...) {
			if other := enabling + strings.ReplaceAll(name, "-", "_"); meant == "" && isMistyped(l.label, other) {
				meant = other
			}
		}
		for _, other := range labels {
			if meant == "" && strings.HasPrefix(other, enabling) && isMistyped(l.label, other) &&
				differInLongWord(l.label, other) && count[other] == 0 {
				meant = other
			}
		}
		if first, rest, _ := strings.Cut(l.label, "_"); meant == "" && isMistyped(first+"_", enabling) {
			meant = enabling + rest
		}
		if meant == "" {
			continue
		}
		misspelt[l.label] = true
		j.addAt(l.Value, problem.New(l.File, l.Node.Line, "%s: no cluster has the label %s", l.title(), l.label).
			WithHint("did you mean %s?", meant).WithRule(problem.RuleSelectsNobody))
	}
	return misspelt
}
