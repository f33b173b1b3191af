package compare

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
)

// A grouper makes one change of those that are the same in several clusters.
type grouper struct {
	identities identity.Identities
	byText     map[[sha256.Size]byte]*grouped
	order      []*grouped
	unchanged  map[string]map[string]bool // clusters of Applications in which nothing changes, by component
	selected   map[string]map[string]bool // clusters that generators select on either side, by component
}

// grouped is a change, with what it is in its first cluster alone.
type grouped struct {
	Change
	alone   Change
	causes  map[Cause]bool
	text    [sha256.Size]byte // of the change in its first cluster
	key     [sha256.Size]byte // of the change
	uniform bool              // it is the same text in each cluster
	literal bool              // it is of that text only: what is a cluster's own is not replaced
}

func newGrouper(ids identity.Identities) grouper {
	return grouper{identities: ids, byText: map[[sha256.Size]byte]*grouped{}, unchanged: map[string]map[string]bool{},
		selected: map[string]map[string]bool{}}
}

// An objectKey is what an object is known by: the version of its API does not count.
type objectKey struct{ group, kind, namespace, name string }

func keyOf(object render.Object) objectKey {
	version, _ := object["apiVersion"].(string)
	parsed, _ := schema.ParseGroupVersion(version)
	kind, _ := object["kind"].(string)
	return objectKey{parsed.Group, kind, namespaceOf(object), hierarchy.NameOf(object)}
}

func namespaceOf(object render.Object) string {
	metadata, _ := object["metadata"].(render.Object)
	namespace, _ := metadata["namespace"].(string)
	return namespace
}

// index returns objects by their keys. Where several have the same, the last counts, as it does for Argo CD.
func index(all objects) map[objectKey]render.Object {
	byKey := make(map[objectKey]render.Object, len(all))
	for _, object := range all {
		byKey[keyOf(object)] = object
	}
	return byKey
}

// Count returns how many objects of an Application are on one side only, and how many differ. An object is the same one
// if its group, kind, namespace and name are: another version of its API is a difference.
func Count(before, after []render.Object) (added, removed, changed int) {
	old, current := index(before), index(after)
	for key, object := range current {
		was, is := old[key]
		switch {
		case !is:
			added++
		case !reflect.DeepEqual(was, object):
			changed++
		}
	}
	return added, len(old) + added - len(current), changed
}

// add compares the objects of an Application on both sides.
func (g *grouper) add(app Application, all [2]objects, causes []Cause, gone removal) error {
	before, after := index(all[0]), index(all[1])
	renamed, successors := renamed(before, after), successors(before, after)
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b objectKey) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.namespace, b.namespace),
			strings.Compare(a.name, b.name), strings.Compare(a.group, b.group))
	})
	component := app.Group + "/" + app.Component
	changed := false
	for _, key := range keys {
		change := objectChange{key, before[key], after[key], gone, successors[key]}
		change.removal.happens = gone.happens && !renamed[key]
		is, err := g.addObject(app, change, causes)
		if err != nil {
			return err
		}
		changed = changed || is
	}
	if !changed {
		mark(g.unchanged, component, app.Cluster)
	}
	return nil
}

func mark(sets map[string]map[string]bool, key, name string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][name] = true
}

// renamed returns the objects of Kustomize's generators that only have another hash in their names.
func renamed(before, after map[objectKey]render.Object) map[objectKey]bool {
	of := func(key objectKey, object render.Object) objectKey {
		if key.group == "" && (key.kind == "ConfigMap" || key.kind == "Secret") {
			key.name = nameWithoutHash(object)
			return key
		}
		return objectKey{}
	}
	now := map[objectKey]bool{}
	for key, object := range after {
		now[of(key, object)] = true
	}
	found := map[objectKey]bool{}
	for key, object := range before {
		if short := of(key, object); short.name != "" && now[short] {
			found[key] = true
		}
	}
	return found
}

// successors returns what seems to come in the place of objects that are gone: the same in another namespace, or the
// only other that is new, where there is one of a kind.
func successors(before, after map[objectKey]render.Object) map[objectKey]objectKey {
	type kind struct{ group, kind string }
	var alone [2]map[kind][]objectKey
	for side, objects := range []map[objectKey]render.Object{before, after} {
		alone[side] = map[kind][]objectKey{}
		other := []map[objectKey]render.Object{after, before}[side]
		for key := range objects {
			if _, both := other[key]; !both {
				alone[side][kind{key.group, key.kind}] = append(alone[side][kind{key.group, key.kind}], key)
			}
		}
	}
	found := map[objectKey]objectKey{}
	for of, gone := range alone[0] {
		added := alone[1][of]
		for _, key := range gone {
			at := slices.IndexFunc(added, func(to objectKey) bool { return to.name == key.name })
			switch {
			case at >= 0:
				found[key] = added[at]
			case len(gone) == 1 && len(added) == 1:
				found[key] = added[0]
			}
		}
	}
	return found
}

// An objectChange is an object on both sides; nil where a side does not have it.
type objectChange struct {
	key           objectKey
	before, after render.Object
	removal       removal   // where it is gone
	successor     objectKey // what seems to come in the place of what is gone
}

