package migrate

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/registered"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/starting"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// An object is a Kubernetes object as data.
type object = map[string]any

// A side is what there is before the switch, or after it: what the ApplicationSets that start a fleet lead to.
type side struct {
	name     string // for messages
	session  *stages.Session
	clusters []cluster.Cluster
	question Question
	output   render.Output
	starter  func(ctx context.Context, s *side, a *app) []piece

	sets     []*set
	apps     []*app
	objects  []*made
	failures []string
	notes    []string

	seen  map[string]bool
	queue []step

	// of clusters in an Argo CD: what is known of them once the ExternalSecrets of this side make their Secrets
	registered map[string]cluster.Cluster
	describe   func(argoCD string, made registered.Secret, c cluster.Cluster) cluster.Cluster
}

// A set is an ApplicationSet in an Argo CD.
type set struct {
	argoCD string // the cluster whose Argo CD has it
	object object
	group  string // "" of one that starts groups, and not Applications of clusters
	by     *app   // whose object it is; nil: a file's
	file   string
}

// An app is an Application in an Argo CD.
type app struct {
	argoCD  string
	cluster string // of its destination; "" if that is not known
	object  object
	group   string
	leaf    bool // it is of a cluster's component, and starts nothing
	of      *set // that makes it; nil: it is an object of its own
	by      *app // whose object it is, if nothing makes it
	makes   int  // objects
}

// A made object is one that an Application consists of, other than an ApplicationSet or Application.
type made struct {
	of     *app
	object object
}

// A step is an ApplicationSet or Application to look at.
type step struct {
	argoCD string
	object object
	group  string
	leaf   bool
	by     *app
	file   string
	depth  int // how many Applications it is from the first one
}

// maxDepth is how many Applications of Applications are followed, since a chart could name another one with each.
const maxDepth = 8

// A piece is a part of the objects of an Application that starts something.
type piece struct {
	objects []object
	group   string // of the ApplicationSets among them
	leaf    bool   // these make the Applications of clusters
}

// follow looks at what there is to look at, and once more where the cluster Secrets that it finds to be made say other
// things than what is known of the clusters. It fails when the context ends.
func (s *side) follow(ctx context.Context) error {
	again := *s
	again.queue = slices.Clone(s.queue)
	if err := s.walk(ctx); err != nil {
		return err
	}
	if again.registered = s.register(); len(again.registered) == 0 {
		return nil
	}
	*s = again
	return s.walk(ctx)
}

// register returns the clusters whose Secrets say other things than what is known of them, by Argo CD and name.
func (s *side) register() map[string]cluster.Cluster {
	found := map[string]cluster.Cluster{}
	for _, m := range s.objects {
		made, is := registered.Of(m.object)
		i := slices.IndexFunc(s.clusters, func(c cluster.Cluster) bool { return c.Name == made.Cluster })
		if !is || i < 0 || m.of.cluster == "" {
			continue
		}
		if c := s.describe(m.of.cluster, made, s.clusters[i]); !maps.Equal(c.Labels, s.clusters[i].Labels) ||
			!maps.Equal(c.Annotations, s.clusters[i].Annotations) {
			found[m.of.cluster+"/"+c.Name] = c
		}
	}
	return found
}

