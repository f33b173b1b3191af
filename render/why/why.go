// Package why says why a cluster has a component, or has not: which key, label, release and selector decides that,
// where each of them is written, and which change would turn it. That change is tried before it is told.
package why

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Question names a component and a cluster.
type Question struct {
	Component string
	Cluster   string
	Group     string // "" for the one that has the component
	AppPath   string // where it was asked, from the root of the repository
}

// A Fleet is where the answer is looked for.
type Fleet struct {
	Tree    fs.FS
	Session *stages.Session // on the tree
	// Open opens such a session on another tree.
	Open   func(tree fs.FS) (*stages.Session, error)
	Output render.Output // its limits count, and what it tells of the work
}

// An Answer says whether a cluster has a component, and why.
type Answer struct {
	Component string  `json:"component"`
	Cluster   string  `json:"cluster"`
	Group     string  `json:"group"`
	There     bool    `json:"there"`
	Places    []Place `json:"places"` // the installations of Argo CD that could deploy it there
	Facts     []Fact  `json:"facts"`  // that are the same in all places
	Turn      Turn    `json:"turn"`
}

// A Place is an installation of Argo CD that deploys the group to the cluster.
type Place struct {
	ArgoCD         string   `json:"argoCD"` // the name of the cluster that it runs on
	Own            bool     `json:"own"`    // it is the cluster's own, and not that of its hub
	There          bool     `json:"there"`
	Application    string   `json:"application,omitempty"`
	ApplicationSet string   `json:"applicationSet,omitempty"`
	Release        string   `json:"release,omitempty"`
	Version        string   `json:"version,omitempty"`
	Facts          []Fact   `json:"facts"`
	Failures       []string `json:"failures,omitempty"` // why an Application that is meant to be there is not

	details details
}

// A State says what a fact does to the component.
type State string

// The states.
const (
	For     State = "for"     // it is needed, and so
	Against State = "against" // it keeps the component away
	Note    State = "note"    // it says something about the component that is there
)

// The kinds of facts.
const (
	KindArgoCD       = "argocd"
	KindGroup        = "group"
	KindEnabled      = "enabled"
	KindRelease      = "release"
	KindUseSelectors = "useSelectors"
	KindRequirement  = "requirement"
	KindVersion      = "version"
	KindHandover     = "handover"
)

// A Fact is one thing that decides, or is decided.
type Fact struct {
	State  State  `json:"state"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Origin Origin `json:"origin,omitzero"` // where it is written
	// Of a requirement: the label, its value, and where that is set.
	Label string `json:"label,omitempty"`
	Value string `json:"value,omitempty"`
	SetAt Origin `json:"setAt,omitzero"`
}

// An Origin is a place in a file, with the level or other source that has it.
type Origin struct {
	Source string `json:"source,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
}

// String returns FILE:LINE.
func (o Origin) String() string { return problem.Place(o.File, o.Line) }

// A Turn is what would turn the answer: every step is needed.
type Turn struct {
	Steps  []Step `json:"steps,omitempty"`
	Proven bool   `json:"proven"`           // the steps were tried, and turn it
	Result string `json:"result,omitempty"` // what the steps lead to
}

// A Step is one change of a file.
type Step struct {
	Text string `json:"text"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // 0 for a new file
}

// The causes where a question is not one that has an answer.
var (
	ErrUnknown = errors.New("there is no")
	ErrSeveral = errors.New("several groups have the component")
)

// Ask answers a question. It fails with [ErrUnknown] for a component, a cluster or a group that the fleet does not
// have, and with [ErrSeveral] for a component of several groups where the question names none. It also fails where the
// fleet cannot be read.
func Ask(ctx context.Context, f Fleet, q Question) (*Answer, error) {
	s, err := f.look(ctx, f.Session, q)
	if err != nil {
		return nil, err
	}
	q.Group = s.answer.Group
	if s.answer.Turn, err = f.turn(ctx, s, q); err != nil {
		return nil, err
	}
	return &s.answer, nil
}

// request returns the request for the Applications of a group on the cluster.
func (q Question) request(group string) render.Request {
	return render.Request{Stage: render.StageApplications, Group: group, Cluster: q.Cluster, AppPath: q.AppPath,
		Anywhere: true, AllowEmpty: true, AllFindings: true, Unjudged: true}
}

// identity returns the cluster of the question.
func (q Question) identity(session *stages.Session) (member.Identity, error) {
	identities, _, err := session.Identities()
	if err != nil {
		return member.Identity{}, err
	}
	names := make([]string, len(identities))
	for i, identity := range identities {
		if names[i] = identity.Name; identity.Name == q.Cluster {
			return identity, nil
		}
	}
	return member.Identity{}, unknown("cluster", q.Cluster, names, "the clusters are ")
}

func unknown(what, name string, names []string, all string) error {
	return problem.New("", 0, "%w %s %q in the fleet", ErrUnknown, what, name).
		WithHint("%s", problem.Suggest(name, names, all+cmp.Or(problem.Few(names), "none")))
}

// groups returns the groups to look in, and sets the app path to that of all of them.
func (q *Question) groups(session *stages.Session) ([]string, error) {
	var names []string
	names, q.AppPath = session.Fleet().AllGroups(path.Clean("./" + q.AppPath))
	switch {
	case q.Group == "":
		return names, nil
	case !slices.Contains(names, q.Group):
		return nil, unknown("group", q.Group, names, "the groups are ")
	}
	return []string{q.Group}, nil
}

// choose returns the group that has the component: that of the question, or else the only one.
func (q Question) choose(session *stages.Session, found []*described) (*described, error) {
	var with []*described
	var names, components []string
	var failed error
	for _, d := range found {
		if d.err != nil && failed == nil {
			failed = d.err
		}
		if d.has {
			with = append(with, d)
			names = append(names, d.group)
		}
		components = append(components, d.components...)
	}
	switch {
	case len(with) == 1:
		return with[0], nil
	case len(with) > 1:
		return nil, problem.New("", 0, "%w %q: %s", ErrSeveral, q.Component, strings.Join(names, ", ")).
			WithHint("give one of them (--group)")
	}
	if failed != nil { // it may be there: what cannot be read lacks nothing for sure
		return nil, failed
	}
	if group := q.elsewhere(session); group != "" {
		return nil, problem.New("", 0, "%w component %q in group %s", ErrUnknown, q.Component, q.Group).
			WithHint("give --group %s", group)
	}
	if d := q.unlisted(session, found); d != nil {
		return d, nil
	}
	slices.Sort(components)
	components = slices.Compact(components)
	if q.Group != "" {
		return nil, unknown("component", q.Component, components, "the components of group "+q.Group+" are ")
	}
	return nil, unknown("component", q.Component, components, "the components are ")
}

// elsewhere returns another group that has the component, where the question names one that has not; "" if none has.
func (q Question) elsewhere(session *stages.Session) string {
	if q.Group == "" {
		return ""
	}
	named := q.Group
	q.Group = ""
	names, err := q.groups(session)
	if err != nil {
		return ""
	}
	for _, name := range names {
		if name != named && q.describe(session, name).has {
			return name
		}
	}
	return ""
}
