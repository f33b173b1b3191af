package hierarchy

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ReadMembers returns the members registered under fleet-members/HUB/SPOKE.yaml, sorted by name. It fails with the first
// error that there is: what [ParseMember] finds, two members of one name, one that is named as a hub, and one in an
// environment that its tenant does not have. There are no warnings about placeholders.
func (f *Fleet) ReadMembers(repo *Repository) ([]Member, []*Problem, error) {
	members, warnings, errs := f.readMembers(repo, false, "")
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	return members, withoutPlaceholders(warnings), nil
}

// CheckMembers returns the members as [Fleet.ReadMembers] does, with all errors. Its warnings are also about a tenant without
// any folder in the hierarchy, a member without tenant or environment, what would not be registered as it is meant, labels that
// name no release lane, and, as its errors, about the labels and annotations of the levels.
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
	unknown, err := f.checkLaneLabels(repo, clustersOf(identities))
	if err != nil {
		return members, nil, []error{err}
	}
	return members, append(warnings, unknown...), nil
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

// checkHubs warns about what no hub will register: files beside the hubs' folders and deeper in these, and the members of a hub that is not in
// fleet.yaml, if others are.
func (f *Fleet) checkHubs(repo *Repository, members []Member) ([]*Problem, error) {
	var warnings []*Problem
	entries, err := repo.entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		folder := f.MemberFolder(entry.Name())
		switch extension := path.Ext(folder); {
		case !entry.IsDir() && (extension == ".yaml" || extension == ".yml"):
			warnings = append(warnings, problem.New(folder, 0, "member: is in the folder of no hub, and so is no member").
				WithHint("move it to %s/HUB", f.Members))
		case slices.ContainsFunc(members, func(m Member) bool { return m.Hub == entry.Name() }):
			warnings = append(warnings, f.checkHubKnown(entry.Name())...)
		}
		deeper, err := checkDepth(repo, folder)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, deeper...)
	}
	return warnings, nil
}

// checkDepth warns about folders in the folder of a hub that have files in them which look like members.
func checkDepth(repo *Repository, folder string) ([]*Problem, error) {
	if is, err := repo.HasFolder(folder); err != nil || !is {
		return nil, err
	}
	entries, err := repo.entries(folder)
	if err != nil {
		return nil, err
	}
	var warnings []*Problem
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		files, err := repo.entries(path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(files, func(e fs.DirEntry) bool { return path.Ext(e.Name()) == ".yaml" || path.Ext(e.Name()) == ".yml" }) {
			warnings = append(warnings, problem.New(path.Join(folder, entry.Name()), 0, "member: the files in this folder are no members").
				WithHint("move them to %s", folder))
		}
	}
	return warnings, nil
}

// checkHubKnown warns about a hub that fleet.yaml does not describe, if it describes any cluster.
func (f *Fleet) checkHubKnown(hub string) []*Problem {
	if len(f.Clusters) == 0 || slices.ContainsFunc(f.Clusters, func(c Cluster) bool { return c.Name == hub }) {
		return nil
	}
	return []*Problem{problem.New(f.MemberFolder(hub), 0, "member: there is no hub %q in %s, so that nothing registers its members", hub, FleetFile).
		WithHint("describe it in spec.clusters, or move the files to another hub")}
}

