package bootstrap

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Split is what the Applications of a fleet in several repositories carry as parameters, since the plugin sees one of
// these only (rule split-repositories in docs/rules/bootstrap.md).
type Split struct {
	fleet    *fleet.Fleet
	files    *hierarchy.Repository
	members  map[string]string // the files of the hub's members, by HUB/NAME
	warnings []*problem.Problem
}

// maxMembers is how many bytes of members an Application may carry: Argo CD gives all parameters to the plugin in one
// variable, which Linux limits to 128 KiB.
const maxMembers = 80 << 10

// loadSplit returns what Applications carry; nil for a fleet in one repository.
func loadSplit(repo *hierarchy.Repository, f *fleet.Fleet, on cluster.Cluster) (*Split, error) {
	if len(f.Repositories) == 0 {
		return nil, nil
	}
	s := &Split{fleet: f, files: repo, members: map[string]string{}}
	if on.IsSpoke() || cluster.CheckSegment(on.Name) != nil {
		return s, nil
	}
	directory := f.MemberDirectory(on.Name)
	entries, err := repo.Entries(directory)
	if err != nil || len(entries) == 0 {
		return s, err
	}
	files, err := repo.Sub(directory)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, entry := range entries {
		extension := path.Ext(entry.Name())
		if entry.IsDir() || extension != ".yaml" && extension != ".yml" {
			continue
		}
		data, err := hierarchy.ReadFile(files, entry.Name(), path.Join(directory, entry.Name()), repo.FileSize())
		if err != nil {
			return nil, err
		}
		size += len(data)
		s.members[path.Join(on.Name, strings.TrimSuffix(entry.Name(), extension))] = string(data)
	}
	kept := func(entry fs.DirEntry) bool { return entry.Name() == directories.KeepFile }
	if len(s.members) == 0 && slices.ContainsFunc(entries, kept) { // the hub is meant to have none
		s.members[path.Join(on.Name, directories.KeepFile)] = ""
	}
	if size > maxMembers {
		return nil, problem.New(directory, 0, "the members are %d KiB, more than %d: an Application of another "+
			"repository cannot carry them", size>>10, maxMembers>>10).
			WithHint("keep the levels of the group addons in the fleet's own repository, or use more hubs")
	}
	return s, nil
}

// checkCatalog warns of a group whose catalog is not where the plugin looks for it.
func (s *Split) checkCatalog(g *fleet.Group, of *fleet.Fleet) {
	if s == nil || of.Catalog.InRepository() {
		return
	}
	own, _, _ := s.fleet.RepositoryOf(g.Path)
	if found, _, _ := s.fleet.RepositoryOf(of.Catalog.Path); found.Name == own.Name {
		return
	}
	file, line := s.fleet.PlaceOf("spec", "groups", g.Name)
	s.warnings = append(s.warnings, problem.New(file, line,
		"the catalog of group %s is %s, which is not in the repository of its levels: the plugin will not find it",
		g.Name, of.Catalog.Path).
		WithHint("copy the directory there, or take it from a chart repository").WithRule(problem.RuleForeignCatalog))
}

// otherAt returns the repository with an app path, as fleet.yaml says; false for the fleet's own.
func (b *builder) otherAt(appPath string) (repository, bool) {
	if b.Split == nil {
		return repository{}, false
	}
	r, inside, is := b.Split.fleet.RepositoryOf(appPath)
	return repository{url: r.URL, path: inside, name: r.Name,
		revision: cmp.Or(r.Revision, b.annotated(r.Name).revision)}, is
}

// carry adds to parameters what the plugin does not find in a repository. literal says that no template is evaluated
// in them.
func (b *builder) carry(p parameters, repo repository, groups []string, members, literal bool) error {
	if b.Split == nil {
		return nil
	}
	carry := fleet.Carry{Groups: groups, SpokeNamespace: b.Options.SpokeNamespace}
	if members { // with whose hub the plugin finds out the namespace
		carry.Members, carry.SpokeNamespace = b.Cluster.Name, ""
	}
	text, err := b.Split.fleet.Carried(carry)
	if err != nil {
		return err
	}
	releases, err := b.Split.fleet.CarriedReleases(b.Split.files, groups)
	if err != nil {
		return err
	}
	escape := func(text string) string {
		if literal {
			return text
		}
		return strings.ReplaceAll(text, "{{", `{{ "{{" }}`)
	}
	p["fleet"] = escape(text)
	if repo.name != "" {
		p["repository"] = repo.name
		if releases != "" {
			p["releases"] = escape(releases)
		}
	}
	if members && repo.name != "" && len(b.Split.members) > 0 {
		carried := map[string]string{}
		for name, text := range b.Split.members {
			carried[name] = escape(text)
		}
		p["members"] = carried
	}
	return nil
}

// addSplitFleet adds what belongs to no group of a fleet in several repositories. The plugin in one of them does not
// know what the others say, so that the hub's own bootstrap is no Application.
func (b *builder) addSplitFleet() error {
	own := b.annotated(wellknown.GroupFleet)
	own.path = b.FleetPath
	if r, is := b.Split.fleet.Repository(wellknown.GroupFleet); is {
		own.url, own.revision = r.URL, cmp.Or(r.Revision, own.revision)
	}
	byRepository := map[string][]string{}
	places := map[string]repository{}
	for _, name := range slices.Sorted(maps.Keys(b.Split.fleet.Groups)) {
		g := b.Split.fleet.Groups[name]
		at, is := b.otherAt(g.Path)
		if !is {
			at = own
		}
		byRepository[at.name] = append(byRepository[at.name], name)
		if _, known := places[at.name]; !known || at.path < places[at.name].path {
			places[at.name] = at
		}
	}
	where, _ := b.Split.fleet.RegistrationRepository()
	for _, name := range slices.Sorted(maps.Keys(byRepository)) {
		at := places[name]
		if at.url == "" {
			return b.noRepository(wellknown.GroupFleet)
		}
		if name == where.Name {
			if err := b.addSplitRegistration(at, byRepository[name]); err != nil {
				return err
			}
		}
		p := parameters{"labels": allLabels, "annotations": allAnnotations}
		if err := b.carry(p, at, byRepository[name], false, false); err != nil {
			return err
		}
		b.addPerMember(stageBootstrap, at, p)
	}
	return nil
}

// addSplitRegistration adds the registration of a hub and its members, in the repository whose levels say what these
// are.
func (b *builder) addSplitRegistration(at repository, groups []string) error {
	p := parameters{"stage": stageRegistration, "cluster": b.Cluster.Name}
	b.describe(p, at, Release{})
	if err := b.carry(p, at, groups, true, true); err != nil {
		return err
	}
	b.add("Application", "fleet-"+stageRegistration+"-"+b.Cluster.NameNormalized(), b.sourceOfFleet(),
		b.spec(b.Options.All, at, p, b.inCluster(), Object{"prune": true, "selfHeal": true}))
	p = parameters{}
	if err := b.carry(p, at, groups, true, false); err != nil {
		return err
	}
	b.addPerMember(stageRegistration, at, p)
	return nil
}

// Labels and annotations of the cluster Secret, as JSON. What kubectl leaves behind has the credentials in it.
const (
	allLabels      = `{{ index .metadata "labels" | default dict | toJson }}`
	allAnnotations = `{{ omit (index .metadata "annotations" | default dict | toJson | fromJson) ` +
		`"` + wellknown.AnnotationLastApplied + `" | toJson }}`
)
