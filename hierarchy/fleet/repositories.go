package fleet

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// A Repository is another Git repository with files of the fleet. In paths of the fleet, the first segment NAME is its
// directory Path, and @NAME is its root.
type Repository struct {
	Name     string
	URL      string
	Revision string // that Argo CD takes; "" for what the cluster's annotation says
	Path     string // directory in that repository; "." for its root
}

// maxRepositories is how many repositories a fleet may be in.
const maxRepositories = 100

// ErrNoCheckout is the cause when files are in a repository of which there is no checkout.
var ErrNoCheckout = errors.New("is in another repository")

// readRepositories reads where the parts of the fleet are that are not in its own repository.
func (f *Fleet) readRepositories(d *hierarchy.Document, spec *fields.Reader) error {
	all := spec.Map("repositories")
	if len(all) > maxRepositories {
		return spec.Problem("repositories", "there are %d repositories, more than %d", len(all), maxRepositories)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m, ok := all[name].(map[string]any)
		if !ok {
			return spec.Problem("repositories", "repository %q must be a map with url and path, not %s", name,
				fields.TypeName(all[name]))
		}
		r := d.Reader(m, "repository "+name, "spec", "repositories", name)
		if err := cluster.CheckSegment(name); err != nil {
			r.Fail("", "the name of the repository %w", err)
		}
		if strings.HasPrefix(name, "@") {
			r.Fail("", "the name of the repository must not begin with @")
		}
		repository := Repository{Name: name, URL: r.Text("url"), Revision: r.Text("revision")}
		repository.Path = checkPath(r, "path", r.TextOr("path", name))
		if repository.URL == "" {
			r.Fail("", "a repository needs its url")
		}
		if err := address.CheckURL(repository.URL); err != nil {
			r.Fail("url", "url %w", err)
		}
		if err := fields.CheckText(repository.Revision); err != nil {
			r.Fail("revision", "revision %w", err)
		}
		if err := r.Finish(); err != nil {
			return err
		}
		f.Repositories = append(f.Repositories, repository)
	}
	return spec.Err()
}

// part returns the repository as a part of the tree of files.
func (r Repository) part() worktree.Part { return worktree.Part{Name: r.Name, Path: r.Path} }

// RepositoryOf returns the repository that a path of the fleet is in, and its path there; false for the fleet's own.
func (f *Fleet) RepositoryOf(name string) (Repository, string, bool) {
	for _, r := range f.otherRepositories() {
		if inside, is := r.part().Inside(name); is {
			return r, inside, true
		}
	}
	return Repository{}, name, false
}

// repositoryAt returns the repository with an address; false if none of fleet.yaml has it.
func (f *Fleet) repositoryAt(url string) (Repository, bool) {
	i := slices.IndexFunc(f.Repositories, func(r Repository) bool { return address.SameRepository(r.URL, url) })
	if i < 0 {
		return Repository{}, false
	}
	return f.Repositories[i], true
}

// Repository returns the repository of a name; false if there is none in fleet.yaml.
func (f *Fleet) Repository(name string) (Repository, bool) {
	i := slices.IndexFunc(f.Repositories, func(r Repository) bool { return r.Name == name })
	if i < 0 {
		return Repository{}, false
	}
	return f.Repositories[i], true
}

// Locate returns where in the fleet's files the path of a Git repository is. That of one that fleet.yaml does not name
// is the path itself.
func (f *Fleet) Locate(url, name string) string {
	if locate := f.LocateIn(url); locate != nil {
		return locate(name)
	}
	return name
}

// LocateIn returns [Fleet.Locate] for the paths of a repository; nil for one that fleet.yaml does not name. Where it
// names one repository twice, with two directories, a path is in the one that has it.
func (f *Fleet) LocateIn(url string) func(name string) string {
	if r, is := f.repositoryAt(url); !is || r.Name == wellknown.GroupFleet {
		return nil
	}
	var parts []worktree.Part
	for _, r := range f.otherRepositories() {
		if address.SameRepository(r.URL, url) {
			parts = append(parts, r.part())
		}
	}
	return func(name string) string {
		for _, p := range parts {
			if at := p.Locate(name); at == p.Name || strings.HasPrefix(at, p.Name+"/") {
				return at
			}
		}
		return parts[0].Locate(name)
	}
}

// Places returns where in the fleet's files a path of a Git repository can be, whichever of them it is a path of.
func (f *Fleet) Places(name string) []string {
	places := []string{name}
	for _, r := range f.otherRepositories() {
		places = append(places, r.part().Locate(name))
	}
	return places
}

// GitURLs returns the addresses of the repositories in which the fleet's files are; none: every address is of them.
func (f *Fleet) GitURLs() []string {
	urls := slices.Clone(f.RepositoryURLs)
	if len(urls) > 0 {
		for _, r := range f.Repositories {
			urls = append(urls, r.URL)
		}
	}
	return urls
}

// otherRepositories returns the repositories that are not the fleet's own, by name.
func (f *Fleet) otherRepositories() []Repository {
	return slices.DeleteFunc(slices.Clone(f.Repositories),
		func(r Repository) bool { return r.Name == wellknown.GroupFleet })
}

