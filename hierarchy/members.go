package hierarchy

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ReadMembers returns the members registered under fleet-members/HUB/SPOKE.yaml, sorted by name. It fails with the
// first error that there is: what [ParseMember] finds, two members of one name or with one secret, one that is named as
// a hub or has its secret, a secret that its tenant may not have, and an environment that its tenant does not have.
// There are no warnings about placeholders.
func (f *Fleet) ReadMembers(repo *Repository) ([]Member, []*Problem, error) {
	members, warnings, errs := f.readMembers(repo, false, "")
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	return members, withoutPlaceholders(warnings), nil
}

// errNoTenant marks the findings about members without a tenant: these are for everybody who reads members, and not
// only for those who check them.
var errNoTenant = errors.New("there is no tenant")

// isMemberFile tells whether a file has the name of a member's.
func isMemberFile(name string) bool {
	extension := path.Ext(name)
	return extension == ".yaml" || extension == ".yml"
}

// CheckMembers returns the members as [Fleet.ReadMembers] does, with all errors. Its warnings are also about folders of
// members that do not exist, a member without tenant or environment, what would not be registered as it is meant,
// labels that name no release lane, clusters of fleet.yaml in an environment that does not exist, and, as its errors,
// about the labels and annotations of the levels.
func (f *Fleet) CheckMembers(repo *Repository) ([]Member, []*Problem, []error) {
	members, warnings, errs := f.readMembers(repo, true, "")
	if len(errs) > 0 {
		return members, warnings, errs
	}
	stray, err := f.checkHubs(repo, members)
	if err != nil {
		return members, nil, []error{err}
	}
	identities, warnings, err := f.identities(repo, nil, members, append(warnings, stray...))
	if err != nil {
		return members, nil, []error{err}
	}
	if errs := f.CheckLevelSecrets(repo, identities, func(Cluster) bool { return true }); len(errs) > 0 {
		return members, warnings, errs
	}
	unknown, err := f.checkLaneLabels(repo, clustersOf(identities))
	if err != nil {
		return members, nil, []error{err}
	}
	own, err := newTenantSearch(f, repo).checkOwn()
	if err != nil {
		return members, nil, []error{err}
	}
	missing, err := f.missingHubs(repo)
	if err != nil {
		return members, nil, []error{err}
	}
	found := slices.Concat(warnings, unknown, own, missing)
	unmatched, err := f.Unmatched(repo, found, nil, true)
	if err != nil {
		return members, nil, []error{err}
	}
	return members, append(found, unmatched...), nil
}

// checkLaneLabels warns about the labels of members that name no release lane.
func (f *Fleet) checkLaneLabels(repo *Repository, clusters []Cluster) ([]*Problem, error) {
	var warnings []*Problem
	for _, group := range slices.Sorted(maps.Keys(f.Groups)) {
		lanes, err := f.ReadLanes(repo, group)
		if err != nil {
			return nil, err
		}
		for _, c := range clusters {
			if on, exists := lanes.Of(c); !exists && on != "" && len(lanes.All) > 0 && c.Hub != "" {
				warnings = append(warnings, lanes.unknownLabel(c))
			}
		}
	}
	return warnings, nil
}

// CheckNewMember checks a member that is not in the repository yet, together with those that are. It returns the text
// of its file as [NewMember] does, and fails as that and [Fleet.CheckMembers] do, but not for what is wrong with
// others.
func (f *Fleet) CheckNewMember(repo *Repository, m Member) ([]byte, []*Problem, error) {
	text, err := NewMember(m)
	if err != nil {
		return nil, nil, err
	}
	d, err := ParseDocument(m.File, text)
	if err != nil {
		return nil, nil, err
	}
	others, err := f.memberFiles(repo, "")
	if err != nil {
		return nil, nil, err
	}
	if err := f.checkNewFolder(repo, m.Hub); err != nil {
		return nil, nil, err
	}
	c, err := f.newChecker(repo)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(c.hubs, func(h hubName) bool { return h.name == m.Hub }) {
		c.hubs = append(c.hubs, hubName{m.Hub, "of which it is a member"})
	}
	for _, file := range others {
		if file.err == nil {
			other, _, _ := ParseMember(file.document, file.hub)
			c.byName[other.Name] = file.document
			if other.SecretName != "" && !IsPlaceholder(other.SecretName) {
				c.secrets.add(other, file.document, f.secretPrefix())
			}
			c.hasSecrets[other.Hub] = c.hasSecrets[other.Hub] || other.SecretName != ""
		}
	}
	errs := c.check(m, d)
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	warnings, errs := c.checkFolders(m, d)
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	warnings, stopping := f.Judge(warnings)
	if len(stopping) > 0 {
		return nil, nil, stopping[0]
	}
	return text, slices.Concat(warnings, f.checkHubKnown(m.Hub), c.checkRegistration(m, d)), nil
}

