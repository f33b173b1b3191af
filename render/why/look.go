package why

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A sight is what there is to see of a question in a tree of files.
type sight struct {
	answer   Answer
	session  *stages.Session
	identity member.Identity
	releases release.Releases
	unlisted string // the component file with the component, which no group lists; "" if one does
}

// details are what a change is found by.
type details struct {
	on       *described
	levels   []fleet.ClusterLevel
	enabled  bool
	selector []requirement
	object   render.Object // the ApplicationSet, as it is or would be; nil if it cannot be made
	version  string        // of the chart that the Application has; "" if there is none
}

// described is what the Argo CDs of a group know of a component.
type described struct {
	group      string
	argoCDs    []render.ArgoCD
	releases   release.Releases
	has        bool
	partly     bool   // not all releases and Argo CDs have it
	file       string // the component file that has it where no group lists that
	components []string
	values     map[string]*render.Merged // by Argo CD and release
	err        error
}

// look answers a question, but for what would turn the answer.
func (f Fleet) look(ctx context.Context, session *stages.Session, q Question) (*sight, error) {
	identity, err := q.identity(session)
	if err != nil {
		return nil, err
	}
	groups, err := q.groups(session)
	if err != nil {
		return nil, err
	}
	var found []*described
	for _, group := range groups {
		found = append(found, q.describe(session, group))
	}
	of, err := q.choose(session, found)
	if err != nil {
		return nil, err
	}
	s := &sight{session: session, identity: identity, releases: of.releases, unlisted: of.file,
		answer: Answer{Component: q.Component, Cluster: q.Cluster, Group: of.group}}
	s.answer.Facts = s.groupFacts(of)
	if s.unlisted != "" {
		return s, nil
	}
	if err := s.places(ctx, f, q, of); err != nil {
		return nil, err
	}
	for i := range s.answer.Facts {
		if s.answer.There && s.answer.Facts[i].State == Against {
			s.answer.Facts[i].State = Note // as a release that does not exist, where one is for all clusters
		}
	}
	return s, nil
}

// describe looks for the component in a group, in each of its releases.
func (q Question) describe(session *stages.Session, group string) *described {
	d := &described{group: group, values: map[string]*render.Merged{}}
	if d.argoCDs, _, d.err = session.ArgoCDs(q.request(group)); d.err != nil {
		return d
	}
	if d.releases, d.err = release.Read(session.Fleet(), session.Repository(), group); d.err != nil {
		return d
	}
	names := d.releases.Names()
	if len(names) == 0 {
		names = []string{""}
	}
	for _, a := range d.argoCDs {
		for _, name := range names {
			r := q.request(group)
			r.Stage, r.Cluster, r.Release = "", a.Cluster.Name, name
			merged, err := session.Session.Values(r)
			if err != nil {
				d.err = err
				continue
			}
			d.values[a.Cluster.Name+"/"+name] = merged
			d.components = append(d.components, applicationset.Components(merged.Values)...)
			is := describes(merged.Values, q.Component)
			d.has, d.partly = d.has || is, d.partly || !is
		}
	}
	return d
}

// describes tells whether values have a component, which may be off.
func describes(values *hierarchy.Values, component string) bool {
	_, isMap := values.Map()[component].(map[string]any)
	return isMap && !wellknown.IsSetting(component)
}

// unlisted looks for the component in the component files of the catalog that no group lists. It returns the first
// group that is looked at; nil if there is no such file.
func (q Question) unlisted(session *stages.Session, found []*described) *described {
	catalog, err := release.OpenCatalog(session.Fleet(), session.Repository())
	if err != nil || catalog.Directory == "" || len(found) == 0 {
		return nil
	}
	directory := path.Join(catalog.Directory, "values")
	entries, err := session.Repository().Entries(directory)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		d, err := session.Repository().Document(path.Join(directory, entry.Name()))
		if err != nil || d == nil || path.Ext(entry.Name()) != ".yaml" {
			continue
		}
		if _, is := d.Values[q.Component].(map[string]any); is && !wellknown.IsSetting(q.Component) {
			of := *found[0]
			of.file = d.Name
			return &of
		}
	}
	return nil
}

