package lint

import (
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Report is what is wrong with a fleet.
type Report struct {
	Findings []Finding // sorted by file, line and rule
	Ignored  int       // findings that spec.lint.ignore leaves out
	Checked  Checked

	// Unchecked is what could not be looked at, such as charts that are not in the cache, each as one line.
	Unchecked []string
}

// Checked says how much of the fleet a report is about.
type Checked struct {
	Files        int // of the hierarchy, members and catalogs
	Clusters     int
	Applications int // 0 at the stage applicationsets
	Objects      int // 0 before the stage manifests
}

// A Finding is a problem with its rule, and what it affects.
type Finding struct {
	*problem.Problem // Rule is one of problem.Rules, and Column is set where Line is

	Severity problem.Severity
	Effects  []string // what it is about where that is more than one thing: clusters, Applications; sorted
}

// Failing tells whether there is a finding of a severity, or of a worse one.
func (r *Report) Failing(least problem.Severity) bool {
	for _, f := range r.Findings {
		if f.Severity == least || f.Severity == problem.Error {
			return true
		}
	}
	return false
}