// readMembers reads all members, or only those whose file has a name.
func (f *Fleet) readMembers(repo *Repository, folders bool, name string) ([]Member, []*Problem, []error) {
	documents, err := f.memberFiles(repo, name)
	if err != nil {
		return nil, nil, []error{err}
	}
	c, err := f.newChecker(repo)
	if err != nil {
		return nil, nil, []error{err}
	}
	var members []Member
	var right []*Document // of the members; nil where there is an error
	var warnings []*Problem
	var errs []error
	for _, file := range documents {
		if file.err != nil {
			errs = append(errs, file.err)
			continue
		}
		m, found, wrong := ParseMember(file.document, file.hub)
		warnings = append(warnings, found...)
		if i := indexOfMoving(members, m); i >= 0 && len(wrong) == 0 && right[i] != nil {
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
			found, wrong = c.checkFolders(m, file.document)
			for _, p := range found {
				if folders || p.Stops || errors.Is(p, errNoTenant) {
					warnings = append(warnings, p)
				}
			}
		}
		c.hasSecrets[m.Hub] = c.hasSecrets[m.Hub] || m.SecretName != ""
		d := file.document
		if len(wrong) > 0 {
			d = nil
		}
		members, right, errs = append(members, m), append(right, d), append(errs, wrong...)
	}
	for i, m := range members {
		if folders && right[i] != nil {
			warnings = append(warnings, c.checkRegistration(m, right[i])...)
		}
	}
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	return members, warnings, errs
}

// indexOfMoving returns which of the members is the same cluster with another hub, by the same secret; -1 if none is.
func indexOfMoving(members []Member, m Member) int {
	if m.SecretName == "" || IsPlaceholder(m.SecretName) {
		return -1
	}
	return slices.IndexFunc(members, func(other Member) bool {
		return other.Name == m.Name && other.Hub != m.Hub && other.SecretName == m.SecretName
	})
}

// moving is the finding about a cluster with two hubs, as while it moves from one to the other.
func moving(first, m Member, d *Document) *Problem {
	return problem.New(d.Name, d.Line("secretManagerSecretName"), "member: cluster %q is registered with two hubs, here and in %s: both deploy to it",
		m.Name, first.File).WithHint("remove the file of the hub that it leaves")
}

// A memberFile is the file of a member, or why it cannot be read.
type memberFile struct {
	hub, path string
	document  *Document
	err       error
}

// memberFiles reads the files of all members, or only those of a name.
func (f *Fleet) memberFiles(repo *Repository, name string) ([]memberFile, error) {
	hubs, err := repo.entries(f.Members)
	if err != nil {
		return nil, err
	}
	var files []memberFile
	for _, hub := range hubs {
		folder := f.MemberFolder(hub.Name())
		if is, err := repo.HasFolder(folder); err != nil {
			return nil, err
		} else if !is {
			continue
		}
		entries, err := repo.entries(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if !isMemberFile(entry.Name()) || name != "" && strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())) != name {
				continue
			}
			file := path.Join(folder, entry.Name())
			d, err := repo.Document(file)
			files = append(files, memberFile{hub: hub.Name(), path: file, document: d, err: err})
		}
	}
	return files, nil
}

// AppPaths returns the app paths of all groups, sorted.
func (f *Fleet) AppPaths() []string {
	paths := map[string]bool{}
	for _, g := range f.Groups {
		paths[g.Path] = true
		for _, p := range g.RepoNames {
			paths[p] = true
		}
	}
	return slices.Sorted(maps.Keys(paths))
}
