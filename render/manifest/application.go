package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// A rendering is the work on one Application.
type rendering struct {
	of      application.Application
	typed   *v1alpha1.Application
	name    string
	project string
	sources []source
	refs    map[string]*source // by "$" and their ref

	kubeVersion string // of the cluster that it is for
}

// A source is one source of an Application.
type source struct {
	v1alpha1.ApplicationSource
	app   *rendering
	index int
	fsys  fs.FS // that its directory is in: the repository, or the artifact
	// where its path is in the repository, if that is not the path
	located string

	warnings []*problem.Problem // about its value files, found when it is rendered
}

// rendering is newRendering, with the sources where they are in the tree of files.
func (r *Renderer) rendering(of application.Application) (*rendering, error) {
	a, err := newRendering(of)
	if err != nil || r.options.Locate == nil {
		return a, err
	}
	for i := range a.sources {
		s := &a.sources[i]
		if s.Chart == "" && !s.IsOCI() && fs.ValidPath(path.Clean(s.Path)) {
			s.located = r.options.Locate(s.RepoURL, path.Clean(s.Path))
		}
	}
	return a, nil
}

// newRendering checks what says which sources there are.
func newRendering(of application.Application) (*rendering, error) {
	a := &rendering{of: of, name: of.Name(), refs: map[string]*source{}}
	fail := func(format string, args ...any) (*rendering, error) {
		return nil, inScope(problem.New("", 0, format, args...), a.scope())
	}
	var err error
	switch a.typed, err = of.Typed(); {
	case err != nil:
		return fail("is no Application of Argo CD: %w", err)
	case a.name == "":
		return fail("an Application has no name")
	case a.typed.Spec.SourceHydrator != nil:
		return fail("spec.sourceHydrator cannot be rendered: its objects are in another branch")
	}
	a.project = a.typed.Spec.GetProject()
	for i, s := range a.typed.Spec.GetSources() {
		a.sources = append(a.sources, source{ApplicationSource: s, app: a, index: i})
	}
	if len(a.sources) == 0 {
		return fail("has neither spec.source nor spec.sources")
	}
	return a, nil
}

// namespace is that of the destination.
func (a *rendering) namespace() string { return a.typed.Spec.Destination.Namespace }

// multiple tells that the sources are those of spec.sources, not spec.source.
func (a *rendering) multiple() bool { return a.typed.Spec.HasMultipleSources() }

// field returns a field of the source that the linked types do not know; nil if a version of Argo CD does not know it.
func (s *source) field(v argocd.Version, keys ...string) any {
	object, _ := argocd.Prune(argocd.Application, s.app.of.Object, v)
	return valueAt(s.in(object), keys...)
}

// object returns the source as it is written in the Application.
func (s *source) object() any { return s.in(s.app.of.Object) }

// in returns the source in a form of the Application.
func (s *source) in(application map[string]any) any {
	if !s.app.multiple() {
		return valueAt(application, "spec", "source")
	}
	list, _ := valueAt(application, "spec", "sources").([]any)
	return list[s.index]
}

func valueAt(value any, keys ...string) any {
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

func (a *rendering) scope() string { return "application " + a.name }

// scope names the source in messages.
func (s *source) scope() string {
	what := strings.TrimSpace("path " + s.Path)
	switch {
	case s.Chart != "":
		what = strings.TrimSpace("chart " + s.Chart + " " + s.TargetRevision)
	case s.IsOCI():
		what = strings.TrimSpace("artifact "+s.RepoURL+" "+s.TargetRevision) + ", " + what
	}
	if len(s.app.sources) > 1 {
		return fmt.Sprintf("%s, source %d of %d: %s", s.app.scope(), s.index+1, len(s.app.sources), what)
	}
	return s.app.scope() + ", " + what
}

var refName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// checkReferences finds the sources that others refer to (util/argo.GetRefSources, and the checks of repo-server before
// it renders). It warns where Argo CD refuses references to another commit of the repository, which cannot be known
// here.
func (a *rendering) checkReferences() ([]*problem.Problem, error) {
	if !a.multiple() {
		return nil, nil
	}
	for i := range a.sources {
		s := &a.sources[i]
		if s.Ref == "" {
			continue
		}
		if !refName.MatchString(s.Ref) {
			return nil, fmt.Errorf("sources.ref %q may hold letters, digits, - and _ only", s.Ref)
		}
		if a.refs["$"+s.Ref] != nil {
			return nil, fmt.Errorf("two sources have the ref %q", s.Ref)
		}
		a.refs["$"+s.Ref] = s
	}
	var warnings []*problem.Problem
	for i := range a.sources {
		s := &a.sources[i]
		if s.Helm == nil {
			continue
		}
		files := slices.Clone(s.Helm.ValueFiles)
		for _, p := range s.Helm.FileParameters {
			files = append(files, p.Path)
		}
		own, err := s.checkFiles(files)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, own...)
	}
	return warnings, nil
}