// walk looks at what there is to look at, until nothing is left.
func (s *side) walk(ctx context.Context) error {
	s.seen = map[string]bool{}
	if s.output.Progress != nil {
		defer s.output.Progress(1, 1) // however it ends: a display goes away
	}
	for len(s.queue) > 0 {
		if s.output.Progress != nil {
			s.output.Progress(len(s.seen), len(s.seen)+len(s.queue))
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		kind, _ := next.object["kind"].(string)
		key := next.argoCD + "/" + kind + "/" + placeOf(next.object)
		if s.seen[key] {
			continue
		}
		s.seen[key] = true
		if err := s.look(ctx, next, kind); err != nil {
			return err
		}
	}
	return nil
}

// look looks at an ApplicationSet or Application.
func (s *side) look(ctx context.Context, of step, kind string) error {
	var owner *set
	if kind == argo.KindApplicationSet {
		owner = &set{argoCD: of.argoCD, object: of.object, group: of.group, by: of.by, file: of.file}
		s.sets = append(s.sets, owner)
		if s.question.Stage == render.StageApplicationSets && of.leaf {
			return nil
		}
	}
	found, err := s.survey(ctx, of.argoCD, of.object, render.StageApplications, nil)
	if err != nil {
		return err
	}
	for _, one := range found {
		a := &app{argoCD: of.argoCD, cluster: s.clusterOf(one, of.argoCD), object: one.Object, group: of.group,
			leaf: of.leaf, of: owner, by: of.by}
		s.apps = append(s.apps, a)
		if err := s.open(ctx, a, of.depth); err != nil {
			return err
		}
	}
	return nil
}

// open looks into an Application.
func (s *side) open(ctx context.Context, a *app, depth int) error {
	if a.leaf {
		if s.question.Stage != render.StageManifests {
			return nil
		}
		s.take(a, []piece{{objects: s.objectsOf(ctx, a.argoCD, a.object)}}, depth+1)
		return ctx.Err()
	}
	if depth > maxDepth {
		s.fail(problem.New("", 0, "Application %q: more than %d Applications lead to it, so that it is not looked into",
			hierarchy.NameOf(a.object), maxDepth))
		return ctx.Err()
	}
	s.take(a, s.starter(ctx, s, a), depth+1)
	return ctx.Err()
}

// take puts the objects of an Application where they belong.
func (s *side) take(a *app, pieces []piece, depth int) {
	for _, p := range pieces {
		if p.group != "" && a.group == "" {
			a.group = p.group
		}
		for _, o := range p.objects {
			a.makes++
			kind, _ := o["kind"].(string)
			if kind != argo.KindApplicationSet && kind != argo.KindApplication || !starting.IsArgo(o) {
				s.objects = append(s.objects, &made{of: a, object: o})
				continue
			}
			if a.cluster == "" {
				s.fail(problem.New("", 0, "Application %q: the cluster of its destination is not known, so that %s "+
					"%q is left out",
					hierarchy.NameOf(a.object), kind, hierarchy.NameOf(o)))
				continue
			}
			s.queue = append(s.queue, step{argoCD: a.cluster, object: inNamespace(o, a), group: p.group, leaf: p.leaf,
				by: a, depth: depth})
		}
	}
}

// clusterOf returns the cluster of an Application's destination. What is called in-cluster, or by the address that is
// the same in every cluster, is that of the Argo CD itself.
func (s *side) clusterOf(a application.Application, argoCD string) string {
	destination := argo.At(a.Object, "spec", "destination")
	if argo.Text(destination, "name") == "in-cluster" ||
		argo.Text(destination, "server") == "https://kubernetes.default.svc" {
		return argoCD
	}
	return a.Cluster
}

// objectsOf returns the objects of an Application. What cannot be rendered is a failure.
func (s *side) objectsOf(ctx context.Context, argoCD string, of object) []object {
	var all []object
	use := func(o []object) { all = append(all, o...) }
	if _, err := s.survey(ctx, argoCD, of, render.StageManifests, use); err != nil {
		s.fail(err)
	}
	return all
}

// survey returns the Applications of an ApplicationSet or Application on an Argo CD, and hands their objects to use.
// What cannot be rendered is a failure of the side; it fails when the context ends.
func (s *side) survey(ctx context.Context, argoCD string, of object, stage string, use func([]object)) (
	[]application.Application, error) {
	data, err := render.Encode([]object{of}, "yaml")
	if err != nil {
		return nil, err
	}
	var found []application.Application
	visitor := stages.Visitor{KeysTwice: true,
		Application: func(v stages.Visited) { found = append(found, v.Application) }}
	if use != nil {
		visitor.Objects = func(_ stages.Visited, o stages.Objects) { use(o.Objects) }
	}
	kind, _ := of["kind"].(string)
	request := render.Request{Stage: stage, AppPath: ".", Anywhere: true, Versions: s.question.Versions,
		AllowEmpty: true, From: []render.File{{Name: kind + " " + hierarchy.NameOf(of), Data: data}}}
	output := s.output
	output.Progress = nil // of one of many steps
	warnings, err := s.session.SurveyOn(ctx, request, s.on(argoCD), output, visitor)
	s.note(warnings)
	var failures render.Failures
	if errors.As(err, &failures) {
		for _, failure := range failures {
			s.fail(failure)
		}
		err = nil
	}
	if err != nil && ctx.Err() == nil {
		s.fail(err)
		err = nil
	}
	return found, err
}

// on returns the Argo CD of a cluster, with the clusters that it knows.
func (s *side) on(name string) render.ArgoCD {
	a := render.ArgoCD{}
	known := slices.Clone(s.clusters)
	for i, c := range known {
		if of, is := s.registered[name+"/"+c.Name]; is {
			known[i] = of
		}
		if c.Name == name {
			a.Cluster = known[i]
		}
	}
	knows, ok := cluster.KnownTo(name, known)
	for _, c := range known {
		if ok && knows(c) || !ok && c.Name == name {
			a.Targets = append(a.Targets, c)
		}
	}
	return a
}

// note keeps findings.
func (s *side) note(found []*problem.Problem) {
	for _, finding := range found {
		s.notes = append(s.notes, finding.Error())
	}
}

func (s *side) fail(err error) {
	if text := problem.OneLine(err.Error()); !slices.Contains(s.failures, text) {
		s.failures = append(s.failures, text)
	}
}

// inNamespace returns an object of an Application with the namespace that it is created in.
func inNamespace(o object, a *app) object {
	if argo.Text(o, "metadata", "namespace") != "" {
		return o
	}
	o = argo.Clone(o)
	metadata := argo.Clone(argo.At(o, "metadata"))
	metadata["namespace"] = cmp.Or(argo.Text(a.object, "spec", "destination", "namespace"), defaultNamespace)
	o["metadata"] = metadata
	return o
}

// defaultNamespace is where Argo CD is, unless somebody says otherwise.
const defaultNamespace = "argocd"

// placeOf returns NAMESPACE/NAME of an object in an Argo CD.
func placeOf(o object) string {
	return cmp.Or(argo.Text(o, "metadata", "namespace"), defaultNamespace) + "/" + hierarchy.NameOf(o)
}
