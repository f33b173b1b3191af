package stages

import "github.com/eks-fleet-management/fleet-cmp/render"

// encode encodes the Applications of an ApplicationSet, of which there can be so many that they exceed a limit.
func (s *run) encode(x *expanded) error {
	defer s.working(x.title)()
	for _, app := range x.expansion.Applications {
		data, err := s.out.Encode(app.Object)
		if err != nil {
			return err
		}
		x.rendered = append(x.rendered, render.Rendered{Data: data, Name: render.FileName(app.Object),
			Cluster: app.Cluster, Source: x.set.component.Described()})
	}
	return nil
}

// emitAll emits what is encoded of an ApplicationSet.
func (s *run) emitAll(x *expanded) error {
	if len(x.rendered) == 0 {
		return nil
	}
	defer s.working(x.title)()
	for _, r := range x.rendered {
		if err := s.emit(r); err != nil {
			return err
		}
	}
	return nil
}

// working tells whoever wants to know what is worked on, until the result is called.
func (s *run) working(on string) (done func()) {
	if s.out.Working == nil {
		return func() {}
	}
	return s.out.Working(on)
}