// CheckNewMember checks a member that is not in the repository yet, together with those that are. It returns the text of its
// file as [NewMember] does, and fails as that and [Fleet.CheckMembers] do, but not for what is wrong with others.
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
	c := f.newChecker(repo, append(others, memberFile{hub: m.Hub}))
	for _, file := range others {
		if file.err == nil {
			other, _, _ := ParseMember(file.document, file.hub)
			c.byName[other.Name], c.bySecret[other.secretKey()] = file.document, other
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
	return text, slices.Concat(warnings, f.checkHubKnown(m.Hub), c.checkRegistration(m, d)), nil
}

func (f *Fleet) newChecker(repo *Repository, files []memberFile) *memberChecker {
	c := &memberChecker{fleet: f, repo: repo, byName: map[string]*Document{}, folders: map[string][]string{}, hubs: map[string]bool{},
		bySecret: map[string]Member{}, hasSecrets: map[string]bool{}}
	for _, file := range files {
		if file.err == nil {
			c.hubs[file.hub] = true
		}
	}
	return c
}

// readMembers reads all members, or only those whose file has a name.
func (f *Fleet) readMembers(repo *Repository, folders bool, name string) ([]Member, []*Problem, []error) {
	documents, err := f.memberFiles(repo, name)
	if err != nil {
		return nil, nil, []error{err}
	}
	c := f.newChecker(repo, documents)
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
		if len(wrong) == 0 {
			wrong = c.check(m, file.document)
		}
		if len(wrong) == 0 {
			found, wrong = c.checkFolders(m, file.document)
			if folders {
				warnings = append(warnings, found...)
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

// A memberFile is the file of a member, or why it cannot be read.
type memberFile struct {
	hub      string
	document *Document
	err      error
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
			extension := path.Ext(entry.Name())
			if extension != ".yaml" && extension != ".yml" || name != "" && strings.TrimSuffix(entry.Name(), extension) != name {
				continue
			}
			d, err := repo.Document(path.Join(folder, entry.Name()))
			if d == nil && err == nil {
				continue // a link to nothing
			}
			files = append(files, memberFile{hub: hub.Name(), document: d, err: err})
		}
	}
	return files, nil
}

// A memberChecker checks members against each other and against the folders of the hierarchy.
type memberChecker struct {
	fleet   *Fleet
	repo    *Repository
	byName  map[string]*Document
	hubs    map[string]bool     // that have members
	folders map[string][]string // the names of the folders in a folder; nil: no such folder

	bySecret   map[string]Member // the first member with a secret, by secretKey
	hasSecrets map[string]bool   // the hubs of which some member has one
}

func (c *memberChecker) check(m Member, d *Document) []error {
	if first, taken := c.byName[m.Name]; taken {
		return []error{problem.New(d.Name, d.Line("clusterName"), "cluster %q is already registered in %s", m.Name, first.place("clusterName")).
			WithHint("remove one of the files, or give it another clusterName")}
	}
	c.byName[m.Name] = d
	if err := c.checkHub(m, d); err != nil {
		return []error{err}
	}
	return nil
}

// place returns FILE:LINE of a key, or only the file if the key is not there.
func (d *Document) place(key string) string {
	if _, ok := d.Values[key]; !ok {
		return d.Name
	}
	return d.Name + ":" + strconv.Itoa(d.Line(key))
}

// checkHub refuses a member with the name of a hub. A cluster of fleet.yaml that is no hub only completes the member.
func (c *memberChecker) checkHub(m Member, d *Document) error {
	what := ""
	if i := slices.IndexFunc(c.fleet.Clusters, func(known Cluster) bool { return known.Name == m.Name }); i >= 0 {
		role := c.fleet.Clusters[i].Labels[LabelFleetMember]
		if role != "" && role != FleetMemberSpoke || c.hubs[m.Name] {
			line := c.fleet.line("spec", "clusters", strconv.Itoa(i), "name")
			what = FleetFile + ":" + strconv.Itoa(line)
		}
	} else if c.hubs[m.Name] {
		what = path.Join(c.fleet.Members, m.Name) + ", where its members are"
	}
	if what == "" {
		return nil
	}
	return problem.New(d.Name, d.Line("clusterName"), "member: the name %q is that of a hub (%s)", m.Name, what).
		WithHint("give the member another clusterName; the hub itself belongs in %s only", FleetFile)
}

// checkRegistration warns about what package registration would refuse or get wrong, and other fleets need not care about.
func (c *memberChecker) checkRegistration(m Member, d *Document) []*Problem {
	var warnings []*Problem
	if found := validation.IsDNS1123Subdomain(m.Name); len(found) > 0 {
		warnings = append(warnings, problem.New(d.Name, d.Line("clusterName"), "member: %q cannot be the name of a Kubernetes object, such as "+
			"the cluster's Secret", m.Name).WithHint("use lower case letters, digits, - and . only"))
	}
	if On(m.PushArgoSecrets) {
		warnings = append(warnings, problem.New(d.Name, d.Line("push_argo_secrets"), "member: push_argo_secrets only becomes a label: nothing "+
			"pushes secrets to the cluster").WithHint("have External Secrets on it (use_external_secrets), or remove the key"))
	}
	first, shared := c.bySecret[m.secretKey()]
	switch {
	case m.SecretName == "" && c.hasSecrets[m.Hub]:
		warnings = append(warnings, problem.New(d.Name, 0, "member: there is no secretManagerSecretName, which other members of hub %s have: "+
			"the registration fails if no level gives it", m.Hub).WithHint("add it"))
	case m.SecretName == "" || IsPlaceholder(m.SecretName):
	case shared:
		warnings = append(warnings, problem.New(d.Name, d.Line("secretManagerSecretName"),
			"member: the secret %q is also that of %s: both clusters would be the same server", m.SecretName, first.File).
			WithHint("each cluster has a secret of its own"))
	default:
		c.bySecret[m.secretKey()] = m
	}
	return warnings
}

// secretKey tells the member's secret apart from all others: each hub may read another account, unless the name is an ARN.
func (m Member) secretKey() string {
	if strings.HasPrefix(m.SecretName, "arn:") {
		return m.SecretName
	}
	return m.Hub + "/" + m.SecretName
}

// checkFolders looks for the folders of the member's tenant and environment below the app paths.
func (c *memberChecker) checkFolders(m Member, d *Document) ([]*Problem, []error) {
	var warnings []*Problem
	cluster := Cluster{Name: m.Name, File: m.File, Labels: map[string]string{}}
	for label, value := range map[string]string{LabelTenant: m.Tenant, LabelEnvironment: m.Environment} {
		if value != "" {
			cluster.Labels[label] = value
		}
	}
	for _, label := range []string{LabelTenant, LabelEnvironment} {
		if cluster.Labels[label] == "" {
			warnings = append(warnings, problem.New(d.Name, 0, "member: there is no %s, so that some levels are skipped", label).WithHint("add it"))
		}
	}
	if m.Tenant == "" {
		return warnings, nil
	}
	found := tenantFolders{environments: map[string]bool{}}
	for _, appPath := range c.fleet.AppPaths() {
		if err := c.find(&found, appPath, cluster); err != nil {
			return warnings, []error{err}
		}
	}
	switch {
	case found.searched && !found.exists:
		warnings = append(warnings, problem.New(d.Name, d.Line(LabelTenant), "member: tenant %q has no folder in the hierarchy", m.Tenant).
			WithHint("correct the name, or add the folder below one of %s", strings.Join(c.fleet.AppPaths(), ", ")))
	case m.Environment != "" && len(found.parents) > 0 && !found.environments[m.Environment]:
		existing := "has none"
		if len(found.environments) > 0 {
			existing = "has " + strings.Join(slices.Sorted(maps.Keys(found.environments)), ", ")
		}
		return warnings, []error{problem.New(d.Name, d.Line(LabelEnvironment), "member: tenant %s has no environment %q: %s %s",
			m.Tenant, m.Environment, strings.Join(found.parents, " and "), existing).WithHint("correct the name, or add the folder")}
	}
	return warnings, nil
}

// tenantFolders are the folders of a tenant in the hierarchy.
type tenantFolders struct {
	searched     bool // some level names the tenant
	exists       bool
	parents      []string // of the environments
	environments map[string]bool
}

// find adds the folders that the cluster's tenant has below an app path.
func (c *memberChecker) find(found *tenantFolders, appPath string, cluster Cluster) error {
	beside, err := c.fleet.besideTenants(c.repo, appPath, cluster.Labels[LabelTenant])
	if err != nil {
		return err
	}
	found.exists = found.exists || beside
	for _, level := range c.fleet.Levels {
		for _, text := range level.Paths {
			if beside {
				text = fromTenant(text)
			}
			if _, to := segmentOf(text, LabelTenant); to >= 0 {
				found.searched = true
				names, _, err := c.list(appPath, text[:to], cluster)
				if err != nil {
					return err
				}
				found.exists = found.exists || names != nil
			}
			from, _ := segmentOf(text, LabelEnvironment)
			if from <= 0 {
				continue
			}
			names, folder, err := c.list(appPath, text[:from-1], cluster)
			if err != nil {
				return err
			}
			if names != nil && !slices.Contains(found.parents, folder) {
				found.parents = append(found.parents, folder)
			}
			for _, name := range names {
				found.environments[name] = true
			}
		}
	}
	return nil
}

// list returns the folders in the folder of a level path, and which one that is; nil if it does not exist.
func (c *memberChecker) list(appPath, text string, cluster Cluster) (names []string, folder string, err error) {
	relative, missing, err := cluster.expand(text, cluster.Fields())
	if err != nil || missing != "" {
		return nil, "", err
	}
	folder = path.Join(appPath, relative)
	if names, ok := c.folders[folder]; ok {
		return names, folder, nil
	}
	if exists, err := c.repo.HasFolder(folder); err != nil || !exists {
		c.folders[folder] = nil
		return nil, folder, err
	}
	entries, err := c.repo.entries(folder)
	if err != nil {
		return nil, folder, err
	}
	names = []string{}
	for _, entry := range entries {
		// Links count as well: LevelsOf follows them.
		if is, err := c.repo.HasFolder(path.Join(folder, entry.Name())); err == nil && is {
			names = append(names, entry.Name())
		}
	}
	c.folders[folder] = names
	return names, folder, nil
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
