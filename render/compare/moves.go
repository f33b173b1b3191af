package compare

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// loners are Applications that an ApplicationSet has on one side only. Another ApplicationSet can have them on the
// other side, as after a promotion to another release, or when a cluster gets an Argo CD of its own.
type loners struct {
	all  []loner
	of   map[*pair]int // its place among the pairs
	same map[placeKey][2]int
}

// A loner is an Application without its objects, of which there can be many.
type loner struct {
	pair *pair
	side int
	name string
	placeKey
}

// A placeKey is what an Application is for.
type placeKey struct{ cluster, group, component string }

func (l *loners) add(p *pair, b both) {
	if l.of == nil {
		l.of, l.same = map[*pair]int{}, map[placeKey][2]int{}
	}
	if _, known := l.of[p]; !known {
		l.of[p] = len(l.of)
	}
	side, of := 0, b.of()
	if b[0] == nil {
		side = 1
	}
	key := placeKey{of.Application.Cluster, of.Group, of.Component.Key}
	counts := l.same[key]
	counts[side]++
	l.same[key] = counts
	l.all = append(l.all, loner{p, side, of.Application.Name(), key})
}

// A meeting is an ApplicationSet of each side; nil where what is alone there has no match.
type meeting [2]*pair

// meetings returns the loners by the ApplicationSets that have them on either side: those that are the only ones of a
// component for a cluster on both sides belong together.
func (l *loners) meetings() (order []meeting, members map[meeting][]loner) {
	at := map[placeKey]meeting{}
	for _, one := range l.all {
		if l.matched(one) {
			m := at[one.placeKey]
			m[one.side] = one.pair
			at[one.placeKey] = m
		}
	}
	members = map[meeting][]loner{}
	for _, one := range l.all {
		var m meeting
		m[one.side] = one.pair
		if l.matched(one) {
			m = at[one.placeKey]
		}
		if members[m] == nil {
			order = append(order, m)
		}
		members[m] = append(members[m], one)
	}
	slices.SortStableFunc(order, func(a, b meeting) int {
		return cmp.Compare(l.first(a), l.first(b))
	})
	return order, members
}

// first returns the place of the first ApplicationSet of a meeting.
func (l *loners) first(m meeting) int {
	first := len(l.of)
	for _, p := range m {
		if p != nil {
			first = min(first, l.of[p])
		}
	}
	return first
}

func (l *loners) matched(one loner) bool {
	return one.cluster != "" && l.same[one.placeKey] == [2]int{1, 1}
}

// compareLoners compares the Applications that were alone in their ApplicationSets, each with the one that comes in its
// place, if there is one. Their ApplicationSets are expanded again, so that none had to be kept.
func (c *comparison) compareLoners(ctx context.Context) error {
	order, members := c.loners.meetings()
	for _, m := range order {
		p, wanted := &pair{}, map[string]bool{}
		names := [2]map[string]bool{{}, {}}
		for _, one := range members[m] {
			names[one.side][one.name] = true
			wanted[one.cluster] = true
		}
		for side, of := range m {
			if of != nil {
				p[side] = of[side]
			}
		}
		if wanted[""] {
			wanted = nil
		}
		expanded, err := p.expand(ctx, wanted)
		if err != nil {
			return err
		}
		var found [2][]stages.Visited
		for side := range expanded {
			found[side] = slices.DeleteFunc(expanded[side].Applications, func(v stages.Visited) bool {
				return !names[side][v.Application.Name()]
			})
		}
		if err := c.compareAll(ctx, p, meet(found)); err != nil {
			return err
		}
	}
	return nil
}

// meet pairs the Applications of two ApplicationSets that are for the same cluster.
func meet(found [2][]stages.Visited) []both {
	if len(found[0]) == 0 || len(found[1]) == 0 {
		return match(found[0], found[1])
	}
	index := map[string]*both{}
	for side := range found {
		for i := range found[side] {
			v := &found[side][i]
			if index[v.Application.Cluster] == nil {
				index[v.Application.Cluster] = &both{}
			}
			index[v.Application.Cluster][side] = v
		}
	}
	all := make([]both, 0, len(index))
	for _, b := range index {
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b both) int {
		return strings.Compare(a.of().Application.Cluster, b.of().Application.Cluster)
	})
	return all
}
