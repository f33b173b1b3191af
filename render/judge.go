package render

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// judge leaves out the findings that fleet.yaml ignores, and fails with those that are errors in a group. Without a
// group, they are what the wrapper chart did.
func (r job) judge(p *prepared, found []*problem.Problem) ([]*problem.Problem, error) {
	if p.group == nil || r.AllFindings {
		return found, nil
	}
	return p.session.judge(found, p.source.Files(), !r.Alone && !r.knowsItself)
}

// wanted leaves out what fleet.yaml ignores of findings that come after those for judge, and stop nothing.
func (r job) wanted(p *prepared, found []*problem.Problem) []*problem.Problem {
	if p.group == nil || r.AllFindings {
		return found
	}
	return p.fleet.Wanted(found)
}

// judge does so for findings of a render that read these files, and all members of the fleet or not.
func (s *Session) judge(found []*problem.Problem, read []string, allMembers bool) ([]*problem.Problem, error) {
	warnings, stopping := s.fleet.Judge(found)
	if stopping = unique(stopping); len(stopping) > 0 {
		return nil, Findings(stopping)
	}
	unmatched, err := member.UnmatchedIgnores(s.fleet, s.repository, found, read, allMembers)
	return append(warnings, s.fleet.Wanted(unmatched)...), err
}
