package migrate

import "slices"

// A Plan is what the switch does.
type Plan struct {
	Hub      string
	Stage    string
	Items    []Item // by part, kind and name
	Traps    []Trap
	Notes    []string // what was taken for granted
	Failures []string // what could not be compared, since one side fails
	Known    []string // what fails on both sides in the same way
	// Fleet is the fleet.yaml that was compared with: the repository's, or the one that is proposed.
	Fleet  string
	Exists bool     // it is the repository's
	Files  []string // with the ApplicationSets that start the fleet today
}

// NoOp tells whether all that groups and registration have is the same, or leads to the same. What starts the groups
// never is.
func (p *Plan) NoOp() bool { return len(p.Failures) == 0 && p.Differences() == 0 }

// GroupsSame tells whether all that groups have is the same, and everything could be compared.
func (p *Plan) GroupsSame() bool {
	return len(p.Failures) == 0 && !slices.ContainsFunc(p.Items, func(item Item) bool {
		return item.differs() && item.Part != PartRegistration
	})
}

// Differences counts what is not the same.
func (p *Plan) Differences() int {
	n := 0
	for _, item := range p.Items {
		if item.differs() {
			n++
		}
	}
	return n
}

// Relabelled counts the ExternalSecrets that say something else of a cluster, which does not change its Applications.
func (p *Plan) Relabelled() int {
	n := 0
	for _, item := range p.Items {
		if item.Part == PartRegistration && item.SameApplications {
			n++
		}
	}
	return n
}

// distance says how far a plan is from changing nothing: by failures, differences, and ApplicationSets that change but
// make the same Applications.
func (p *Plan) distance() []int {
	changed := 0
	for _, item := range p.Items {
		if item.SameApplications {
			changed++
		}
	}
	return []int{len(p.Failures), p.Differences(), changed}
}
