package member

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Read returns the members registered under fleet-members/HUB/SPOKE.yaml, sorted by name. It fails with the first error
// that there is: what parse finds, two members of one name or with one secret, one that is named as a hub or has its
// secret. A secret that its tenant may not have is one too, and an environment that its tenant does not have. There are
// no warnings about placeholders.
func Read(f *fleet.Fleet, repo *hierarchy.Repository) ([]Member, []*problem.Problem, error) {
	members, warnings, errs := readAll(f, repo, false, "")
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	return members, withoutPlaceholders(warnings), nil
}

// errNoTenant marks the findings about members without a tenant: these are for everybody who reads members, and not
// only for those who check them.
var errNoTenant = errors.New("there is no tenant")

// Check returns the members as [Read] does, with all errors. Its warnings are also about directories of members that do
// not exist, a member without tenant or environment, and what would not be registered as it is meant. They are about
// flags that contradict each other, labels that name no release, and clusters of fleet.yaml in an environment that does
// not exist. Warnings and errors are also about the labels and annotations of the levels.
func Check(f *fleet.Fleet, repo *hierarchy.Repository) ([]Member, []*problem.Problem, []error) {
	members, _, warnings, errs := CheckClusters(f, repo)
	return members, warnings, errs
}

// CheckClusters returns what [Check] does, and the clusters as [Identities] does without cluster Secrets, unless there
// are errors.
func CheckClusters(f *fleet.Fleet, repo *hierarchy.Repository) ([]Member, []Identity, []*problem.Problem, []error) {
	members, warnings, errs := readAll(f, repo, true, "")
	if len(errs) > 0 {
		return members, nil, warnings, errs
	}
	stray, err := directories.Stray(f, repo, HubsOf(members))
	if err != nil {
		return members, nil, nil, []error{err}
	}
	identities, warnings, err := identities(f, repo, nil, members, append(warnings, stray...))
	if err != nil {
		return members, nil, nil, []error{err}
	}
	if errs := CheckLevelSecrets(f, repo, identities, func(cluster.Cluster) bool { return true }); len(errs) > 0 {
		return members, nil, warnings, errs
	}
	unknown, err := checkReleaseLabels(f, repo, clustersOf(identities))
	if err != nil {
		return members, nil, nil, []error{err}
	}
	own, err := tenants.NewSearch(f, repo).CheckOwn()
	if err != nil {
		return members, nil, nil, []error{err}
	}
	missing, err := directories.MissingHubs(f, repo)
	if err != nil {
		return members, nil, nil, []error{err}
	}
	found := slices.Concat(warnings, unknown, own, missing, CheckFlags(f, repo, clustersOf(identities)))
	unmatched, err := UnmatchedIgnores(f, repo, found, nil, true)
	if err != nil {
		return members, nil, nil, []error{err}
	}
	return members, identities, append(found, unmatched...), nil
}

// checkReleaseLabels warns about the labels of members that name no release.
func checkReleaseLabels(f *fleet.Fleet, repo *hierarchy.Repository, clusters []cluster.Cluster) ([]*problem.Problem,
	error) {
	var warnings []*problem.Problem
	for _, group := range slices.Sorted(maps.Keys(f.Groups)) {
		releases, err := release.Read(f, repo, group)
		if err != nil {
			return nil, err
		}
		for _, c := range clusters {
			if on, exists := releases.Of(c); !exists && on != "" && len(releases.All) > 0 && c.Hub != "" {
				file, line := LabelPlace(f, repo, c, wellknown.ReleaseLabel(group))
				warnings = append(warnings, releases.UnknownLabel(c, file, line))
			}
		}
	}
	return warnings, nil
}