// Join returns the files of the fleet: those of its repository, and those of the others, of which checkouts has the
// files by their names. Where a checkout is needed and not there, reading fails with [ErrNoCheckout]. Join fails for a
// checkout that fleet.yaml does not name, and if the fleet's own repository has a directory in the place of another.
func (f *Fleet) Join(base fs.FS, checkouts map[string]fs.FS) (fs.FS, error) {
	others := f.otherRepositories()
	var names []string
	for _, r := range others {
		names = append(names, r.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(checkouts)) {
		if !slices.Contains(names, name) {
			hint := problem.Suggest(name, names, "name it there, with its url and path")
			return nil, problem.New(f.file(), f.Line("spec", "repositories"), "there is no repository %q", name).
				WithHint("%s", hint)
		}
	}
	if len(others) == 0 {
		return base, nil
	}
	parts := make([]worktree.Part, len(others))
	for i, r := range others {
		line := f.Line("spec", "repositories", r.Name)
		if _, err := fs.Stat(base, r.Name); err == nil {
			return nil, problem.New(f.file(), line,
				"repository %q: the fleet's own repository has %s, too, which nothing would read", r.Name, r.Name).
				WithHint("remove it there, or remove the repository here")
		}
		parts[i] = r.part()
		if parts[i].FS = checkouts[r.Name]; parts[i].FS == nil {
			parts[i].Err = r.missing()
			continue
		}
		info, err := fs.Stat(parts[i].FS, r.Path)
		if err != nil || !info.IsDir() {
			return nil, problem.New(f.file(), line, "repository %q: its checkout has no directory %s", r.Name, r.Path).
				WithHint("correct path, or the directory of --repository %s=DIR", r.Name)
		}
	}
	return worktree.Join(base, parts), nil
}

// LacksCheckout tells whether there is no checkout of one of the repositories, so that what it has is not known.
func (f *Fleet) LacksCheckout(repo *hierarchy.Repository) bool {
	return slices.ContainsFunc(f.otherRepositories(), func(r Repository) bool {
		_, err := repo.HasDirectory(r.part().Root())
		return errors.Is(err, ErrNoCheckout)
	})
}

// missing is the error for what is in the repository where there is no checkout of it.
func (r Repository) missing() error {
	return problem.New("", 0, "%w: %s (%s), of which there is no checkout here", ErrNoCheckout, r.Name, r.URL).
		WithHint("clone it, and give its directory: --repository %s=DIR", r.Name)
}

// ForGroup returns the fleet as a group has it. Its catalog is the directory that is there: in the group's own
// repository, which is the one that the plugin sees, in another one, or in the fleet's own. Without a group, that is
// the fleet itself. It fails if the catalog may be in a repository that cannot be had.
func (f *Fleet) ForGroup(repo *hierarchy.Repository, g *Group) (*Fleet, error) {
	own, _, inOther := Repository{}, "", false
	if g != nil {
		own, _, inOther = f.RepositoryOf(g.Path)
	}
	if !inOther || f.Catalog.InRepository() {
		return f, nil
	}
	candidates := []Repository{own}
	for _, r := range f.otherRepositories() {
		if r.Name != own.Name {
			candidates = append(candidates, r)
		}
	}
	var missing error
	for _, r := range append(candidates, Repository{}) {
		of := *f
		of.catalogIn = r
		of.Catalog.Path = of.BesideCatalog(f.Catalog.Path)
		exists, err := repo.HasDirectory(of.Catalog.Path)
		switch {
		case errors.Is(err, ErrNoCheckout):
			missing = cmp.Or(missing, err)
		case err != nil:
			return nil, err
		case exists:
			return &of, nil
		}
	}
	return f, missing
}

// BesideCatalog returns where in the fleet's files a directory is that is in the repository of the catalog.
func (f *Fleet) BesideCatalog(directory string) string {
	if f.catalogIn.Name == "" {
		return path.Clean(directory)
	}
	return f.catalogIn.part().Locate(directory)
}

// Catalogs returns the directories of the catalogs of all groups, sorted. Of a group whose catalog cannot be had, a
// render says so.
func (f *Fleet) Catalogs(repo *hierarchy.Repository) []string {
	if f.Catalog.InRepository() {
		return nil
	}
	found := map[string]bool{}
	for _, g := range f.Groups {
		if of, err := f.ForGroup(repo, g); err == nil {
			found[of.Catalog.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// RegistrationRepository returns the repository whose levels say what clusters are (fleet/fleet-secret): that of the
// group addons, or else of the first group that is in another repository. The plugin sees one repository, and so they
// are in one. It returns false where that is the fleet's own.
func (f *Fleet) RegistrationRepository() (Repository, bool) {
	if g := f.Groups[wellknown.GroupAddons]; g != nil {
		r, _, is := f.RepositoryOf(g.Path)
		return r, is
	}
	for _, appPath := range f.AppPaths() {
		if r, _, is := f.RepositoryOf(appPath); is {
			return r, true
		}
	}
	return Repository{}, false
}

// IdentityPaths returns the app paths whose levels say what clusters are: all, or of a fleet in several repositories
// those in the [Fleet.RegistrationRepository].
func (f *Fleet) IdentityPaths() []string {
	if len(f.otherRepositories()) == 0 {
		return f.AppPaths()
	}
	of, _ := f.RegistrationRepository()
	return slices.DeleteFunc(f.AppPaths(), func(appPath string) bool {
		r, _, _ := f.RepositoryOf(appPath)
		return r.Name != of.Name
	})
}
