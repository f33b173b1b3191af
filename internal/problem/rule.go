package problem

import "slices"

// A Severity says how bad a finding is.
type Severity string

// The severities. An error is lost, pruned or refused; a warning does nothing, or may not be what was meant.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Rule is a kind of finding. Its name is stable: fleet.yaml ignores findings by it, and docs/lint.md explains it.
type Rule struct {
	Name     string
	Severity Severity
	Stage    string // the first stage of a render at which it can be found
	Summary  string // what is wrong, in a few words
}

// Rules returns all rules, sorted by their names.
func Rules() []Rule { return slices.Clone(rules) }

// RuleOf returns the rule of a name, if there is one.
func RuleOf(name string) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}
