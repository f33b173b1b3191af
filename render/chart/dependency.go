package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/provenance"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

const schemeFile = "file://"

// parent is where a chart with dependencies comes from.
type parent struct {
	location string // the id of its location, if it comes from a repository
	fsys     fs.FS  // if it is a directory of the repository
	path     string
}

// addDependencies adds the dependencies that a chart lacks, at the versions that `helm dependency build` takes. Like
// `helm template`, it looks only for those of the chart itself, and only by name.
func (c *Cache) addDependencies(ctx context.Context, ch *helmchart.Chart, p parent) error {
	missing := map[string]bool{}
	for _, d := range ch.Metadata.Dependencies {
		missing[d.Name] = !slices.ContainsFunc(ch.Dependencies(),
			func(has *helmchart.Chart) bool { return has.Name() == d.Name })
	}
	if !slices.ContainsFunc(ch.Metadata.Dependencies, func(d *helmchart.Dependency) bool { return missing[d.Name] }) {
		return nil
	}
	wanted, err := c.wanted(ch)
	if err != nil {
		return err
	}
	added := map[Reference]bool{} // a chart may be named twice, with different aliases
	for _, d := range wanted {
		r := Reference{RepoURL: d.Repository, Name: d.Name, Version: d.Version}
		if !missing[d.Name] || added[r] {
			continue
		}
		added[r] = true
		dependency, err := c.dependency(ctx, r, p)
		if err != nil {
			return err
		}
		ch.AddDependency(dependency)
	}
	sortDependencies(ch)
	return nil
}

// wanted returns the dependencies to add: those of Chart.lock if there is one, else those of Chart.yaml.
func (c *Cache) wanted(ch *helmchart.Chart) ([]*helmchart.Dependency, error) {
	required := cloneDependencies(ch.Metadata.Dependencies)
	if err := c.resolveNames(required); err != nil {
		return nil, err
	}
	if ch.Lock == nil {
		return required, nil
	}
	current, err := lockDigest([2][]*helmchart.Dependency{required, ch.Lock.Dependencies})
	if err != nil {
		return nil, err
	}
	lockFile, file := "Chart.lock", "Chart.yaml"
	if ch.Metadata.APIVersion == helmchart.APIVersionV1 {
		lockFile, file = "requirements.lock", "requirements.yaml"
	}
	if current != ch.Lock.Digest && !isHelm2Lock(ch) || slices.Contains(ch.Lock.Dependencies, nil) {
		return nil, problem.Hinted("run helm dependency update, and commit it",
			"the lock file (%s) is out of sync with the dependencies file (%s)", lockFile, file)
	}
	return ch.Lock.Dependencies, nil
}

// isHelm2Lock tells whether the lock of a chart of apiVersion v1 is in sync by the rule of Helm 2.
func isHelm2Lock(ch *helmchart.Chart) bool {
	if ch.Metadata.APIVersion != helmchart.APIVersionV1 {
		return false
	}
	digest, err := lockDigest(map[string][]*helmchart.Dependency{"dependencies": ch.Metadata.Dependencies})
	return err == nil && digest == ch.Lock.Digest
}

// lockDigest is the digest that Helm writes into lock files. Its own function for it is internal.
func lockDigest(of any) (string, error) {
	data, err := json.Marshal(of)
	if err != nil {
		return "", err
	}
	digest, err := provenance.Digest(bytes.NewReader(data))
	return "sha256:" + digest, err
}

// resolveNames replaces the names of repositories (@NAME, alias:NAME) by the URLs that repositories.yaml has for them.
func (c *Cache) resolveNames(all []*helmchart.Dependency) error {
	for _, d := range all {
		name, is := strings.CutPrefix(d.Repository, "@")
		if !is {
			name, is = strings.CutPrefix(d.Repository, "alias:")
		}
		if !is {
			if d.Repository != "" && !strings.Contains(d.Repository, "://") {
				return problem.Hinted(`write a URL, or "@NAME" for a repository of helm repo add`,
					"dependency %s: its repository %q is no URL", d.Name, d.Repository)
			}
			continue
		}
		url, err := c.sources.URLOf(name)
		if err != nil {
			return fmt.Errorf("dependency %s: %w", d.Name, err)
		}
		d.Repository = url
	}
	return nil
}

