package render

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/reach"
)

// A Session is opened on one tree of files, with all that comes from outside of it, and then does not change. What it
// knows of the fleet is read once, and its stages are its methods. It is safe for concurrent use.
type Session struct {
	options    Options
	tree       fs.FS                 // nil, like repository: only a catalog of the request
	repository *hierarchy.Repository // nil, like fleet, without a tree
	opened     *worktree.Note        // what Open read
	fleet      *fleet.Fleet
	// reach reads what no render depends on but for the annotation manifest-generate-paths, which is not noted.
	reach *reach.Reach

	argoCD        argocd.Version
	argoCDWarning *problem.Problem // nil if there is none

	mu       sync.Mutex
	clusters map[question]func() (allClusters, error)
}

// Options are what a session has from outside of its tree.
type Options struct {
	ClusterSecrets []File               // Argo CD cluster Secrets
	Secrets        cluster.SecretReader // completes the members; nil: nothing does
	ReadChart      fleet.ChartReader    // reads catalogs that are charts in chart repositories; nil: they are errors
	CmpVersion     string               // of this cmp: fleet.yaml can want another; "" for none
	ReadGit        fleet.GitReader      // reads catalogs in Git; nil: releases with such have that of the fleet
	Branch         string               // that the tree is of; "" if that is not known
	// Note gets what anything reads or looks for in the tree, as long as the session is used; nil: nobody wants that.
	Note *worktree.Note
	// ArgoCD is the version whose rules the stages after StageApplicationSets follow, as [argocd.Parse] reads it; ""
	// for that of fleet.yaml.
	ArgoCD string
	// Promotion moves clusters from one release to another; none if it is empty.
	Promotion Promotion
}

// A Promotion puts the clusters that a label has on one release on another, in all groups that have both.
type Promotion struct{ From, To string }

// A question is what the answer to which clusters there are depends on.
type question struct {
	hub   string // of a cluster that two hubs have as a member, the file of this hub counts; "" for the first
	alone string // the one cluster that is asked for; "" for all
}

type allClusters struct {
	clusters []cluster.Cluster
	warnings []*problem.Problem
	note     *worktree.Note // of what was read for that
}

// Open opens a session on a repository, whose root is the root of the tree. Without a tree (nil) it renders only
// requests that have a catalog and no group. It fails for an unknown version of Argo CD, and as [fleet.Load] does.
func Open(tree fs.FS, o Options) (*Session, error) {
	s := &Session{options: o, tree: tree, clusters: map[question]func() (allClusters, error){}}
	if tree == nil {
		s.argoCD = argocd.Newest()
		return s, nil
	}
	s.repository, s.opened = hierarchy.NewRepository(o.Note.FS(tree, ".")), &worktree.Note{}
	s.reach = reach.New(reach.Tree{Repository: hierarchy.NewRepository(tree), Files: tree})
	var err error
	if s.fleet, err = fleet.LoadFor(s.repository.Noting(s.opened), o.CmpVersion); err != nil {
		return nil, err
	}
	s.fleet.Secrets, s.fleet.Charts = o.Secrets, o.ReadChart
	s.fleet.Git, s.fleet.Branch = o.ReadGit, o.Branch
	if err := s.chooseArgoCD(o.ArgoCD); err != nil {
		return nil, err
	}
	return s, nil
}

func errNoRepository() error {
	return Incomplete("there is no repository: name its root (--repo-root)")
}

// allClusters returns the clusters of the fleet for a request. It fails without a repository.
func (s *Session) allClusters(r Request) (allClusters, error) {
	if s.repository == nil {
		return allClusters{}, errNoRepository()
	}
	if r.Alone {
		return s.answer(question{hub: r.Cluster, alone: r.Cluster})
	}
	all, err := s.answer(question{})
	if err != nil && r.Cluster != "" || slices.Contains(member.MovingTo(all.warnings), r.Cluster) {
		return s.answer(question{hub: r.Cluster})
	}
	return all, err
}

// answer answers each question once.
func (s *Session) answer(q question) (allClusters, error) {
	s.mu.Lock()
	answer := s.clusters[q]
	if answer == nil {
		answer = sync.OnceValues(func() (allClusters, error) { return s.ask(q) })
		s.clusters[q] = answer
	}
	s.mu.Unlock()
	return answer()
}

