package render

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// An ArgoCD is one installation of Argo CD in the fleet, with the clusters for which its ApplicationSets are looked at.
// Their labels and annotations are the session's, and must not be changed.
type ArgoCD struct {
	Cluster cluster.Cluster   // that it runs on
	Targets []cluster.Cluster // sorted by name
	Others  []cluster.Cluster // that a hub knows besides, unless all are targets
}

// ArgoCDs returns the installations of Argo CD that deploy a group to the targets of a request, sorted by name. They
// are the hubs of the targets; of one that is no member, the only cluster that is labelled as a hub, or else itself. If
// the request has a cluster and other targets, it is the Argo CD of that cluster, and a hub then has its own clusters
// only. With the distributed model, there is also that of each spoke that manages the group itself (labels
// use_remote_argo, and enable_remote_addons or enable_remote_resources). It fails for an invalid selector, for targets
// that do not exist, and for a member whose hub is not among the clusters. ApplicationSets of files are for one Argo
// CD, which knows all targets.
func (s *Session) ArgoCDs(r Request) ([]ArgoCD, []*problem.Problem, error) {
	clusters, warnings, err := s.job(r).clusters()
	if err != nil {
		return nil, nil, err
	}
	targets, err := r.targets(clusters)
	if err != nil {
		return nil, nil, err
	}
	if len(r.From) > 0 {
		return []ArgoCD{{Targets: targets, Others: without(clusters, targets)}}, warnings, nil
	}
	explicit := r.Cluster != "" && (r.Targets.All || r.Targets.Selector != "")
	// Of a cluster that is neither hub nor member, the question is what it would deploy to all of them.
	if knows, ok := cluster.KnownTo(r.Cluster, clusters); ok && explicit {
		targets = slices.DeleteFunc(slices.Clone(targets), func(c cluster.Cluster) bool { return !knows(c) })
		if len(targets) == 0 {
			return nil, nil, fmt.Errorf("the Argo CD of %s knows none of these clusters: they are other hubs', or hubs",
				r.Cluster)
		}
	}
	byName, err := r.deployedBy(targets, clusters, explicit)
	if err != nil {
		return nil, nil, err
	}
	list := make([]ArgoCD, 0, len(byName))
	for _, a := range byName {
		// Not of spokes, of which nearly all know themselves only: it would cost the square of their number.
		if !r.Targets.All && !r.Alone && !a.Cluster.IsSpoke() {
			a.Others = without(knownTo(a.Cluster.Name, clusters), a.Targets)
		}
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b ArgoCD) int { return strings.Compare(a.Cluster.Name, b.Cluster.Name) })
	return list, warnings, nil
}

// deployedBy returns the installations of Argo CD that deploy to the targets, by the names of their clusters. It is
// that of the request's cluster, if it is explicit, or else those of the targets' hubs, and their own.
func (r Request) deployedBy(targets, clusters []cluster.Cluster, explicit bool) (map[string]*ArgoCD, error) {
	only := onlyHub(clusters)
	byName := map[string]*ArgoCD{}
	add := func(on, target cluster.Cluster) {
		if byName[on.Name] == nil {
			byName[on.Name] = &ArgoCD{Cluster: on}
		}
		if a := byName[on.Name]; !slices.ContainsFunc(a.Targets,
			func(c cluster.Cluster) bool { return c.Name == target.Name }) {
			a.Targets = append(a.Targets, target)
		}
	}
	for _, target := range targets {
		hub := target.Hub
		switch {
		case explicit:
			hub = r.Cluster
		case hub == "" && target.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub:
			hub = only
		}
		on := target
		if hub != "" {
			i := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == hub })
			if i < 0 {
				return nil, problem.New(target.File, 0, "the hub %q of cluster %q is not among the clusters", hub,
					target.Name).
					WithHint("describe it under spec.clusters of %s, or give its cluster Secret with --cluster-file",
						hierarchy.FleetFile)
			}
			on = clusters[i]
		}
		add(on, target)
		if !explicit && hub != "" && target.Manages(r.Group) {
			add(target, target)
		}
	}
	return byName, nil
}

// knownTo returns the clusters that the Argo CD of one of them knows; none if nobody can tell.
func knownTo(on string, clusters []cluster.Cluster) []cluster.Cluster {
	knows, ok := cluster.KnownTo(on, clusters)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(clusters), func(c cluster.Cluster) bool { return !knows(c) })
}

// without returns clusters without others, all sorted by name.
func without(clusters, others []cluster.Cluster) []cluster.Cluster {
	return slices.DeleteFunc(slices.Clone(clusters), func(c cluster.Cluster) bool {
		_, found := slices.BinarySearchFunc(others, c.Name,
			func(other cluster.Cluster, name string) int { return strings.Compare(other.Name, name) })
		return found
	})
}