// dependency returns one dependency.
func (c *Cache) dependency(ctx context.Context, r Reference, p parent) (*helmchart.Chart, error) {
	if r.RepoURL == "" {
		return nil, problem.Hinted("add it to charts/, or name its repository",
			"dependency %s has no repository, and is missing in charts/", r.Name)
	}
	if local, is := strings.CutPrefix(r.RepoURL, schemeFile); is {
		ch, err := c.localDependency(r, local, p)
		if err != nil {
			return nil, fmt.Errorf("dependency %s: %w",
				describe(Reference{Name: r.Name, Version: r.Version}, r.RepoURL), err)
		}
		return ch, nil
	}
	l, err := r.locate()
	if err != nil {
		return nil, fmt.Errorf("dependency %s: %w", describe(r, ""), err)
	}
	var ch *helmchart.Chart
	if l.id() == p.location {
		err = errItself
	} else {
		ch, err = c.load(ctx, l)
	}
	if err != nil {
		return nil, fmt.Errorf("dependency %s: %w", describe(r, l.label()), err)
	}
	return ch, nil
}

var errItself = problem.Hinted("remove it from the dependencies", "the chart depends on itself")

// localDependency returns a chart of a directory that a chart in another directory of the repository names.
func (c *Cache) localDependency(r Reference, local string, p parent) (*helmchart.Chart, error) {
	directory, err := localDirectory(local, p)
	if err != nil {
		return nil, err
	}
	if err := checkCycle(p.fsys, p.path, nil, map[string]bool{}); err != nil {
		return nil, err
	}
	ch, err := c.readDirectory(p.fsys, directory)
	if err != nil {
		return nil, err
	}
	allowed, err := semver.NewConstraint(r.Version)
	if err != nil {
		return nil, problem.Hinted("write a version range such as 1.x", "its version range %q cannot be understood",
			r.Version)
	}
	has, err := semver.NewVersion(ch.Metadata.Version)
	if err != nil || !allowed.Check(has) {
		return nil, problem.Hinted("change the one or the other", "the chart in %s has version %s", directory,
			ch.Metadata.Version)
	}
	return ch, nil
}

// localDirectory returns the directory of the repository that a file:// URL means.
func localDirectory(local string, p parent) (string, error) {
	if p.fsys == nil {
		return "", problem.Hinted("tell the owner of the chart",
			"only charts in the repository may have dependencies of file://")
	}
	directory := path.Join(p.path, local)
	if path.IsAbs(local) || !fs.ValidPath(directory) {
		return "", problem.Hinted("name a directory of the repository, relative to the chart",
			"it lies outside the repository")
	}
	return directory, nil
}

// checkCycle fails if the file:// dependencies of a chart lead back to a chart that they came from. What cannot be read
// or understood on the way ends a chain; it is reported when it is loaded.
func checkCycle(fsys fs.FS, directory string, chain []string, seen map[string]bool) error {
	directory = path.Clean(directory)
	chain = append(slices.Clip(chain), directory)
	if slices.Contains(chain[:len(chain)-1], directory) {
		if len(chain) == 2 {
			return errItself
		}
		return problem.Hinted("remove one of the dependencies", "the dependencies form a cycle: %s",
			strings.Join(chain, " -> "))
	}
	if seen[directory] {
		return nil
	}
	seen[directory] = true
	data, err := worktree.ReadFile(fsys, path.Join(directory, "Chart.yaml"), loader.MaxDecompressedFileSize)
	var metadata helmchart.Metadata
	if err != nil || safeyaml.Unmarshal(data, directory, &metadata) != nil {
		return nil //nolint:nilerr // as said above
	}
	for _, d := range metadata.Dependencies {
		if d == nil {
			continue
		}
		local, is := strings.CutPrefix(d.Repository, schemeFile)
		next, err := localDirectory(local, parent{fsys: fsys, path: directory})
		if !is || err != nil {
			continue
		}
		if err := checkCycle(fsys, next, chain, seen); err != nil {
			return err
		}
	}
	return nil
}
