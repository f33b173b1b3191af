package completion

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// A source is a command line that is begun, which says where the fleet is.
type source struct {
	cmd   *cobra.Command
	args  []string
	limit *limiting.Limiter
}

// open opens a session on the fleet; nil where that cannot be.
func (s source) open() *render.Session {
	root := s.given("repo-root")
	checkouts := &files.Checkouts{}
	if flag := s.cmd.Flags().Lookup("repository"); flag != nil {
		if given, is := flag.Value.(*files.Checkouts); is {
			checkouts = given
		}
	}
	// A component is no directory.
	paths := slices.DeleteFunc(slices.Clone(s.args), func(arg string) bool { return !command.IsDirectory(arg) })
	fsys, _, err := files.OpenFleet(command.PathIn(paths, root), root, checkouts)
	if err != nil {
		return nil
	}
	session, err := render.Open(fsys, render.Options{})
	if err != nil {
		return nil
	}
	s.limit.Apply(session.Fleet().Limits)
	return session
}

// given returns the value of a flag of the command line; "" if it has none.
func (s source) given(name string) string {
	if flag := s.cmd.Flags().Lookup(name); flag != nil && flag.Changed {
		return flag.Value.String()
	}
	return ""
}

// all returns the clusters of the fleet; none where they cannot be read.
func (s source) all() []cluster.Cluster {
	session := s.open()
	if session == nil {
		return nil
	}
	all, _, err := session.Clusters(render.Request{})
	if err != nil {
		return nil
	}
	return all
}

func (s source) clusters() []string {
	var names []string
	for _, c := range s.all() {
		names = append(names, proposed(c.Name, ""))
	}
	return names
}

// labels returns the values that a label has.
func (s source) labels(label string) []string {
	values := map[string]bool{}
	for _, c := range s.all() {
		if value := c.Labels[label]; value != "" {
			values[proposed(value, "")] = true
		}
	}
	return slices.Sorted(maps.Keys(values))
}

func (s source) hubs() []string {
	session := s.open()
	if session == nil {
		return nil
	}
	hubs, err := directories.Hubs(session.Fleet(), session.Repository())
	if err != nil {
		return nil
	}
	for i, name := range hubs {
		hubs[i] = proposed(name, "")
	}
	return hubs
}

func (s source) groups() []string {
	session := s.open()
	if session == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(session.Fleet().Groups))
}

// chosen returns the groups that the command line is about: the one that it names, or all.
func (s source) chosen(session *render.Session) []string {
	if group := s.given("group"); group != "" {
		return []string{group}
	}
	return slices.Sorted(maps.Keys(session.Fleet().Groups))
}

// releases returns the releases of the groups; for diff, which takes two, each with each other one.
func (s source) releases() []string {
	session := s.open()
	if session == nil {
		return nil
	}
	found := map[string]bool{}
	for _, group := range s.chosen(session) {
		releases, err := release.Read(session.Fleet(), session.Repository(), group)
		if err != nil {
			return nil
		}
		for _, name := range releases.Names() {
			found[proposed(name, "")] = true
		}
	}
	names := slices.Sorted(maps.Keys(found))
	if s.cmd.Name() != "diff" {
		return names
	}
	var pairs []string
	for _, from := range names {
		for _, to := range names {
			if from != to {
				pairs = append(pairs, from+".."+to)
			}
		}
	}
	return pairs
}

// components returns the components of the groups, as the settings of the cluster have them that the command line
// names, or else those of a hub. Those of a group that cannot be read are missing.
func (s source) components() []string {
	session := s.open()
	if session == nil {
		return nil
	}
	on := s.given("cluster")
	if on == "" {
		for _, c := range slices.Backward(s.all()) {
			if on == "" || c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub {
				on = c.Name
			}
		}
	}
	found := map[string]bool{}
	for _, group := range s.chosen(session) {
		merged, err := session.Values(render.Request{Group: group, Cluster: on, Anywhere: true, AllFindings: true,
			Unjudged: true, Release: s.given("release")})
		if err != nil {
			continue
		}
		for _, key := range applicationset.Components(merged.Values) {
			found[proposed(key, group)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// proposed returns a name with what describes it, on one line.
func proposed(name, description string) string {
	if name = problem.OneLine(name); description != "" {
		name += "\t" + problem.OneLine(description)
	}
	return name
}
