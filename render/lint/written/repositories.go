package written

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// repositories are what a fleet says of the repositories that its files and charts are in.
type repositories struct {
	addresses map[string][]Value            // by text: where it is written
	revisions map[string][]Value            // the same
	catalogs  map[string]map[string][]Value // the same, of catalogs of releases, by key
	secrets   map[string][]Value            // the same, with HUB and CLUSTER for the names of the member
	lanes     []string                      // types of releases, which branches are often called after
	paths     []policyField                 // of components and settings, without templates
	lacking   map[string]lackingSource      // sources of Applications whose directory is not here
	foreign   bool                          // some source is of a repository that is not known to be this one
	sources   map[[2]string]bool            // address and revision of each source with a path
	unfit     map[string]unfitSource        // sources of Applications whose directory is not what they need

	directories map[string]bool // that were looked for: whether they are there
}

func newRepositories() repositories {
	return repositories{addresses: map[string][]Value{}, revisions: map[string][]Value{},
		secrets: map[string][]Value{}, catalogs: map[string]map[string][]Value{},
		lacking: map[string]lackingSource{}, sources: map[[2]string]bool{}, unfit: map[string]unfitSource{},
		directories: map[string]bool{}}
}

var (
	addressKey  = regexp.MustCompile(`^(.*_repo_url|chartRepoUrl|repoUrl|repoURL|repoURLGit|gitUrl|chartRepository)$`)
	revisionKey = regexp.MustCompile(`^(.*_repo_revision|chartRepoRevision|targetRevision|repoURLGitRevision)$`)
)

// catalogKeys are the keys of releases that say where a catalog is, besides the address of a Git repository.
var catalogKeys = []string{"chartRepo", "chartRepoPath", "ecrChartName"}

// secretKeys are the keys of members that name secrets.
var secretKeys = []string{"secretManagerSecretName", "githubSecretName"}

// registries are those that most charts in registries come from.
var registries = []string{"docker.io", "gcr.io", "ghcr.io", "public.ecr.aws", "quay.io", "registry-1.docker.io",
	"registry.k8s.io"}

// noteRepository remembers the addresses and revisions of repositories.
func (j *Judge) noteRepository(s Value) {
	text, key := s.Node.Value, s.Key()
	f := j.fleet
	if text == "" || strings.Contains(text, "{{") || slices.Contains(s.Path, "valuesObject") ||
		s.File != hierarchy.FleetFile && s.File != f.Releases && !strings.HasPrefix(s.File, f.Members+"/") &&
			!strings.HasSuffix(s.File, "/fleet/fleet-secret/values.yaml") && !j.holdsSettings(s.File) {
		return
	}
	switch {
	case s.File == f.Releases && key == "type":
		j.repositories.lanes = append(j.repositories.lanes, text)
	case strings.HasPrefix(s.File, f.Members+"/") && slices.Contains(secretKeys, key):
		pattern := strings.NewReplacer(namesOf(s.File)...).Replace(text)
		j.repositories.secrets[pattern] = append(j.repositories.secrets[pattern], s)
	case s.File == f.Releases && slices.Contains(catalogKeys, key):
		if j.repositories.catalogs[key] == nil {
			j.repositories.catalogs[key] = map[string][]Value{}
		}
		j.repositories.catalogs[key][text] = append(j.repositories.catalogs[key][text], s)
	case addressKey.MatchString(key):
		j.repositories.addresses[text] = append(j.repositories.addresses[text], s)
	case revisionKey.MatchString(key):
		j.repositories.revisions[text] = append(j.repositories.revisions[text], s)
	}
}

// checkPaths finds the directories of paths of components that only one has, nearly those of others.
func (j *Judge) checkPaths() {
	all := map[string][]Value{}
	for _, f := range j.repositories.paths {
		if directory := path.Dir(f.Node.Value); directory != "." {
			all[directory] = append(all[directory], f.Value)
		}
	}
	for _, directory := range slices.Sorted(maps.Keys(all)) {
		s := all[directory][0]
		for _, other := range slices.Sorted(maps.Keys(all)) {
			if len(all[directory]) > 1 || len(all[other]) < 2 || !isMistyped(directory, other) || j.hasFoundAt(s) {
				continue
			}
			j.addAt(s, problem.New(s.File, s.Node.Line, "%s: the directory %s is nearly the one that others have",
				strings.Join(s.Path, "."), directory).WithHint("did you mean %s?", other).
				WithRule(problem.RuleUnknownField))
		}
	}
}

// notePath remembers the paths of components in the repository.
func (j *Judge) notePath(f policyField) {
	switch f.name {
	case "path", "additionalResources.path", "ackPodIdentity.path":
		j.repositories.paths = append(j.repositories.paths, f)
	}
}

// isDirectory tells whether a directory is in the repository. A thousand clusters have the same.
func (j *Judge) isDirectory(name string) bool {
	is, known := j.repositories.directories[name]
	if !known {
		info, err := fs.Stat(j.tree, name)
		is = err == nil && info.IsDir()
		j.repositories.directories[name] = is
	}
	return is
}

// An ownRepository is what is known of the repository that is judged: its addresses, and the revision that nearly all
// have of it.
type ownRepository struct {
	addresses map[string]bool
	revision  string
}

// is tells whether a revision of a repository is what is judged.
func (o ownRepository) is(address, revision string) bool {
	return o.addresses[normalAddress(address)] && (revision == o.revision || revision == "" || revision == "HEAD")
}

func normalAddress(address string) string {
	return strings.TrimSuffix(strings.TrimRight(strings.ToLower(address), "/"), ".git")
}