func (s *Session) ask(q question) (allClusters, error) {
	f := *s.fleet
	f.ForHub = q.hub
	secrets, err := ParseClusterSecrets(s.options.ClusterSecrets)
	if err != nil {
		return allClusters{}, err
	}
	note := &worktree.Note{}
	repository := s.repository.Noting(note)
	if q.alone != "" {
		clusters, warnings, err := member.ClustersFor(&f, repository, q.alone, secrets)
		return allClusters{clusters, warnings, note}, err
	}
	clusters, warnings, err := member.Clusters(&f, repository, secrets)
	if err == nil {
		err = s.promote(repository, clusters)
	}
	return allClusters{clusters, warnings, note}, err
}

// promote moves clusters to the release that the session's promotion says, of each group that has it. It fails if no
// group has it, and if there are no clusters to move.
func (s *Session) promote(repository *hierarchy.Repository, clusters []cluster.Cluster) error {
	p := s.options.Promotion
	if p == (Promotion{}) {
		return nil
	}
	var labels, releases, current []string
	for _, group := range slices.Sorted(maps.Keys(s.fleet.Groups)) {
		found, err := release.Read(s.fleet, repository, group)
		if err != nil {
			return err
		}
		for _, r := range found.All {
			releases = append(releases, r.Type)
			if r.Type == p.To {
				labels = append(labels, wellknown.ReleaseLabel(group))
			}
		}
	}
	if len(labels) == 0 {
		return Incomplete("no group has the release %q; %s", p.To,
			problem.Suggest(p.To, releases, "see cmp releases"))
	}
	moved := false
	for i := range clusters {
		for _, label := range labels {
			if is := clusters[i].Labels[label]; is != p.From {
				current = append(current, is)
				continue
			}
			clusters[i] = clusters[i].WithMetadata(map[string]string{label: p.To}, nil)
			moved = true
		}
	}
	if !moved {
		return Incomplete("no cluster is on release %q of a group that has %q; %s", p.From, p.To,
			problem.Suggest(p.From, current, "see cmp releases"))
	}
	return nil
}

// ParseClusterSecrets returns the clusters that files with Argo CD cluster Secrets describe. It fails as
// [cluster.ParseSecrets] does.
func ParseClusterSecrets(files []File) ([]cluster.Cluster, error) {
	var clusters []cluster.Cluster
	for _, file := range files {
		found, err := cluster.ParseSecrets(file.Name, file.Data)
		if err != nil {
			return nil, err
		}
		clusters = append(clusters, found...)
	}
	return clusters, nil
}

// chooseArgoCD sets the version whose rules the later stages follow: the one asked for, that of fleet.yaml, the newest.
func (s *Session) chooseArgoCD(asked string) error {
	s.argoCD, s.argoCDWarning = s.fleet.ArgoCDVersion, s.fleet.VersionWarning()
	if asked != "" {
		v, warning, err := argocd.Parse(asked)
		if err != nil {
			return err
		}
		s.argoCD, s.argoCDWarning = v, nil
		if warning != "" {
			s.argoCDWarning = problem.New("", 0, "%s", warning).WithRule(problem.RuleUnknownVersion)
		}
	}
	if s.argoCD.IsZero() {
		s.argoCD = argocd.Newest()
	}
	return nil
}

// ArgoCD returns the version of Argo CD whose rules the stages after StageApplicationSets follow.
func (s *Session) ArgoCD() argocd.Version { return s.argoCD }

// ArgoCDWarning returns the finding about a version that is not known, so that another is followed; nil for none.
func (s *Session) ArgoCDWarning() *problem.Problem { return s.argoCDWarning }

// Files returns the files and directories that were read, also through links, or looked for so far, sorted, if the
// options have a note.
func (s *Session) Files() []string { return reads{s.tree, s.options.Note}.Files() }

// Repository returns the files of the tree; nil without one.
func (s *Session) Repository() *hierarchy.Repository { return s.repository }

// Fleet returns what fleet.yaml says.
func (s *Session) Fleet() *fleet.Fleet { return s.fleet }

