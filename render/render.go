// Package render turns a repository and a cluster into Kubernetes objects, in stages. Each is a pure function of the
// repository's files and the request: the same input gives the same bytes. It reads no environment, flags or clock.
//
//	values of a group -> ApplicationSets (package applicationset)
//
// Everything is built and checked before anything is returned, so that a result is never a part of one: Argo CD prunes
// what is no longer emitted.
package render

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// A Result is what a render emits, and what it found on the way.
type Result struct {
	Objects    []Object
	Components []applicationset.Component // what each of the ApplicationSets was made of
	Sources    []string                   // what each object of StageRegistration or StageBootstrap is of; "" for none
	Warnings   []*problem.Problem

	reads
}

// reads is what a result depends on.
type reads struct {
	tree fs.FS
	note *worktree.Note
}

// Files returns the files and directories of the repository that the result depends on, sorted: those that were read,
// also through links, and those that were looked for and do not exist.
func (r reads) Files() []string {
	if r.tree == nil {
		return nil
	}
	return worktree.WithTargets(r.tree, r.note.Names())
}

// Findings is the error of a render with findings that are errors; of a strict one, with all that would have been
// warnings.
type Findings []*problem.Problem

// Error returns the first finding, and how many more there are.
func (f Findings) Error() string {
	if len(f) == 1 {
		return f[0].Error()
	}
	return fmt.Sprintf("%s (and %d more findings)", f[0].Error(), len(f)-1)
}

// Failures are the errors of a render that went on without the clusters or Applications that they are about.
type Failures []error

// Error returns the first failure, and how many more there are.
func (f Failures) Error() string {
	if len(f) == 1 {
		return f[0].Error()
	}
	return fmt.Sprintf("%s (and %d more failures)", f[0].Error(), len(f)-1)
}

// Unwrap returns all failures.
func (f Failures) Unwrap() []error { return f }

// Rendered is an object of a stage after StageApplicationSets, encoded.
type Rendered struct {
	Data        []byte
	Name        string // of the object's file, without the extension: GROUP_VERSION_KIND_NAME
	Application string // that it is of; "" for the Applications themselves
	Cluster     string // that the Application is for, as far as it is known
	Source      string // the file that describes its component first, and that; "" for none
}

// Output takes what the stages after StageApplicationSets render.
type Output struct {
	Encode   func(Object) ([]byte, error) // called by several goroutines at once
	Emit     func(Rendered) error         // called in a fixed order, never twice at once
	Progress Progress                     // nil: nobody wants to know
	Whole    bool                         // of a part nothing is used: the first thing that takes too long ends the run

	Limits  limits.Limits                 // of each Application; those of [limits.Default] where nothing is said
	Working func(on string) (done func()) // is told what is worked on; nil: nobody wants to know
}

// Render renders a request for the stage applicationsets, registration or bootstrap. It fails on everything that is
// wrong with the input, with one line that names the place. It does so with [ErrIncomplete] as the cause if the request
// lacks a part; and with [Findings] if it is strict and there are any.
func (s *Session) Render(r Request) (*Result, error) {
	return s.job(r).draw()
}

func (r job) draw() (*Result, error) {
	if NeedsStages(r.Stage) {
		return nil, Incomplete("the stage %s is not rendered here", r.Stage)
	}
	draw := r.render
	if r.Stage == StageRegistration || r.Stage == StageBootstrap {
		draw = r.renderLife
	}
	result, err := draw()
	if err != nil {
		return nil, r.InScope(err)
	}
	result.Warnings, result.reads = unique(result.Warnings), r.reads()
	if r.Strict && len(result.Warnings) > 0 {
		return nil, Findings(result.Warnings)
	}
	return result, nil
}

func (r job) render() (*Result, error) {
	p, err := r.prepare()
	if err != nil {
		return nil, err
	}
	options, err := r.options(p)
	if err != nil {
		return nil, err
	}
	if !r.Alone { // else others may be on the releases
		if err := p.source.CheckReleases(); err != nil {
			return nil, err
		}
	}
	r.AllowEmpty = r.AllowEmpty || p.group != nil && p.group.Bootstrap.AllowEmpty != ""
	b := builder{job: r, prepared: p, options: options, releaseOf: map[string]string{},
		result: &Result{Warnings: p.warnings}}
	if err := p.source.Each(r.Release, r.knowsItself, b.add); err != nil {
		return nil, err
	}
	if b.result.Warnings, err = r.judge(p, b.result.Warnings); err != nil {
		return nil, err
	}
	return b.result, b.finish()
}

// options returns what the ApplicationSets of all releases are built with.
func (r job) options(p *prepared) (applicationset.Options, error) {
	options := applicationset.Options{ReleaseName: r.releaseName(p.group), Components: r.Components, Off: r.AllFindings,
		Clusters: p.clusters, Alone: r.Alone, ArgoCD: p.session.argoCD}
	if p.group == nil {
		return options, nil
	}
	options.LabelPlace = p.labelPlace
	options.BasePath, options.Resolve, options.Outside = p.appPath, r.resolve, p.session.reach.Outside
	settings := hierarchy.SettingsReader(p.source.Base())
	options.Handover = settings.True(wellknown.SettingHandover)
	err := settings.Err()
	if err != nil {
		return options, err
	}
	if options.ValueFiles, err = p.fleet.ValueFiles(p.repository, p.appPath); err != nil {
		return options, err
	}
	err = p.pluginOptions(&options)
	return options, err
}