// ownRepository finds out which repository this is: the one of spec.repositoryURLs, or else the one that most clusters
// say of that their files are in it, where their base path is an app path of the fleet.
func (j *Judge) ownRepository(identities []member.Identity) ownRepository {
	addresses, revisions := map[string]int{}, map[string]int{}
	eachRepository(identities, func(r clusterRepository) {
		if slices.ContainsFunc(j.fleet.AppPaths(), func(at string) bool {
			return at == r.basePath || strings.HasPrefix(at, r.basePath+"/")
		}) {
			addresses[normalAddress(r.address)]++
			revisions[r.revision]++
		}
	})
	own := ownRepository{addresses: map[string]bool{}, revision: most(revisions)}
	for _, address := range j.fleet.RepositoryURLs {
		own.addresses[normalAddress(address)] = true
	}
	if address := most(addresses); len(own.addresses) == 0 && address != "" {
		own.addresses[address] = true
	}
	return own
}

func most(counts map[string]int) string {
	best := ""
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		if counts[text] > counts[best] {
			best = text
		}
	}
	return best
}

// A clusterRepository is what the annotations of a cluster say of a repository.
type clusterRepository struct {
	cluster                     int    // index of the identity
	key                         string // of the base path
	address, revision, basePath string
}

func eachRepository(identities []member.Identity, use func(clusterRepository)) {
	names := []string{wellknown.GroupAddons, wellknown.GroupResources, wellknown.GroupFleet}
	for i, identity := range identities {
		for _, name := range names {
			key := wellknown.RepositoryAnnotation(name, "basepath")
			r := clusterRepository{cluster: i, key: key,
				address:  identity.Annotations[wellknown.RepositoryAnnotation(name, "url")],
				revision: identity.Annotations[wellknown.RepositoryAnnotation(name, "revision")],
				basePath: path.Clean(identity.Annotations[key])}
			if r.address != "" && identity.Annotations[key] != "" {
				use(r)
			}
		}
	}
}

// checkRepositories finds addresses, revisions and paths of repositories that are mistyped.
func (j *Judge) checkRepositories(identities []member.Identity, valuesOf func(group, argoCD string) *hierarchy.Values) {
	j.checkOdd(j.repositories.addresses, registries, "address", problem.RuleURL)
	j.checkHosts()
	j.checkPairs()
	catalog := j.fleet.Catalog.Path
	known := map[string][]string{"chartRepoPath": {catalog}, "ecrChartName": {path.Base(catalog)}}
	for _, key := range catalogKeys {
		j.checkOdd(j.repositories.catalogs[key], known[key], "place of the catalog", problem.RuleURL)
	}
	j.checkOdd(j.repositories.revisions, j.repositories.lanes, "revision", problem.RuleURL)
	j.checkSecretNames()
	if identities == nil {
		return
	}
	own := j.ownRepository(identities)
	eachRepository(identities, func(r clusterRepository) {
		if !own.addresses[normalAddress(r.address)] || !fs.ValidPath(r.basePath) || j.isDirectory(r.basePath) {
			return
		}
		near := j.nearDirectory(r.basePath)
		if near == "" && !own.is(r.address, r.revision) {
			return
		}
		i := identities[r.cluster]
		file, line := i.Metadata().Locate("annotations", r.key)
		p := problem.New(file, line, "%s: there is no directory %s in the repository", r.key, r.basePath).
			WithHint("%s", didYouMean(near, "correct the path, or add the directory")).
			WithRule(problem.RuleRender, i.File)
		p.Scope = "cluster " + i.Name
		j.add(p)
	})
	j.checkSources(own, valuesOf)
}

func didYouMean(near, otherwise string) string {
	if near == "" {
		return otherwise
	}
	return "did you mean " + near + "?"
}

// namesOf returns the names of a member and its hub, each with what stands for it in a pattern.
func namesOf(file string) []string {
	hub, name := path.Base(path.Dir(file)), strings.TrimSuffix(path.Base(file), path.Ext(file))
	return []string{name, "\x00cluster", hub, "\x00hub"}
}

// checkSecretNames finds the name of a secret that is a slip of the hand away from how others are made.
func (j *Judge) checkSecretNames() {
	for _, pattern := range slices.Sorted(maps.Keys(j.repositories.secrets)) {
		written := j.repositories.secrets[pattern]
		if len(written) > 1 {
			continue
		}
		s := written[0]
		names := namesOf(s.File)
		for _, other := range slices.Sorted(maps.Keys(j.repositories.secrets)) {
			meant := strings.NewReplacer(names[1], names[0], names[3], names[2]).Replace(other)
			if len(j.repositories.secrets[other]) > 2 && problem.IsSlip(s.Node.Value, meant) &&
				!isVariant(s.Node.Value, meant) {
				j.addAt(s, problem.New(s.File, s.Node.Line, "%s: the secret %q is nearly what others have", s.Key(),
					s.Node.Value).WithHint("did you mean %s?", meant).WithRule(problem.RuleURL))
			}
		}
	}
}

// nearDirectory returns the directory that a path probably was meant to be; "" if there is none like it.
func (j *Judge) nearDirectory(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		before := path.Join(parts[:i]...)
		if j.isDirectory(path.Join(before, part)) {
			continue
		}
		entries, err := fs.ReadDir(j.tree, path.Join(".", before))
		if err != nil {
			return ""
		}
		var names []string
		for _, entry := range entries {
			if entry.IsDir() {
				names = append(names, entry.Name())
			}
		}
		near := problem.Likely(part, names)
		if meant := path.Join(before, near, path.Join(parts[i+1:]...)); near != "" && j.isDirectory(meant) {
			return meant
		}
		return ""
	}
	return ""
}
