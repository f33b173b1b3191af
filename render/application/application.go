package application

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// An Expansion is what one ApplicationSet expands to.
type Expansion struct {
	Applications []Application // sorted by name
	// Problems are about Applications that are therefore left out, or about the whole ApplicationSet: where a generator
	// or a template fails for one cluster, Argo CD makes and updates none of its Applications. Those with a File name
	// the description of a cluster; the others are for the caller to place.
	Problems []*problem.Problem
	// Warnings are about what Argo CD does not know, on which it says nothing.
	Warnings []*problem.Problem
}

// An Expander turns ApplicationSets into Applications, for the clusters that an Argo CD knows. It may be used by
// several goroutines at once.
type Expander struct {
	fleet      *knownClusters
	generators *generator.Generators
	version    argocd.Version
}

// Options are what ApplicationSets are expanded with.
type Options struct {
	Version argocd.Version // of Argo CD
	// Others are clusters that Argo CD knows, and destinations can name, but that cluster generators are not to give.
	Others     []cluster.Cluster
	Repository generator.Repository
	// Artifact returns the files of an artifact in a registry, for the oci generator; nil refuses that.
	Artifact func(chart.Reference) (fs.FS, error)
	// Whole says that generators give Argo CD's own cluster even though there are others that they do not give.
	Whole bool
}

// New returns an Expander that makes Applications for clusters that one Argo CD knows, the one that it runs on
// included. It fails if two clusters have the same name, or one has none.
func New(o Options, clusters []cluster.Cluster) (*Expander, error) {
	logrus.SetLevel(logrus.PanicLevel) // Argo CD logs the errors that it also returns
	f, err := newFleet(clusters, o)
	if err != nil {
		return nil, err
	}
	files := generator.Options{Version: o.Version, Repository: o.Repository, Artifact: o.Artifact}
	return &Expander{fleet: f, version: o.Version, generators: generator.New(files)}, nil
}

// Expand returns the Applications of an ApplicationSet, and what is wrong with it. The Applications are right whatever
// the problems are. Templates stop soon after the context ends, which is a problem then.
func (e *Expander) Expand(ctx context.Context, applicationSet map[string]any) *Expansion {
	x := &expansion{ctx: ctx, Expander: e, patches: patches{version: e.version}, seen: map[string]bool{},
		reported: map[string]bool{}}
	x.name = hierarchy.NameOf(applicationSet)
	func() {
		// Argo CD's controller guards its generators and templates in the same way.
		defer func() {
			if reason := recover(); reason != nil {
				x.result = Expansion{Warnings: x.result.Warnings}
				x.fail("Argo CD's code breaks off: %v", reason)
			}
		}()
		x.expand(applicationSet)
	}()
	result := x.result // and not a pointer into x, which would keep all of it in memory
	return &result
}

// An expansion is the work on one ApplicationSet.
type expansion struct {
	ctx context.Context
	*Expander
	name      string
	templates *templates
	texts     *texts
	unknown   any // fields of the template that the types do not know, for the generator at hand
	patches   patches
	result    Expansion
	seen      map[string]bool // the problems, as text
	reported  map[string]bool // the clusters with a problem of their own
	apps      []candidate
}

func (x *expansion) expand(object map[string]any) {
	set, warnings, err := generator.Decode(object, x.version)
	for _, warning := range warnings {
		x.result.Warnings = append(x.result.Warnings, problem.New("", 0, "ApplicationSet %q: %w", x.name, warning).
			WithRule(problem.RuleUnknownField))
	}
	if err != nil {
		x.fail("%w", err)
		return
	}
	x.texts = newTexts(object)
	if set.Spec.GoTemplate {
		if x.templates, err = newTemplates(x.ctx, set.Spec.GoTemplateOptions, x.version.Functions); err == nil {
			err = x.texts.check(x.templates)
		}
		if err != nil {
			x.fail("%w", err)
			return
		}
	}
	for i := range set.Spec.Generators {
		one := *set
		one.Spec.Generators = set.Spec.Generators[i : i+1]
		x.unknown = unknownFields(object, i)
		x.expandGenerator(&one, i)
	}
	for _, message := range x.patches.messages() {
		x.result.Warnings = append(x.result.Warnings, x.problem("", "in templatePatch, %s", message).
			WithRule(problem.RuleUnknownField))
	}
	x.checkOthers(set)
	stopped := len(x.result.Problems) > 0
	x.finish()
	if stopped {
		x.stop()
	}
}

// stop takes back the Applications, since Argo CD makes none where a generator or a template fails
// (ApplicationSetReconciler, after GenerateApplications).
func (x *expansion) stop() {
	var others []string
	for _, app := range x.result.Applications {
		others = append(others, app.Name())
	}
	x.result.Applications = nil
	if len(others) > 0 {
		x.fail("while one of its clusters or generators fails, Argo CD makes and updates none of its Applications: "+
			"left out are also %s", problem.Few(others))
	}
}

// fail reports a problem with the ApplicationSet as a whole.
func (x *expansion) fail(format string, args ...any) { x.failWith(x.problem("", format, args...)) }

// problem returns a problem with the ApplicationSet; file is that of the cluster it is about.
func (x *expansion) problem(file, format string, args ...any) *problem.Problem {
	return problem.New(file, 0, "ApplicationSet %q: "+format, slices.Concat([]any{x.name}, args)...)
}

// failWith adds a problem, unless there is the same already.
func (x *expansion) failWith(p *problem.Problem) {
	if text := p.Error(); !x.seen[text] {
		x.seen[text] = true
		x.result.Problems = append(x.result.Problems, p)
	}
}

// finish turns the candidates into the result: without duplicates, invalid ones, and those whose text has a server that
// is not known; and brings everything into an order that does not depend on chance.
func (x *expansion) finish() {
	slices.SortStableFunc(x.apps, func(a, b candidate) int { return strings.Compare(a.app.Name, b.app.Name) })
	for start := 0; start < len(x.apps); {
		end := start + 1
		for end < len(x.apps) && x.apps[end].app.Name == x.apps[start].app.Name {
			end++
		}
		if end-start > 1 {
			x.reportDuplicates(x.apps[start:end])
		} else if a, ok := x.application(&x.apps[start]); ok {
			x.result.Applications = append(x.result.Applications, a)
		}
		start = end
	}
	slices.SortStableFunc(x.result.Problems,
		func(a, b *problem.Problem) int { return strings.Compare(a.Error(), b.Error()) })
}

func (x *expansion) reportDuplicates(same []candidate) {
	clusters := make([]string, len(same))
	for i, c := range same {
		clusters[i] = c.cluster
	}
	slices.Sort(clusters)
	clusters = slices.DeleteFunc(slices.Compact(clusters), func(name string) bool { return name == "" })
	of := ""
	if len(clusters) > 0 {
		of = " (clusters " + enumerate(clusters) + ")"
	}
	x.failWith(x.problem("", "%d Applications have the same name %q%s, of which Argo CD makes one at most", len(same),
		same[0].app.Name, of).
		WithHint("make the template's metadata.name differ, for example by {{.name}}"))
}

// enumerate lists names in quotes, but not too many.
func enumerate(names []string) string {
	const limit = 5
	quoted := make([]string, min(len(names), limit))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%q", names[i])
	}
	text := strings.Join(quoted, ", ")
	if len(names) > limit {
		text += fmt.Sprintf(" and %d more", len(names)-limit)
	}
	return text
}
