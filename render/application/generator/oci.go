package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/bmatcuk/doublestar/v4"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// The oci generator of Argo CD 3.6 is a git generator whose repository is an artifact. The linked types do not have it,
// so that it is decoded to a git generator with this before its address, which no Git repository has.
const (
	generatorOCI = "oci"
	generatorGit = "git"
	markOCI      = "generator:oci "
)

// withoutOCI returns an ApplicationSet with git generators in place of its oci generators. It fails for values of a
// wrong type. The given object stays as it is.
func withoutOCI(object map[string]any) (map[string]any, error) {
	spec, _ := object["spec"].(map[string]any)
	list, ok := spec["generators"].([]any)
	if !ok {
		return object, nil
	}
	var r replacement
	list, err := r.generators(list, "spec.generators")
	if err != nil || !r.found {
		return object, err
	}
	object, spec = maps.Clone(object), maps.Clone(spec)
	object["spec"], spec["generators"] = spec, list
	return object, nil
}

// A replacement is that of the oci generators of an ApplicationSet.
type replacement struct{ found bool }

// generators returns a list of generators with all oci generators in it replaced, at any depth.
func (r *replacement) generators(list []any, at string) ([]any, error) {
	out := slices.Clone(list)
	for i, item := range list {
		under := fmt.Sprintf("%s[%d]", at, i)
		old, ok := item.(map[string]any)
		if !ok {
			continue
		}
		generator := maps.Clone(old)
		out[i] = generator
		for _, kind := range []string{"matrix", "merge"} {
			combined, _ := generator[kind].(map[string]any)
			inner, ok := combined["generators"].([]any)
			if !ok {
				continue
			}
			inner, err := r.generators(inner, under+"."+kind+".generators")
			if err != nil {
				return nil, err
			}
			combined = maps.Clone(combined)
			combined["generators"], generator[kind] = inner, combined
		}
		of := generator[generatorOCI]
		if of == nil {
			continue
		}
		r.found = true
		if generator[generatorGit] != nil {
			return nil, fmt.Errorf("%s has the generators git and oci at once: write two entries", under)
		}
		git, err := ofArtifact(of, under+"."+generatorOCI)
		if err != nil {
			return nil, err
		}
		delete(generator, generatorOCI)
		generator[generatorGit] = git
	}
	return out, nil
}

// ofArtifact returns the git generator for an oci generator.
func ofArtifact(of any, at string) (map[string]any, error) {
	var git appv1.GitGenerator
	if err := decodeInto(&git, of, at+"."); err != nil {
		return nil, err
	}
	git.RepoURL = markOCI + git.RepoURL
	return runtime.DefaultUnstructuredConverter.ToUnstructured(&git)
}

// A sourced generator is Argo CD's git generator, of the repository or of artifacts.
type sourced struct {
	generators.Generator
	ofArtifacts generators.Generator
}

// GenerateParams returns the parameters of the generator, and fails as it does.
func (s sourced) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	if g == nil || g.Git == nil || !strings.HasPrefix(g.Git.RepoURL, markOCI) {
		return s.Generator.GenerateParams(g, set, reader)
	}
	copied, git := *g, *g.Git
	git.RepoURL = strings.TrimPrefix(git.RepoURL, markOCI)
	copied.Git = &git
	params, err := s.ofArtifacts.GenerateParams(&copied, set, reader)
	if inner := errors.Unwrap(err); inner != nil { // it says that it is from git
		err = fmt.Errorf("error generating params from oci: %w", inner)
	}
	return params, err
}

// artifacts answer the oci generator, as Argo CD's repo-server does. They are one of Argo CD's services.Repos.
type artifacts struct {
	fetch      func(chart.Reference) (fs.FS, error)
	fileSize   int64
	emptyFiles bool // as of a checkout

	mu   sync.Mutex
	last *artifact // the listing of the one that was asked for last: in a matrix, each cluster asks for it again
}

// An artifact is one at a revision.
type artifact struct {
	reference chart.Reference
	*checkout
}

func (a *artifacts) at(address, revision string) (*artifact, error) {
	if a.fetch == nil {
		return nil, fmt.Errorf("the generator %s %w", generatorOCI, ErrRefused)
	}
	if !strings.HasPrefix(address, "oci://") {
		return nil, fmt.Errorf("the address %q of the generator %s does not begin with oci://", address, generatorOCI)
	}
	a.mu.Lock()
	last := a.last
	a.mu.Unlock()
	reference := chart.Reference{RepoURL: address, Version: revision}
	if last != nil && last.reference == reference {
		return last, nil
	}
	files, err := a.fetch(reference)
	if err != nil {
		return nil, err
	}
	found := &artifact{reference, newCheckout(Repository{FS: files, FileSize: a.fileSize}, a.emptyFiles)}
	a.mu.Lock()
	a.last = found
	a.mu.Unlock()
	return found, nil
}

// GetDirectories returns the directories of an artifact, as repo-server's GetOciDirectories.
func (a *artifacts) GetDirectories(
	ctx context.Context, address, revision, project string, noCache bool, integrity *appv1.SourceIntegrity,
) ([]string, error) {
	found, err := a.at(address, revision)
	if err != nil {
		return nil, err
	}
	return found.GetDirectories(ctx, address, revision, project, noCache, integrity)
}

// GetFiles returns the files of an artifact that match a pattern, as repo-server's GetOciFiles. Unlike Git's pathspecs,
// * does not stand for slashes there, but ** does. It fails on a wrong pattern, and on files that are too large.
func (a *artifacts) GetFiles(
	_ context.Context, address, revision, _, pattern string, _ bool, _ *appv1.SourceIntegrity,
) (map[string][]byte, error) {
	found, err := a.at(address, revision)
	if err != nil {
		return nil, err
	}
	if err := found.walk(); err != nil {
		return nil, err
	}
	matching, err := found.globbed(pattern)
	if err != nil {
		return nil, err
	}
	return found.read(matching, pattern, path.Base(address))
}

// globbed returns the files that a pattern of package doublestar finds.
func (c *checkout) globbed(pattern string) ([]string, error) {
	const alternatives, deep = 4, 2 // Glob tries all combinations
	switch {
	case pattern == "" || pattern == ".":
		return c.files, nil
	case !doublestar.ValidatePattern(pattern):
		return nil, fmt.Errorf("%q: %w", pattern, doublestar.ErrBadPattern)
	case !strings.Contains(pattern, "{"): // then Match, which takes no longer than the name is, says the same as Glob
		isOther := func(name string) bool { return !doublestar.MatchUnvalidated(pattern, name) }
		return slices.DeleteFunc(slices.Clone(c.files), isOther), nil
	case strings.Count(pattern, "{") > alternatives || strings.Count(pattern, "**") > deep:
		return nil, fmt.Errorf("%.40q has more than %d alternatives in braces, or %d ** besides", pattern, alternatives,
			deep)
	}
	found, err := doublestar.Glob(c.repository, pattern)
	if err != nil {
		return nil, err
	}
	isDirectory := func(name string) bool {
		_, isFile := slices.BinarySearch(c.files, name)
		return !isFile
	}
	slices.Sort(found)
	return slices.Compact(slices.DeleteFunc(found, isDirectory)), nil
}
