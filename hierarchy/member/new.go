package member

import (
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

// CheckNew checks a member that is not in the repository yet, together with those that are. It returns the text of its
// file as [Encode] does. It fails as that and [Check] do, but not for what is wrong with others. It also fails for a
// name that no object can have, and for a tenant or an environment without a directory.
func CheckNew(f *fleet.Fleet, repo *hierarchy.Repository, m Member) ([]byte, []*problem.Problem, error) {
	text, err := Encode(m)
	if err != nil {
		return nil, nil, err
	}
	d, err := hierarchy.ParseDocument(m.File, text)
	if err != nil {
		return nil, nil, err
	}
	if err := directories.CheckNew(f, repo, m.Hub); err != nil {
		return nil, nil, err
	}
	warnings, err := checkWritten(f, repo, m, d, "")
	if err != nil {
		return nil, nil, err
	}
	return text, warnings, nil
}

// checkWritten checks a member whose file is going to have the content of a document, beside the other members: all but
// that of a file.
func checkWritten(f *fleet.Fleet, repo *hierarchy.Repository, m Member, d *hierarchy.Document,
	except string) ([]*problem.Problem, error) {
	c, err := newCheckerBeside(f, repo, m.Hub, except)
	if err != nil {
		return nil, err
	}
	if errs := c.check(m, d); len(errs) > 0 {
		return nil, errs[0]
	}
	if !isObjectName(m.Name) {
		return nil, invalidName(d, m.Name)
	}
	warnings, errs := c.checkDirectories(m, d)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	warnings, stopping := f.Judge(warnings)
	if len(stopping) > 0 {
		return nil, stopping[0]
	}
	if err := c.checkEnvironment(m, d); err != nil {
		return nil, err
	}
	own := cluster.Cluster{Name: m.Name, Hub: m.Hub}
	var flags []*problem.Problem
	if own.Labels, _ = m.metadata(); m.UseRemoteArgo != "" { // else a level may say it
		flags = checkFlags([]cluster.Cluster{own}, func(_ cluster.Cluster, flag string) (string, int) {
			return d.Name, d.Line(flag)
		})
	}
	return f.Wanted(slices.Concat(warnings, flags, directories.CheckHub(f, m.Hub), c.checkRegistration(m, d))), nil
}

// newCheckerBeside returns a checker of a member of a hub, which knows all members but that of a file.
func newCheckerBeside(f *fleet.Fleet, repo *hierarchy.Repository, hub, except string) (*checker, error) {
	others, err := readFiles(f, repo, "")
	if err != nil {
		return nil, err
	}
	c, err := newChecker(f, repo)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.hubs, func(h directories.HubName) bool { return h.Name == hub }) {
		c.hubs = append(c.hubs, directories.HubName{Name: hub, Place: "of which it is a member"})
	}
	for _, file := range others {
		if file.err != nil || file.path == except {
			continue
		}
		other, _, _ := parse(file.document, file.hub)
		if c.byName[other.Name] = file.document; other.SecretName != "" && !cluster.IsPlaceholder(other.SecretName) {
			c.claim(other, file.document)
		}
		c.hasSecrets[other.Hub] = c.hasSecrets[other.Hub] || other.SecretName != ""
	}
	return c, nil
}

// checkEnvironment fails if the tenant of a new member has no directory for any environment, so that nothing tells a
// right name from a wrong one. Members that are there may do without.
func (c *checker) checkEnvironment(m Member, d *hierarchy.Document) error {
	found, err := c.tenants.DirectoriesOf(m.inHierarchy())
	if err != nil || len(found.Parents) > 0 || len(found.NoParents) == 0 {
		return err
	}
	var levels []string
	for _, parent := range found.NoParents {
		levels = append(levels, path.Join(parent, m.Environment))
	}
	return problem.New(d.Name, d.Line(wellknown.LabelEnvironment),
		"member: tenant %s has no environment %q, nor any other: there is no %s", m.Tenant, m.Environment,
		strings.Join(levels, ", nor ")).
		WithHint("add one of these directories, with a file %s so that Git keeps it", directories.KeepFile)
}