// readAll reads all members, or only those whose file has a name.
func readAll(f *fleet.Fleet, repo *hierarchy.Repository, directories bool, name string) ([]Member, []*problem.Problem,
	[]error) {
	documents, err := readFiles(f, repo, name)
	if err != nil {
		return nil, nil, []error{err}
	}
	c, err := newChecker(f, repo)
	if err != nil {
		return nil, nil, []error{err}
	}
	var members []Member
	var right []*hierarchy.Document // of the members; nil where there is an error
	var warnings []*problem.Problem
	var errs []error
	byName := map[string][]int{} // of the members
	for _, file := range documents {
		if file.err != nil {
			errs = append(errs, file.err)
			continue
		}
		m, found, wrong := parse(file.document, file.hub)
		warnings = append(warnings, found...)
		if i := indexOfMoving(members, byName[m.Name], m); i >= 0 && len(wrong) == 0 && right[i] != nil {
			warnings = append(warnings, moving(members[i], m, file.document))
			if wrong = c.checkOwn(m, file.document); len(wrong) == 0 && m.Hub == f.ForHub {
				members[i], right[i] = m, file.document
			}
			errs = append(errs, wrong...)
			continue
		}
		if len(wrong) == 0 {
			wrong = c.check(m, file.document)
		}
		if len(wrong) == 0 {
			found, wrong = c.checkDirectories(m, file.document)
			for _, p := range found {
				if directories || p.Stops || errors.Is(p, errNoTenant) {
					warnings = append(warnings, p)
				}
			}
		}
		c.hasSecrets[m.Hub] = c.hasSecrets[m.Hub] || m.SecretName != ""
		d := file.document
		if len(wrong) > 0 {
			d = nil
		}
		byName[m.Name] = append(byName[m.Name], len(members))
		members, right, errs = append(members, m), append(right, d), append(errs, wrong...)
	}
	for i, m := range members {
		if directories && right[i] != nil {
			warnings = append(warnings, c.checkRegistration(m, right[i])...)
		}
	}
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	return members, warnings, errs
}

// indexOfMoving returns which of the members is the same cluster with another hub, by the same secret; -1 if none is.
// same are the indexes of those with its name.
func indexOfMoving(members []Member, same []int, m Member) int {
	if m.SecretName == "" || cluster.IsPlaceholder(m.SecretName) {
		return -1
	}
	for _, i := range same {
		if members[i].Hub != m.Hub && members[i].SecretName == m.SecretName {
			return i
		}
	}
	return -1
}

// movingTo is the cause of the finding about a cluster that also has another hub.
type movingTo struct{ hub string }

func (m movingTo) Error() string { return "moving to " + m.hub }

// MovingTo returns the hubs that have a member which an earlier hub has too, as warnings of [Clusters] say.
func MovingTo(warnings []*problem.Problem) []string {
	var hubs []string
	for _, warning := range warnings {
		var to movingTo
		if errors.As(warning, &to) {
			hubs = append(hubs, to.hub)
		}
	}
	return hubs
}

// moving is the finding about a cluster with two hubs, as while it moves from one to the other.
func moving(first, m Member, d *hierarchy.Document) *problem.Problem {
	p := problem.New(d.Name, d.Line("secretManagerSecretName"),
		"member: cluster %q is registered with two hubs, here and in %s: both deploy to it",
		m.Name, first.File).WithHint("remove the file of the hub that it leaves").
		WithRule(problem.RuleConflicts, first.File)
	p.Err = movingTo{m.Hub}
	return p
}

// A memberFile is the file of a member, or why it cannot be read.
type memberFile struct {
	hub, path string
	document  *hierarchy.Document
	err       error
}

// readFiles reads the files of all members, or only those of a name.
func readFiles(f *fleet.Fleet, repo *hierarchy.Repository, name string) ([]memberFile, error) {
	hubs, err := repo.Entries(f.Members)
	if err != nil {
		return nil, err
	}
	var files []memberFile
	for _, hub := range hubs {
		directory := f.MemberDirectory(hub.Name())
		if is, err := repo.HasDirectory(directory); err != nil {
			return nil, err
		} else if !is {
			continue
		}
		entries, err := repo.Entries(directory)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if !directories.IsFile(entry.Name()) || name != "" && stem(entry.Name()) != name {
				continue
			}
			file := path.Join(directory, entry.Name())
			d, err := repo.Document(file)
			files = append(files, memberFile{hub: hub.Name(), path: file, document: d, err: err})
		}
	}
	return files, nil
}