// A builder builds the ApplicationSets of one release after the other.
type builder struct {
	job
	*prepared
	options   applicationset.Options // of all releases
	releaseOf map[string]string      // of the ApplicationSets so far, by name
	described bool                   // some release has a component, if only one that is off
	result    *Result
}

// add builds the ApplicationSets of a release.
func (b *builder) add(release string, values *hierarchy.Values, found []*problem.Problem) error {
	options := b.options
	options.Release = release
	b.described = b.described || len(applicationset.Components(values)) > 0
	if b.group != nil {
		catalog, err := b.catalogInputs(release)
		if err != nil {
			return err
		}
		options.Inputs = slices.Concat(options.Inputs, catalog)
	}
	built, err := applicationset.Build(values, options)
	if err != nil {
		return err
	}
	for _, object := range built.Objects {
		name := hierarchy.NameOf(object)
		if first, taken := b.releaseOf[name]; taken {
			return fmt.Errorf(
				"the releases %q and %q both have the ApplicationSet %q; rename one, or render one only (--release, "+
					"parameter release)",
				first, release, name)
		}
		b.releaseOf[name] = release
	}
	b.result.Objects = append(b.result.Objects, built.Objects...)
	b.result.Components = append(b.result.Components, built.Components...)
	var overridden []*problem.Problem
	if !b.Unjudged {
		if overridden, err = b.checkOverridden(values, built.Components); err != nil {
			return err
		}
	}
	b.result.Warnings = slices.Concat(b.result.Warnings, found, built.Findings, overridden)
	if !b.partly {
		b.result.Warnings = append(b.result.Warnings, b.checkFurther(built.Components)...)
	}
	return nil
}

// ErrNothing is the cause where a group has nothing for an Argo CD, and a request does not allow that.
var ErrNothing = errors.New("there is nothing to render")

// finish hands over what other Argo CDs deploy, and fails if nothing is left that is not meant to be empty.
func (b *builder) finish() error {
	if !b.described && b.group != nil && !b.AllowEmpty {
		file, line := b.fleet.PlaceOf("spec", "groups", b.group.Name, "components")
		return problem.New(file, line,
			"%w: neither a component file nor a level describes a component of group %s", ErrNothing, b.group.Name).
			WithHint("name component files of the catalog in components; if it is meant to be empty, allow it " +
				"(--allow-empty, parameter allow-empty)")
	}
	if b.options.Handover {
		b.handOver(b.prepared, b.result)
		b.AllowEmpty = b.AllowEmpty || b.result.Objects == nil
	}
	if len(b.result.Objects) > 0 || b.AllowEmpty || b.partly {
		return nil
	}
	what := "no component is enabled"
	if len(b.Components) > 0 {
		what = "none of " + strings.Join(b.Components, ", ") + " is enabled"
	}
	return fmt.Errorf("%w: %s; if that is intended, allow it (--allow-empty, parameter allow-empty), "+
		"and Argo CD prunes what was there", ErrNothing, what)
}

// handOver leaves to other Argo CDs of the fleet what these deploy. For a spoke that may be everything.
func (r job) handOver(p *prepared, result *Result) {
	i := slices.IndexFunc(p.clusters, func(c cluster.Cluster) bool { return c.Name == r.Cluster })
	var installed []string
	if p.fleet.Groups[wellknown.GroupFleet] != nil {
		for _, component := range result.Components {
			installed = append(installed, component.Key)
		}
	}
	objects, warnings := bootstrap.Handover(result.Objects, installed, p.group.Name, p.clusters[i])
	result.Objects, result.Warnings = objects, append(result.Warnings, r.wanted(p, warnings)...)
	if len(objects) == 0 {
		result.Components = nil
	}
}

func (r Request) releaseName(group *fleet.Group) string {
	switch {
	case r.ReleaseName != "":
		return r.ReleaseName
	case group != nil:
		return group.Name
	}
	return "application-sets"
}

// InScope adds to an error of a session for which group and cluster it is, as those of its methods have it.
func (r Request) InScope(err error) error {
	var scope []string
	if r.Group != "" {
		scope = append(scope, "group "+r.Group)
	}
	if r.Cluster != "" {
		scope = append(scope, "cluster "+r.Cluster)
	}
	if len(scope) == 0 || errors.Is(err, ErrIncomplete) {
		return err
	}
	var findings Findings
	if errors.As(err, &findings) {
		scoped := make(Findings, len(findings))
		for i, finding := range findings {
			scoped[i] = finding.InScope(strings.Join(scope, ", "))
		}
		return scoped
	}
	var p *problem.Problem
	if errors.As(err, &p) {
		if p.Error() != err.Error() { // in an error that says more
			return err
		}
		return p.InScope(strings.Join(scope, ", "))
	}
	return problem.New("", 0, "%s: %w", strings.Join(scope, ", "), err)
}

// unique leaves out warnings that repeat, as those of several releases do.
func unique(warnings []*problem.Problem) []*problem.Problem {
	seen := map[string]bool{}
	var out []*problem.Problem
	for _, w := range warnings {
		if text := w.Error(); !seen[text] {
			seen[text] = true
			out = append(out, w)
		}
	}
	return out
}