// addObject compares an object on both sides.
func (g *grouper) addObject(app Application, o objectChange, causes []Cause) (changed bool, err error) {
	key, before, after := o.key, o.before, o.after
	if reflect.DeepEqual(before, after) {
		return false, nil
	}
	shown := mask.Object(before, after)
	if key.kind == "Secret" && key.group == "" {
		shown = mask.Secret(before, after)
	}
	var texts [2][]byte
	for i, object := range shown {
		if object == nil {
			continue
		}
		if texts[i], err = render.EncodeValue(object, "yaml"); err != nil {
			return false, err
		}
	}
	if bytes.Equal(texts[0], texts[1]) {
		return false, nil
	}
	of := after
	if of == nil {
		of = before
	}
	change := Change{Sides: sidesOf(before != nil, after != nil), Group: app.Group, Component: app.Component,
		Kind: key.kind, Namespace: key.namespace, Name: key.name, Dangers: dangersOf(o)}
	change.APIVersion, _ = of["apiVersion"].(string)
	if change.Sides == Changed {
		change.Diff = hunks(texts[0], texts[1])
	} else {
		change.Object = string(texts[0]) + string(texts[1])
	}
	g.merge(app, change, causes)
	return true, nil
}

// hunks returns the hunks of a unified diff.
func hunks(before, after []byte) string {
	text := string(diff.Diff("before", before, "after", after))
	if at := strings.Index(text, "@@"); at >= 0 {
		return text[at:]
	}
	return ""
}

// merge adds a change of a cluster to the one that is the same in others.
func (g *grouper) merge(app Application, change Change, causes []Cause) {
	common := g.commonOf(change, app.Cluster)
	text, key := keyOfChange(change), keyOfChange(common)
	found := g.byText[key]
	if found == nil || found.literal && found.text != text {
		if found = g.byText[text]; found != nil && (!found.uniform || found.text != text) {
			found = nil
		}
	}
	switch {
	case found == nil:
		found = &grouped{Change: common, alone: change, causes: map[Cause]bool{}, text: text, key: key,
			uniform: true}
		g.order = append(g.order, found)
		g.byText[text], g.byText[key] = found, found
	case found.text != text:
		found.uniform = false
	case found.key != key:
		found.literal = true // a value is a cluster's own by chance
	}
	for _, cause := range causes {
		found.causes[cause] = true
	}
	found.Objects = append(found.Objects,
		Object{Cluster: app.Cluster, Application: app.Name, Namespace: change.Namespace, Name: change.Name})
}

// commonOf returns a change with what is a cluster's own replaced by the templates that give it.
func (g *grouper) commonOf(change Change, cluster string) Change {
	for _, text := range []*string{&change.Namespace, &change.Name, &change.Diff, &change.Object} {
		*text = g.identities.Common(*text, cluster)
	}
	change.Dangers = slices.Clone(change.Dangers)
	for i := range change.Dangers {
		change.Dangers[i].Message = g.identities.Common(change.Dangers[i].Message, cluster)
	}
	return change
}

// keyOfChange returns what is the same for the same change. Its dangers depend on more than what is shown, as on
// whether the Application prunes.
func keyOfChange(c Change) [sha256.Size]byte {
	parts := []string{string(c.Sides), c.Group, c.Component, c.APIVersion, c.Kind, c.Namespace, c.Name, c.Diff,
		c.Object}
	for _, danger := range c.Dangers {
		parts = append(parts, danger.Kind, danger.Message)
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q", parts))
}

// changes returns what there is, the dangerous first.
func (g *grouper) changes() []Change {
	all := make([]Change, 0, len(g.order))
	for _, found := range g.order {
		change := found.Change
		if found.uniform {
			objects := change.Objects
			change = found.alone
			change.Objects = objects
		}
		for _, line := range strings.Split(change.Diff, "\n") {
			switch {
			case strings.HasPrefix(line, "+"):
				change.Added++
			case strings.HasPrefix(line, "-"):
				change.Deleted++
			}
		}
		switch change.Sides {
		case Added:
			change.Added = strings.Count(change.Object, "\n")
		case Removed:
			change.Deleted = strings.Count(change.Object, "\n")
		case Changed:
		}
		for _, object := range change.Objects {
			change.Clusters.Names = append(change.Clusters.Names, object.Cluster)
		}
		slices.Sort(change.Clusters.Names)
		change.Clusters.Names = slices.Compact(change.Clusters.Names)
		change.Clusters.Of = max(len(g.selected[change.Group+"/"+change.Component]), len(change.Clusters.Names))
		change.Clusters.Selector = g.identities.Selector(change.Clusters.Names)
		const few = 5
		without := slices.Sorted(maps.Keys(g.unchanged[change.Group+"/"+change.Component]))
		if len(without) <= few {
			change.Clusters.Without = without
		}
		change.Causes = slices.SortedFunc(maps.Keys(found.causes), func(a, b Cause) int {
			return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
		})
		all = append(all, change)
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(min(len(b.Dangers), 1), min(len(a.Dangers), 1)), strings.Compare(a.Group, b.Group),
			strings.Compare(a.Component, b.Component), strings.Compare(a.Kind, b.Kind),
			strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name),
			cmp.Compare(len(b.Clusters.Names), len(a.Clusters.Names)),
			strings.Compare(a.Clusters.Names[0], b.Clusters.Names[0]))
	})
	return all
}
