package stages

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// locateTemplate gives a problem with an ApplicationSet the place of the template that fails, if the values of the
// component have it. That is looked for only then, once for each template.
func (s *run) locateTemplate(a render.ArgoCD, x set, p *problem.Problem) {
	text := application.TemplateOf(p)
	if text == "" || x.component.Key == "" {
		return
	}
	key := strings.Join([]string{s.request.Group, a.Cluster.Name, x.component.Key, text}, "\x00")
	at, known := s.templates[key]
	if !known {
		r := s.request
		if r.Cluster != a.Cluster.Name {
			r.Cluster, r.Labels, r.Annotations = a.Cluster.Name, nil, nil
		}
		r.Stage, r.Targets, r.Components, r.Strict, r.AllFindings = "", render.Targets{}, nil, false, true
		if merged, err := s.session.Session.Values(r); err == nil {
			at.file, at.line = applicationset.LocateText(merged.Values, x.component.Key, text)
		}
		if s.templates == nil {
			s.templates = map[string]place{}
		}
		s.templates[key] = at
	}
	if at.file != "" {
		p.File, p.Line = at.file, at.line
	}
}