// places looks at each Argo CD that could have the Application.
func (s *sight) places(ctx context.Context, f Fleet, q Question, of *described) error {
	r := q.request(of.group)
	if !of.partly { // else one without it would be an error
		r.Components = []string{q.Component}
	}
	plan, err := s.session.Plan(ctx, r, f.Output)
	if err != nil {
		return err
	}
	// What would be, were the component on: its selector is told in any case.
	r.Files = []render.File{{Name: "enabled", Data: []byte(fmt.Sprintf("%q: {enabled: true}\n", q.Component))}}
	were := sync.OnceValues(func() (*stages.Plan, error) { return s.session.Plan(ctx, r, f.Output) })
	for _, a := range of.argoCDs {
		p := Place{ArgoCD: a.Cluster.Name, Own: a.Cluster.Name == q.Cluster && s.identity.Manages(of.group),
			details: details{on: of}}
		sets := setsOn(plan, a, q)
		rendered := len(sets) > 0
		if !rendered {
			would, err := were()
			if err != nil {
				return err
			}
			sets = setsOn(would, a, q)
		}
		if err := s.see(ctx, &p, sets, rendered); err != nil {
			return err
		}
		if plan.Broken[of.group+"/"+a.Cluster.Name] || plan.Broken[of.group+"/"] {
			for _, failure := range plan.Failures {
				p.Failures = append(p.Failures, failure.Error())
			}
		}
		s.answer.There = s.answer.There || p.There
		s.answer.Places = append(s.answer.Places, p)
	}
	slices.SortStableFunc(s.answer.Places, func(a, b Place) int { // its own first, which is to have it
		return map[bool]int{true: -1}[a.Own] - map[bool]int{true: -1}[b.Own]
	})
	return nil
}

// setsOn returns the ApplicationSets of the component on an Argo CD: one for each release.
func setsOn(plan *stages.Plan, a render.ArgoCD, q Question) []*stages.Set {
	return slices.DeleteFunc(slices.Clone(plan.Sets), func(s *stages.Set) bool {
		return s.On.Cluster.Name != a.Cluster.Name || s.Component.Key != q.Component
	})
}

// see looks at the ApplicationSets of the component on an Argo CD, as they are rendered or would be, and takes the one
// that has the Application, or that lacks the least for it.
func (s *sight) see(ctx context.Context, p *Place, sets []*stages.Set, rendered bool) error {
	type candidate struct {
		set      *stages.Set
		release  string
		selector []requirement
		x        *stages.Expanded
	}
	var best *candidate
	for _, set := range sets {
		c := &candidate{set: set, release: stages.ReleaseOf(set.Object, s.releases.Names())}
		values := s.valuesOf(*p, c.release)
		if values == nil || !describes(values.Values, s.answer.Component) {
			continue
		}
		c.selector = s.requirements(set.Object, values.Values)
		if rendered {
			var err error
			if c.x, err = set.ExpandFor(ctx, map[string]bool{s.answer.Cluster: true}); err != nil {
				return err
			}
		}
		has := c.x != nil && len(c.x.Applications) > 0
		if best == nil || has || len(unmet(c.selector)) < len(unmet(best.selector)) {
			best = c
		}
		if has {
			break
		}
	}
	if best == nil {
		s.conclude(p, s.valuesOf(*p, s.releases.On(s.choices(p.details.on), s.identity.Cluster)))
		return nil
	}
	if p.Release = best.release; rendered {
		p.ApplicationSet = hierarchy.NameOf(best.set.Object)
	}
	p.details.selector, p.details.object = best.selector, best.set.Object
	if best.x != nil {
		for _, found := range best.x.Problems {
			p.Failures = append(p.Failures, found.Error())
		}
		if len(best.x.Applications) > 0 {
			app := best.x.Applications[0]
			p.There, p.Application = true, app.Application.Name()
			if sources, main := app.Sources(); sources[main]["chart"] != nil {
				p.details.version, _ = fields.Text(sources[main]["targetRevision"])
			}
		}
	}
	s.conclude(p, s.valuesOf(*p, best.release))
	return nil
}

// valuesOf returns the values of a release on an Argo CD; those of any release where it is none; nil without any.
func (s *sight) valuesOf(p Place, name string) *render.Merged {
	if merged := p.details.on.values[p.ArgoCD+"/"+name]; merged != nil {
		return merged
	}
	for _, other := range s.releases.Names() {
		if merged := p.details.on.values[p.ArgoCD+"/"+other]; merged != nil {
			return merged
		}
	}
	return nil
}
