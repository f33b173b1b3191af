package stages

import (
	"errors"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// place is a file and a line in it; the zero value where nothing is known.
type place struct {
	file string
	line int
}

// locate adds to findings about what a set makes the file that the set comes from, by which fleet.yaml can ignore them.
// A survey also has it as the place of those that have none.
func (s *run) locate(a render.ArgoCD, x set, found ...*problem.Problem) {
	if len(found) == 0 || s.visitor == nil && len(s.session.Fleet().Ignores) == 0 {
		return
	}
	at := s.placeOf(a, x)
	for _, p := range found {
		switch {
		case at.file == "" || at.file == p.File:
		case p.File == "" && s.visitor != nil:
			p.File, p.Line = at.file, at.line
		default:
			p.Places = append(slices.Clip(p.Places), at.file)
		}
	}
}

// locateError does so for an error, if it is a problem.
func (s *run) locateError(a render.ArgoCD, x set, err error) {
	var p *problem.Problem
	if s.visitor != nil && errors.As(err, &p) {
		s.locate(a, x, p)
	}
}

// place gives problems with a set that have no file the one that it comes from.
func (s *run) place(a render.ArgoCD, x set, found ...*problem.Problem) {
	for _, p := range found {
		if p.File == "" {
			at := s.placeOf(a, x)
			p.File, p.Line = at.file, at.line
		}
	}
}

// placeOf returns where a set comes from: its file, or where its component is described. The values of the group are
// merged once more for that, since nobody asks for it in most renders.
func (s *run) placeOf(a render.ArgoCD, x set) place {
	if x.component.Key == "" {
		return place{file: x.file}
	}
	key := strings.Join([]string{s.request.Group, a.Cluster.Name, x.component.Key}, "\x00")
	at, known := s.places[key]
	if known {
		return at
	}
	r := s.request
	if r.Cluster != a.Cluster.Name {
		r.Cluster, r.Labels, r.Annotations = a.Cluster.Name, nil, nil
	}
	if s.places == nil {
		s.places = map[string]place{}
	}
	at = s.session.placeOf(r, x.component.Key)
	s.places[key] = at
	return at
}

// placeOf returns where a component is described in the values of a request's group.
func (s *Session) placeOf(r render.Request, component string) (at place) {
	r.Stage, r.Targets, r.Components, r.Strict, r.AllFindings = "", render.Targets{}, nil, false, true
	if merged, err := s.Session.Values(r); err == nil {
		at.file, at.line = merged.Values.DescribedAt(component)
	}
	return at
}