// ApplicationSets renders a request's group as it is on an installation of Argo CD; if it is to be resolved, components
// that the plugin delivers have the sources that the plugin renders. Nothing to render is no error.
func (s *Session) ApplicationSets(r Request, a ArgoCD, resolve bool) (*Result, error) {
	j := s.job(r)
	j.resolve, j.partly = resolve, true
	j.Stage, j.Strict = StageApplicationSets, false
	if a.Cluster.Name != j.Cluster {
		j.Cluster, j.Labels, j.Annotations = a.Cluster.Name, nil, nil
	}
	// What depends on other clusters would cost a fleet of such Argo CDs the square of their number.
	j.knowsItself = len(a.Targets) == 1 && a.Targets[0].Name == a.Cluster.Name &&
		a.Cluster.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub
	if j.knowsItself && a.Cluster.IsSpoke() && a.Cluster.Manages(j.Group) &&
		j.Settings[wellknown.SettingHandover] == "true" {
		if err := j.asStarted(a.Cluster); err != nil {
			return nil, j.InScope(err)
		}
	}
	return j.draw()
}

// job returns a request as a job that notes what it reads.
func (s *Session) job(r Request) job {
	j := job{Request: r, session: s, asked: r, note: &worktree.Note{}}
	if s.repository != nil {
		j.repository = s.repository.Noting(j.note)
		j.note.Include(s.opened)
	}
	return j
}

// reads returns what the job has read.
func (r job) reads() reads { return reads{r.session.tree, r.note} }

// allClusters returns the clusters of the fleet for the request that was asked.
func (r job) allClusters() (allClusters, error) {
	all, err := r.session.allClusters(r.asked)
	r.note.Include(all.note)
	return all, err
}

// asStarted changes a job for a spoke that deploys a group itself, by what the Application made by the stage bootstrap
// says: below what the request says.
func (r *job) asStarted(spoke cluster.Cluster) error {
	release, settings, values, err := bootstrap.OwnRelease(r.repository, r.session.fleet, spoke, r.Group)
	if err != nil {
		return err
	}
	r.Release = cmp.Or(r.Release, release)
	maps.Copy(settings, r.Settings)
	r.Settings = settings
	if values != "" {
		r.Files = append([]File{{Name: "parameter values", Data: []byte(values)}}, r.Files...)
	}
	return nil
}

// onlyHub returns the name of the cluster that is labelled as a hub; "" if there is none, or several.
func onlyHub(clusters []cluster.Cluster) string {
	name := ""
	for _, c := range clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		if name != "" {
			return ""
		}
		name = c.Name
	}
	return name
}

// ErrNoMatch is the cause when a request's selector selects no cluster.
var ErrNoMatch = errors.New("no cluster of the fleet matches")

// NoMatch returns an error whose cause is [ErrNoMatch], for a label selector that selects none of these clusters: with
// what was probably meant by it.
func NoMatch(selector labels.Selector, clusters []cluster.Cluster) error {
	return fmt.Errorf("%w %q; %s", ErrNoMatch, selector, meant(selector, clusters))
}

// meant says which label or value was probably meant by a selector that selects nothing, or which clusters there are.
func meant(selector labels.Selector, clusters []cluster.Cluster) string {
	values := map[string]map[string]bool{}
	for _, c := range clusters {
		for label, value := range c.AllLabels() {
			if values[label] == nil {
				values[label] = map[string]bool{}
			}
			values[label][value] = true
		}
	}
	requirements, _ := selector.Requirements()
	for _, requirement := range requirements {
		label := requirement.Key()
		if values[label] == nil {
			if likely := problem.Likely(label, slices.Sorted(maps.Keys(values))); likely != "" {
				return fmt.Sprintf("did you mean the label %s?", likely)
			}
			continue
		}
		for _, value := range requirement.ValuesUnsorted() {
			likely := problem.Likely(value, slices.Sorted(maps.Keys(values[label])))
			if likely != "" && likely != value {
				return fmt.Sprintf("did you mean %s=%s?", label, likely)
			}
		}
	}
	return "the clusters are " + fewOf(clusters)
}

// TargetsOf returns the clusters that a request is for, sorted by name. Their labels and annotations are the session's,
// and must not be changed. It fails as [Session.ArgoCDs] does for targets.
func (s *Session) TargetsOf(r Request) ([]cluster.Cluster, error) {
	clusters, _, err := s.job(r).clusters()
	if err != nil {
		return nil, err
	}
	return r.targets(clusters)
}

// targets returns the clusters that a request is for, of all clusters.
func (r Request) targets(clusters []cluster.Cluster) ([]cluster.Cluster, error) {
	switch {
	case r.Targets.Selector != "":
		selector, err := labels.Parse(r.Targets.Selector)
		if err != nil {
			return nil, Incomplete("--selector: %w", err)
		}
		selected := slices.DeleteFunc(slices.Clone(clusters),
			func(c cluster.Cluster) bool { return !selector.Matches(c.AllLabels()) })
		if len(selected) == 0 {
			return nil, NoMatch(selector, clusters)
		}
		return selected, nil
	case r.Targets.All || len(r.From) > 0 && r.Cluster == "":
		if len(clusters) == 0 && len(r.From) == 0 {
			return nil, fmt.Errorf(
				"the fleet has no clusters: register members, or describe clusters in %s or with --cluster-file",
				hierarchy.FleetFile)
		}
		return clusters, nil
	case r.Cluster != "":
		i := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == r.Cluster })
		return clusters[i : i+1], nil
	}
	return nil, Incomplete("for which clusters? Give one (--cluster), all (-A) or a selector (-l): %s",
		fewOf(clusters))
}