// checkFiles checks the references of one source.
func (s *source) checkFiles(files []string) ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	seen := map[string]*source{} // by repository
	for _, file := range files {
		if !strings.HasPrefix(file, "$") {
			continue
		}
		name, _, _ := strings.Cut(file, "/")
		ref := s.app.refs[name]
		switch {
		case ref == nil && len(s.app.refs) == 0:
			return nil, fmt.Errorf("%s refers to %s, but no source has a ref", file, name)
		case ref == nil:
			return nil, fmt.Errorf("%s refers to %s, which is none of %s", file, name,
				strings.Join(slices.Sorted(maps.Keys(s.app.refs)), ", "))
		case ref.Chart != "":
			return nil, fmt.Errorf("%s refers to a chart, in which Argo CD does not look for files", file)
		case ref.IsOCI():
			return nil, fmt.Errorf("%s refers to an artifact, in which Argo CD does not look for files", file)
		}
		url := git.NormalizeGitURL(ref.RepoURL)
		if other := seen[url]; other != nil && other.TargetRevision != ref.TargetRevision {
			return nil, fmt.Errorf("$%s and $%s refer to different revisions of the same repository", other.Ref,
				ref.Ref)
		}
		if seen[url] == nil && s.Chart == "" && git.NormalizeGitURL(s.RepoURL) == url &&
			s.TargetRevision != ref.TargetRevision {
			warnings = append(warnings, problem.New("", 0, "the source is of revision %q and its value files are of "+
				"revision %q of the same repository", s.TargetRevision, ref.TargetRevision).
				WithHint("Argo CD refuses this unless they are the same commit").WithRule(problem.RuleTwoRevisions))
			warnings[len(warnings)-1].Scope = s.scope()
		}
		seen[url] = ref
	}
	return warnings, nil
}

// environment returns Argo CD's build environment of a source
// (https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/). Nothing of this process's environment is in
// it.
func (a *rendering) environment(s *source) *v1alpha1.Env {
	revision := s.TargetRevision
	entry := func(name, value string) *v1alpha1.EnvEntry {
		return &v1alpha1.EnvEntry{Name: "ARGOCD_APP_" + name, Value: value}
	}
	return &v1alpha1.Env{
		entry("NAME", a.name),
		entry("NAMESPACE", a.namespace()),
		entry("PROJECT_NAME", a.project),
		entry("REVISION", revision),
		entry("REVISION_SHORT", revision[:min(len(revision), 7)]),
		entry("REVISION_SHORT_8", revision[:min(len(revision), 8)]),
		entry("SOURCE_REPO_URL", s.RepoURL),
		entry("SOURCE_PATH", s.Path),
		entry("SOURCE_TARGET_REVISION", s.TargetRevision),
	}
}

func (a *rendering) env(s *source) map[string]string {
	out := map[string]string{}
	for _, entry := range *a.environment(s) {
		out[entry.Name] = entry.Value
	}
	return out
}

// ownValues returns values or valuesObject as text; valuesObject counts alone if both are there.
func ownValues(h *v1alpha1.ApplicationSourceHelm) helm.File {
	key := "values"
	if h.ValuesObject != nil && h.ValuesObject.Raw != nil {
		key = "valuesObject"
	}
	return helm.File{Name: "helm." + key, Data: h.ValuesYAML()}
}

// inScope returns an error as a problem that names application and source.
func inScope(err error, scope string) *problem.Problem {
	var p *problem.Problem
	if !errors.As(err, &p) || p.Error() != err.Error() {
		p = problem.New("", 0, "%w", err)
	}
	out := *p
	if out.Scope != "" {
		scope += ", " + out.Scope
	}
	out.Scope = scope
	return &out
}
