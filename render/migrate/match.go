package migrate

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// A thing is what is classified: an ApplicationSet, an Application or another object, as one side has it.
type thing struct {
	part      string // the group, or one of the parts below
	kind      string
	group     string // of its API
	where     string // the cluster whose Argo CD has it, or that it is in
	namespace string
	name      string
	likeness  string // what it is for, where its name is another
	object    object
	app       *app // that it is, or that it is of
	set       *set // that it is
	starts    bool // it starts groups, and is replaced as a whole
}

const argoGroup = "argoproj.io"

// Parts that are no groups.
const (
	PartBootstrap    = "bootstrap"    // what starts the groups, which is another thing with cmp
	PartRegistration = "registration" // the other objects of what starts the groups
)

// things returns what a side has, in a fixed order.
func (s *side) things() []*thing {
	var all []*thing
	for _, of := range s.sets {
		t := &thing{part: cmp.Or(of.group, PartBootstrap), kind: argo.KindApplicationSet, group: argoGroup,
			where: of.argoCD, namespace: cmp.Or(argo.Text(of.object, "metadata", "namespace"), defaultNamespace),
			name: hierarchy.NameOf(of.object), object: of.object, set: of, starts: of.group == "",
			likeness: argo.Text(of.object, "spec", "template", "metadata", "labels", "component")}
		all = append(all, t)
	}
	for _, a := range s.apps {
		t := &thing{part: PartBootstrap, kind: argo.KindApplication, group: argoGroup, where: a.argoCD,
			namespace: cmp.Or(argo.Text(a.object, "metadata", "namespace"), defaultNamespace),
			name:      hierarchy.NameOf(a.object), object: a.object, app: a, starts: !a.leaf}
		if a.leaf {
			t.part = a.group
			t.likeness = a.cluster + "/" + argo.Text(a.object, "metadata", "labels", "component")
		}
		all = append(all, t)
	}
	for _, m := range s.objects {
		all = append(all, thingOf(m))
	}
	slices.SortStableFunc(all, func(a, b *thing) int {
		return cmp.Or(strings.Compare(a.part, b.part), strings.Compare(a.kind, b.kind),
			strings.Compare(a.where, b.where), strings.Compare(a.namespace, b.namespace),
			strings.Compare(a.name, b.name))
	})
	return all
}

// thingOf returns an object of an Application. Without a namespace it is taken to be in that of the destination.
func thingOf(m *made) *thing {
	version, _ := m.object["apiVersion"].(string)
	parsed, _ := schema.ParseGroupVersion(version)
	kind, _ := m.object["kind"].(string)
	t := &thing{part: PartRegistration, kind: kind, group: parsed.Group, where: m.of.cluster, object: m.object,
		app: m.of, name: hierarchy.NameOf(m.object), namespace: cmp.Or(argo.Text(m.object, "metadata", "namespace"),
			argo.Text(m.of.object, "spec", "destination", "namespace"))}
	if m.of.leaf {
		t.part = m.of.group
	}
	if kind == "ExternalSecret" {
		t.likeness = argo.Text(m.object, "spec", "target", "name")
	}
	return t
}

// A match is a thing on both sides; nil where a side does not have it.
type match [2]*thing

// of returns the thing of the side that there is, if possible the one after.
func (m match) of() *thing {
	if m[1] != nil {
		return m[1]
	}
	return m[0]
}

// renamed tells whether the thing has another name, or is somewhere else.
func (m match) renamed() bool {
	return m[0] != nil && m[1] != nil && (m[0].name != m[1].name || m[0].namespace != m[1].namespace ||
		m[0].where != m[1].where)
}

// matched pairs what two sides have: first by kind, place and name, then, of what is alone, by namespace and by what it
// is for. Of what one side has twice, the last counts, as it does for Argo CD.
func matched(before, after []*thing) []match {
	keys := []func(t *thing) string{
		func(t *thing) string {
			return strings.Join([]string{t.group, t.kind, t.where, t.namespace, t.name}, "\x00")
		},
		func(t *thing) string { return strings.Join([]string{t.group, t.kind, t.where, t.name}, "\x00") },
		func(t *thing) string {
			if t.likeness == "" {
				return ""
			}
			return strings.Join([]string{t.group, t.kind, t.where, t.part, t.likeness}, "\x00")
		},
		func(t *thing) string { // at another Argo CD
			if t.likeness == "" || t.starts || t.kind != argo.KindApplication {
				return ""
			}
			return strings.Join([]string{t.kind, t.likeness}, "\x00")
		},
	}
	partner := map[*thing]*thing{}
	left := [2][]*thing{lastOnes(before, keys[0]), lastOnes(after, keys[0])}
	all := slices.Concat(left[0], left[1])
	for i, key := range keys {
		var index [2]map[string][]*thing
		for side := range left {
			index[side] = map[string][]*thing{}
			for _, t := range left[side] {
				if k := key(t); k != "" {
					index[side][k] = append(index[side][k], t)
				}
			}
		}
		for k, ones := range index[0] {
			others := index[1][k]
			if len(ones) == 1 && len(others) == 1 || i == 0 && len(others) > 0 {
				partner[ones[0]], partner[others[0]] = others[0], ones[0]
			}
		}
		for side := range left {
			left[side] = slices.DeleteFunc(left[side], func(t *thing) bool { return partner[t] != nil })
		}
	}
	isBefore := map[*thing]bool{}
	for _, t := range before {
		isBefore[t] = true
	}
	var matches []match
	for _, t := range all {
		switch {
		case isBefore[t]:
			matches = append(matches, match{t, partner[t]})
		case partner[t] == nil:
			matches = append(matches, match{nil, t})
		}
	}
	return matches
}

// lastOnes returns things without those that there is another of with the same key, further on.
func lastOnes(all []*thing, key func(*thing) string) []*thing {
	last := map[string]*thing{}
	for _, t := range all {
		last[key(t)] = t
	}
	return slices.DeleteFunc(slices.Clone(all), func(t *thing) bool { return last[key(t)] != t })
}
