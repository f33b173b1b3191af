package written

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkNamespaces finds namespaces of components that are a slip of the hand away from the name of their component or
// of its chart, or from the namespace of several others.
func (j *Judge) checkNamespaces() {
	count := map[string]int{}
	for _, f := range j.namespaces {
		count[f.Node.Value]++
	}
	for _, f := range j.namespaces {
		text := f.Node.Value
		near := problem.LikelySlip(text, []string{strings.ReplaceAll(f.component, "_", "-"), f.sibling("chartName")})
		for other, n := range count {
			if n > 1 && count[text] == 1 && problem.IsSlip(text, other) {
				near = other
			}
		}
		if near == "" || count[text] > 1 || isVariant(text, near) || lettersOf(text) == lettersOf(near) {
			continue
		}
		j.addAt(f.Value, problem.New(f.File, f.Node.Line, "%s is %q, which is nearly %q", f.title(), text, near).
			WithHint("did you mean %s?", near).WithRule(problem.RuleUnknownField))
	}
}
