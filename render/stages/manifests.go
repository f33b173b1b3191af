package stages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/kustomize"
)

// manifests render Applications.
type manifests struct {
	argoCD *manifest.Renderer // as repo-server does
	plugin *manifest.Renderer // as the plugin delivers: valuesObject below the value files
}

func (s *Session) newManifests(r render.Request, keysTwice bool) *manifests {
	options := manifest.Options{KeysTwice: keysTwice,
		Version:     s.ArgoCD(),
		KubeVersion: r.Versions.Kubernetes, APIVersions: r.Versions.API,
		AdditionalAPIVersions: r.Versions.AdditionalAPI,
		Repository:            s.tree, FileSize: s.Fleet().FileSize, RepositoryURLs: s.Fleet().GitURLs(),
		Locate: s.Fleet().Locate,
		Charts: s.charts, Memory: s.charts.Memory(),
	}
	m := &manifests{argoCD: manifest.New(options)}
	options.ValuesLowest = true
	m.plugin = manifest.New(options)
	return m
}

// objects are those of one Application, encoded, or why there are none.
type objects struct {
	rendered []render.Rendered
	warnings []*problem.Problem
	err      error

	objects    []render.Object // as they are, for a visitor
	missing    []error         // sources that could not be had
	kubernetes string          // that they are for
	origins    func(context.Context) ([]string, error)
}

// renderManifests renders the Applications of an ApplicationSet, and emits their objects.
func (s *run) renderManifests(ctx context.Context, a render.ArgoCD, set, sets int, x *expanded) error {
	total := len(x.expansion.Applications)
	clusters := make(map[string]cluster.Cluster, len(a.Targets)+len(a.Others))
	for _, c := range slices.Concat(a.Targets, a.Others) {
		clusters[c.Name] = c
	}
	work := func(ctx context.Context, i int) (objects, error) {
		app := x.expansion.Applications[i]
		name := fmt.Sprintf("Application %q", hierarchy.NameOf(app.Object))
		if app.Cluster != "" {
			name += ", cluster " + app.Cluster
		}
		o, err := bounded(ctx, s.bounder, name, func(ctx context.Context) (objects, bool) {
			o := s.objectsOf(ctx, x.set, app, clusters[app.Cluster])
			return o, o.err != nil
		})
		if err != nil {
			o = objects{err: err}
		}
		return o, ctx.Err()
	}
	use := func(i int, o objects) error {
		defer s.progress(set*total+i+1, sets*total)
		s.locate(a, x.set, o.warnings...)
		s.warn(o.warnings)
		for _, err := range o.missing {
			s.fail(err)
		}
		if o.err != nil {
			s.locateError(a, x.set, o.err)
			s.fail(o.err)
			if err := s.enough(o.err); err != nil {
				return err
			}
		}
		if s.visitor != nil && o.err == nil {
			s.show(x.visited[i], x.set, o, clusters[x.visited[i].Application.Cluster])
		}
		for _, r := range o.rendered {
			if err := s.emit(r); err != nil {
				return err
			}
		}
		return nil
	}
	return ordered(ctx, total, work, use)
}

func (s *run) objectsOf(ctx context.Context, of set, app application.Application, c cluster.Cluster) objects {
	renderer := s.manifests.argoCD
	var to manifest.Destination
	directories, err := s.session.Overlays(s.request, c, of.component)
	if err != nil {
		return objects{err: err}
	}
	var out objects
	switch {
	case of.component.ValueFiles.Win:
		renderer = s.manifests.plugin
		if len(directories) > 0 {
			s.addOverlay(&to, of.component.MainSource, directories)
		}
	case len(directories) > 0:
		out.warnings = append(out.warnings,
			problem.New(directories[0], 0, "the overlay has no effect: Argo CD's Helm delivers component %q",
				of.component.Key).
				WithHint("set delivery: plugin for the component").WithRule(problem.RuleNoEffect, directories...))
	}
	version, finding := s.kubernetesVersion(c)
	if finding != nil {
		out.warnings = append(out.warnings, finding)
	}
	to.KubeVersion = version
	if s.visitor != nil {
		to.Missing = func(err error) { out.missing = append(out.missing, inCluster(err, app.Cluster)) }
	}
	rendered, warnings, err := renderer.Render(ctx, app, to)
	for _, w := range warnings {
		if w.Scope != "" { // else it is about a file that others have too
			w = ofCluster(w, app.Cluster)
		}
		out.warnings = append(out.warnings, w)
	}
	if err != nil {
		out.err = inCluster(err, app.Cluster)
		return out
	}
	if s.visitor != nil {
		out.objects, out.kubernetes = rendered, cmp.Or(version, s.session.ArgoCD().Kubernetes)
		to.Missing = func(error) {} // it is known
		out.origins = func(ctx context.Context) ([]string, error) { return renderer.Origins(ctx, app, to) }
		return out
	}
	name := hierarchy.NameOf(app.Object)
	for _, object := range rendered {
		data, err := s.out.Encode(object)
		if err != nil {
			return objects{err: err}
		}
		out.rendered = append(out.rendered,
			render.Rendered{Data: data, Name: render.FileNameInNamespace(object), Application: name,
				Cluster: app.Cluster, Source: of.component.Described()})
	}
	return out
}

// addOverlay lays directories over the objects of one source.
func (s *run) addOverlay(to *manifest.Destination, mainSource int, directories []string) {
	to.Overlay = func(source int, o []map[string]any) ([]map[string]any, error) {
		if source != mainSource {
			return o, nil
		}
		return kustomize.Overlay(s.session.tree, directories, o)
	}
	to.OverlayOrigins = func(source int, o []map[string]any) ([]string, error) {
		if source != mainSource {
			return nil, nil //nolint:nilnil // there is nothing to find out
		}
		return kustomize.OverlayOrigins(s.session.tree, directories, o)
	}
}

// kubernetesVersion returns the version that charts see for a cluster: the one asked for, that of its label, that of
// fleet.yaml; "" if there is none.
func (s *run) kubernetesVersion(c cluster.Cluster) (string, *problem.Problem) {
	if asked := s.request.Versions.Kubernetes; asked != "" {
		return asked, nil
	}
	version, finding := c.KubernetesVersion()
	return cmp.Or(version, s.session.Fleet().KubernetesVersion), finding
}

// inCluster adds to an error for which cluster it is.
func inCluster(err error, c string) error {
	var p *problem.Problem
	if c == "" {
		return err
	}
	if errors.As(err, &p) {
		if p.Error() != err.Error() { // in an error that says more
			return err
		}
		return ofCluster(p, c)
	}
	return fmt.Errorf("cluster %s: %w", c, err)
}

// ofCluster returns a problem with the cluster in its scope.
func ofCluster(p *problem.Problem, c string) *problem.Problem {
	switch {
	case c == "":
		return p
	case p.Scope != "":
		return p.InScope(p.Scope + ", cluster " + c)
	}
	return p.InScope("cluster " + c)
}
