package release

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// catalogOf returns the catalog of a release: its chart, which is fetched if it is in a chart repository; or if it is a
// directory in Git, that directory. A release that names none has the fleet's. So has, with a warning, one whose
// directory is at another revision or in another repository, and cannot be had. It fails if a chart cannot be had, and
// for a directory of the working tree that does not exist.
func (in Inputs) catalogOf(releases Releases, release Release) (Catalog, *problem.Problem, error) {
	f, c := in.Fleet, release.Chart
	if c.InRepository() {
		catalog, err := fetchCatalog(f, c, releases.file, release.line)
		return catalog, nil, err
	}
	at := in.whereIs(releases, release)
	if at.elsewhere {
		return in.elsewhere(releases, release, at)
	}
	if c.Path == "" {
		catalog, err := OpenCatalog(f, in.Repository)
		return catalog, nil, err
	}
	catalog, err := openDirectory(in.Repository, f.BesideCatalog(c.Path))
	switch {
	case err != nil || catalog.FS != nil:
		return catalog, nil, err
	case !at.known: // then no telling whether it is in this one
		at.elsewhere, at.own = true, false
		return in.elsewhere(releases, release, at)
	}
	return Catalog{}, nil, problem.New(releases.file, release.line, "release %q: its catalog %s does not exist",
		release.Type, c.Path).
		WithHint("set chartRepoPath to a directory of the repository")
}

// A whereabouts says where the catalog of a release is.
type whereabouts struct {
	elsewhere bool // not in the working tree
	own       bool // in the repository of the working tree
	known     bool // own is known, and not only assumed
	address   string
}

// Elsewhere returns the name of a release's catalog that is in Git, but not in the working tree: at another revision,
// or in another repository; "" of one that is not.
func (in Inputs) Elsewhere(releases Releases, release Release) string {
	if release.Chart.InRepository() || !in.whereIs(releases, release).elsewhere {
		return ""
	}
	return in.inGit(release).String()
}

// inGit returns where the catalog of a release is in Git, with its path.
func (in Inputs) inGit(release Release) fleet.Chart {
	c := release.Chart
	if c.Path == "" && !in.Fleet.Catalog.InRepository() {
		c.Path = in.Fleet.Catalog.Path
	}
	c.Path = path.Clean(c.Path)
	return c
}

// whereIs finds out where the catalog of a release is. This repository is what spec.repositoryURLs says, or else the
// annotations of the cluster. Where neither does, each is taken for it. The working tree is what Argo CD has of it at
// the revision of the values. So a release at that revision has its catalog there, also while a branch waits to be
// merged.
func (in Inputs) whereIs(releases Releases, release Release) whereabouts {
	c := release.Chart
	home := in.home(release)
	at := whereabouts{own: true, known: true, address: cmp.Or(c.RepoURL, home.RepoURL)}
	switch known := in.Fleet.RepositoryURLs; {
	case c.RepoURL == "":
	case len(known) > 0:
		at.own = slices.ContainsFunc(known, func(url string) bool { return address.SameRepository(url, c.RepoURL) })
	case home.RepoURL != "":
		at.own = address.SameRepository(home.RepoURL, c.RepoURL)
	default:
		at.known = false
	}
	at.elsewhere = !at.own || c.Revision != "" && !in.isHere(releases, c.Revision, home.Revision)
	return at
}

// home is the repository of the group's values, with its revision, as the release or the annotations of the cluster
// say.
func (in Inputs) home(release Release) fleet.Chart {
	var home fleet.Chart
	for _, name := range []string{in.repositoryName(), wellknown.GroupFleet} {
		text := func(part string) string {
			return in.Cluster.Annotations[wellknown.RepositoryAnnotation(name, part)]
		}
		if home.RepoURL = text("url"); home.RepoURL != "" {
			home.Revision = text("revision")
			break
		}
	}
	home.RepoURL = cmp.Or(release.RepoURL, home.RepoURL)
	home.Revision = cmp.Or(release.TargetRevision, home.Revision, "HEAD")
	return home
}

// repositoryName returns the name that annotations have for the repository of the group.
func (in Inputs) repositoryName() string {
	if in.Group == nil {
		return ""
	}
	return path.Base(in.Group.Path)
}

// isHere tells whether the working tree is of a revision: of the one that Argo CD has the values of, or of the branch
// that is checked out. On a branch that a release names, it is of that branch alone.
func (in Inputs) isHere(releases Releases, revision, values string) bool {
	short := func(name string) string { return strings.TrimPrefix(name, "refs/heads/") }
	branch := in.Fleet.Branch
	named := branch != "" && slices.ContainsFunc(releases.All, func(r Release) bool {
		return short(r.Chart.Revision) == branch
	})
	return short(revision) == branch && branch != "" || !named && short(revision) == short(values)
}

// errNoReader is why a catalog in Git cannot be had where nothing reads any.
var errNoReader = errors.New("nothing reads Git here")

// elsewhere returns the catalog of a release that is in Git, and not in the working tree. What cannot be had is
// replaced by the catalog of the fleet, with a warning.
func (in Inputs) elsewhere(releases Releases, release Release, at whereabouts) (Catalog, *problem.Problem, error) {
	f, c := in.Fleet, in.inGit(release)
	wanted := c
	wanted.RepoURL = at.address
	reason := errNoReader
	if f.Git != nil {
		files, err := f.Git(wanted, at.own, f.ChartRepositories)
		if err == nil {
			return Catalog{FS: files, Name: c.String(), FileSize: f.FileSize}, nil, nil
		}
		reason = err
	}
	if errors.Is(reason, fleet.ErrNoChartReader) || errors.Is(reason, fleet.ErrNoSubstitute) {
		return Catalog{}, nil, problem.New(releases.file, release.line, "the catalog %s: %w", c, reason)
	}
	catalog, err := OpenCatalog(f, in.Repository)
	if err != nil {
		return Catalog{}, nil, problem.New(releases.file, release.line,
			"release %q: its catalog %s cannot be had (%v), and there is no other: %w", release.Type, c, reason, err)
	}
	hint := "take it from a chart repository, as a chart with a version (use_helm_repo_path: \"false\")"
	if more := problem.HintOf(reason); more != "" {
		hint = more + "; or " + hint
	}
	return catalog, problem.New(releases.file, release.line,
		"release %q: its catalog %s cannot be had, so that it has the fleet's, %s: %w", release.Type, c, f.Catalog,
		reason).WithHint("%s", hint).WithRule(problem.RuleForeignCatalog), nil
}
