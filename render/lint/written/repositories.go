package written

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// repositories are what a fleet says of the repositories that its files and charts are in.
type repositories struct {
	addresses map[string][]Value       // by text: where it is written
	revisions map[string][]Value       // the same
	secrets   map[string][]Value       // the same, with HUB and CLUSTER for the names of the member
	lanes     []string                 // types of releases, which branches are often called after
	paths     []policyField            // of components and settings, without templates
	lacking   map[string]lackingSource // sources of Applications whose directory is not here
	foreign   bool                     // some source is of a repository that is not known to be this one
	sources   map[[2]string]bool       // address and revision of each source with a path
	unfit     map[string]unfitSource   // sources of Applications whose directory is not what they need

	directories map[string]bool // that were looked for: whether they are there
}

func newRepositories() repositories {
	return repositories{addresses: map[string][]Value{}, revisions: map[string][]Value{},
		secrets: map[string][]Value{},
		lacking: map[string]lackingSource{}, sources: map[[2]string]bool{}, unfit: map[string]unfitSource{},
		directories: map[string]bool{}}
}

var (
	addressKey  = regexp.MustCompile(`^(.*_repo_url|chartRepoUrl|repoUrl|repoURL|repoURLGit|gitUrl|chartRepository)$`)
	revisionKey = regexp.MustCompile(`^(.*_repo_revision|chartRepoRevision|targetRevision|repoURLGitRevision)$`)
)

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
	case addressKey.MatchString(key):
		j.repositories.addresses[text] = append(j.repositories.addresses[text], s)
	case revisionKey.MatchString(key):
		j.repositories.revisions[text] = append(j.repositories.revisions[text], s)
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

// checkOdd finds texts that are written once and that differ in one letter from one that is written more often.
func (j *Judge) checkOdd(all map[string][]Value, known []string, what, rule string) {
	for _, text := range slices.Sorted(maps.Keys(all)) {
		if len(all[text]) > 1 || slices.Contains(known, text) {
			continue
		}
		near := ""
		for _, other := range slices.Sorted(maps.Keys(all)) {
			if len(all[other]) > 1 && isOdd(text, other) {
				near = other
			}
		}
		for _, other := range known {
			if isOdd(text, other) {
				near = other
			}
		}
		if near == "" {
			continue
		}
		s := all[text][0]
		p := problem.New(s.File, s.Node.Line, "%s: the %s %q is nearly the one that others have",
			strings.Join(s.Path, "."), what, text).WithHint("did you mean %s?", near).WithRule(rule)
		j.addAt(s, p)
	}
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

// isOdd tells whether a text is another one but for one letter in a longer word: team-a is not team-b, and v1.1 is not
// v1.10.
func isOdd(text, other string) bool {
	text, other = withoutScheme(normalAddress(text)), withoutScheme(normalAddress(other))
	if lettersOf(text) == lettersOf(other) {
		return false
	}
	if problem.IsSlip(text, other) {
		return true
	}
	if len(text) != len(other) {
		return false
	}
	at := 0
	for at < len(text) && text[at] == other[at] {
		at++
	}
	if text[at+1:] != other[at+1:] || !unicode.IsLetter(rune(text[at])) || !unicode.IsLetter(rune(other[at])) {
		return false
	}
	isBoundary := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	start := strings.LastIndexFunc(text[:at], isBoundary) + 1
	end := strings.IndexFunc(text[at:], isBoundary)
	if end < 0 {
		end = len(text) - at
	}
	const long = 4
	return at+end-start >= long
}

func withoutScheme(address string) string {
	if _, rest, is := strings.Cut(address, "://"); is {
		return rest
	}
	return address
}

// lettersOf returns the letters of a text.
func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}

// digitsOf returns the digits of a text.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
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