// Clusters returns the clusters of the fleet, sorted by name, with the one of the request as the request describes it.
// The warnings are those of the files that were read. It fails for a cluster that is neither known nor described by
// labels.
func (s *Session) Clusters(r Request) ([]cluster.Cluster, []*problem.Problem, error) {
	clusters, warnings, err := s.job(r).clusters()
	for i, c := range clusters {
		clusters[i] = c.Clone()
	}
	return clusters, slices.Clone(warnings), err
}

// clusters returns what Clusters returns, with labels and annotations that are the session's.

func (r job) clusters() ([]cluster.Cluster, []*problem.Problem, error) {
	all, err := r.allClusters()
	if err != nil {
		return nil, nil, err
	}
	if r.Cluster == "" {
		return slices.Clone(all.clusters), all.warnings, nil
	}
	clusters, _, err := withCluster(all.clusters, r.Request)
	return clusters, all.warnings, err
}

// Lost returns the findings about members that are missing among the clusters of the fleet, as [directories.Lost] does.
// It is for who shows all clusters: what is not among them cannot be asked for. It fails as [Session.Clusters] does.
func (s *Session) Lost() ([]*problem.Problem, error) {
	all, err := s.allClusters(Request{})
	if err != nil {
		return nil, err
	}
	hubs := map[string]bool{}
	for _, c := range all.clusters {
		hubs[c.Hub] = true
	}
	return directories.Lost(s.fleet, s.repository, hubs)
}

// Findings returns what reading the fleet finds: what is wrong with its files, and which members are missing
// ([Session.Lost]). It is for commands that show what there is, and fails as [Session.Clusters] does.
func (s *Session) Findings() ([]*problem.Problem, error) {
	_, found, err := s.Clusters(Request{})
	if err != nil {
		return nil, err
	}
	if unknown := s.ArgoCDWarning(); unknown != nil {
		found = append(found, unknown)
	}
	lost, err := s.Lost()
	return append(found, lost...), err
}

// Identities returns the clusters of the fleet, sorted by name, with the sources of their labels and annotations. The
// warnings are those of the files that were read. It fails without a repository.
func (s *Session) Identities() ([]member.Identity, []*problem.Problem, error) {
	if s.repository == nil {
		return nil, nil, errNoRepository()
	}
	secrets, err := ParseClusterSecrets(s.options.ClusterSecrets)
	if err != nil {
		return nil, nil, err
	}
	return member.Identities(s.fleet, s.repository, secrets)
}

// Check returns what [member.Check] finds, and the clusters as [Session.Identities] does, unless there are errors. The
// members are read once. It fails without a repository.
func (s *Session) Check() ([]member.Member, []member.Identity, []*problem.Problem, []error) {
	if s.repository == nil {
		return nil, nil, nil, []error{errNoRepository()}
	}
	members, identities, warnings, errs := member.CheckClusters(s.fleet, s.repository)
	if len(errs) > 0 || len(s.options.ClusterSecrets) == 0 {
		return members, identities, warnings, errs
	}
	identities, more, err := s.Identities() // these have the Secrets, too
	if err != nil {
		return members, nil, warnings, []error{err}
	}
	return members, identities, append(warnings, more...), nil
}

// withCluster returns a copy of the clusters with the one of the request as the request describes it, and its index. It
// fails for one that nothing describes, and for credentials in what the request says.
func withCluster(known []cluster.Cluster, r Request) ([]cluster.Cluster, int, error) {
	given := cluster.Cluster{Name: r.Cluster, Labels: r.Labels, Annotations: r.Annotations}
	if err := given.CheckCredentials(); err != nil {
		return nil, 0, problem.New("", 0,
			"the cluster as it is asked for (--labels, --annotations, parameters of these names): %w", err)
	}
	clusters := slices.Clone(known)
	i, found := slices.BinarySearchFunc(clusters, r.Cluster,
		func(c cluster.Cluster, name string) int { return strings.Compare(c.Name, name) })
	if !found {
		if len(r.Labels) == 0 {
			return nil, 0, r.noCluster(clusters)
		}
		clusters = slices.Insert(clusters, i, cluster.Cluster{Name: r.Cluster})
	}
	clusters[i] = clusters[i].WithMetadata(r.Labels, r.Annotations)
	return clusters, i, nil
}
