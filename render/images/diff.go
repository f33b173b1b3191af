package images

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Difference is what differs between the images of two renders.
type Difference struct {
	Before   string          `json:"before"` // what the side is called
	After    string          `json:"after"`
	Clusters []ClusterChange `json:"clusters"` // those whose images differ, sorted by name
	Failures render.Failures `json:"-"`        // why not everything could be compared
	Notes    []string        `json:"-"`        // what is odd about images of the side after

	// Findings are what was found in the fleet of the side after, as [Inventory] has them.
	Findings []*problem.Problem `json:"-"`

	// Identities call several clusters by what they have in common.
	Identities identity.Identities `json:"-"`
}

// A ClusterChange is what differs in a cluster.
type ClusterChange struct {
	Cluster string   `json:"name"`
	Added   []Change `json:"added"`
	Removed []Change `json:"removed"`
	Changed []Change `json:"changed"`
}

// A Change is an image that a cluster begins to run, no longer runs, or runs in the place of another.
type Change struct {
	Before string `json:"before,omitempty"` // the reference; "" for an image that is added
	After  string `json:"after,omitempty"`  // the reference; "" for an image that is removed
	// Invalid says why After, or else Before, is no reference, as that of an [Image].
	Invalid string `json:"invalid,omitempty"`
	Uses    []Use  `json:"objects"` // of the side after, or else of the one before
}

// A Side is one of two renders.
type Side struct {
	Name    string // what it is called: a revision, a directory
	Session *stages.Session
	Options Options // whose filter is the one of the side after
}

// Compare returns what differs between the images of two renders. What could not be rendered on one of the two sides is
// compared on neither. It fails as [Of] does, for a filter that names what neither side has.
func Compare(ctx context.Context, before, after Side) (*Difference, error) {
	var inventories [2]*Inventory
	var known [2]names
	d := &Difference{Before: before.Name, After: after.Name}
	for i, side := range []Side{before, after} {
		o := side.Options
		o.Filter = after.Options.Filter
		if progress := o.Output.Progress; progress != nil {
			o.Output.Progress = func(done, total int) { progress(i*total+done, 2*total) }
		}
		var err error
		if inventories[i], known[i], err = of(ctx, side.Session, o); err != nil {
			return nil, fmt.Errorf("%s: %w", side.Name, err)
		}
	}
	if err := after.Options.Filter.check(known[0], known[1]); err != nil {
		return nil, err
	}
	said := map[string]bool{}
	for i, side := range []Side{before, after} {
		for _, err := range inventories[i].Failures {
			if !said[err.Error()] { // else it is so on both sides
				said[err.Error()] = true
				d.Failures = append(d.Failures, fmt.Errorf("%s: %w", side.Name, err))
			}
		}
	}
	d.Notes, d.Identities = inventories[1].Notes, inventories[1].Identities
	d.Findings = inventories[1].Findings
	d.Clusters = compareInventories(inventories[0], inventories[1])
	return d, nil
}

// compareInventories compares the clusters of two inventories.
func compareInventories(before, after *Inventory) []ClusterChange {
	byName := map[string]*[2]Cluster{}
	for side, inventory := range []*Inventory{before, after} {
		for _, c := range inventory.Clusters {
			if byName[c.Name] == nil {
				byName[c.Name] = &[2]Cluster{}
			}
			byName[c.Name][side] = c
		}
	}
	changes := []ClusterChange{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		both := byName[name]
		change := compareClusters(usesOf(both[0], after.unknown), usesOf(both[1], before.unknown))
		change.Cluster = name
		if len(change.Added)+len(change.Removed)+len(change.Changed) > 0 {
			changes = append(changes, change)
		}
	}
	return changes
}

// A place is what a use is known by on both sides: the version of its API does not count.
type place struct{ argoCD, application, kind, namespace, name, field, container string }

// placed are the images of a cluster by where they are used, and where they are used by image.
type placed struct {
	images map[place]used
	uses   map[string][]Use
}

// used is an image at a place.
type used struct {
	image string
	use   Use
}

// usesOf returns the images of a cluster, without those of Applications that the other side could not render.
func usesOf(c Cluster, otherwise unknown) placed {
	p := placed{images: map[place]used{}, uses: map[string][]Use{}}
	for _, image := range c.Images {
		for _, use := range image.Uses {
			if otherwise.has(use) {
				continue
			}
			at := place{use.ArgoCD, use.Application, use.Kind, use.Namespace, use.Name, use.Field, use.Container}
			p.images[at] = used{image.Reference, use}
			p.uses[image.Reference] = append(p.uses[image.Reference], use)
		}
	}
	return p
}

// compareClusters compares the images of a cluster. Of an image that comes and one that goes in the same container, or
// else from the same repository, the one takes the place of the other.
func compareClusters(before, after placed) ClusterChange {
	change := ClusterChange{Added: []Change{}, Removed: []Change{}, Changed: []Change{}}
	gone, come := without(before, after), without(after, before)
	replaced := map[[2]string][]Use{}
	for at, was := range before.images {
		is, both := after.images[at]
		if both && is.image != was.image && (gone[was.image] || come[is.image]) {
			pair := [2]string{was.image, is.image}
			replaced[pair] = append(replaced[pair], is.use)
		}
	}
	paired := map[string]bool{}
	for pair := range replaced {
		paired[pair[0]], paired[pair[1]] = true, true
	}
	for pair := range sameRepository(gone, come, paired) {
		replaced[pair] = after.uses[pair[1]]
		paired[pair[0]], paired[pair[1]] = true, true
	}
	for pair, uses := range replaced {
		slices.SortFunc(uses, compareUses)
		change.Changed = append(change.Changed, changeOf(pair[0], pair[1], uses))
	}
	for image := range come {
		if !paired[image] {
			change.Added = append(change.Added, changeOf("", image, after.uses[image]))
		}
	}
	for image := range gone {
		if !paired[image] {
			change.Removed = append(change.Removed, changeOf(image, "", before.uses[image]))
		}
	}
	for _, list := range [][]Change{change.Added, change.Removed, change.Changed} {
		slices.SortFunc(list, func(a, b Change) int {
			return strings.Compare(a.Before+"\x00"+a.After, b.Before+"\x00"+b.After)
		})
	}
	return change
}

// changeOf returns a change from an image to another; "" where there is none.
func changeOf(before, after string, uses []Use) Change {
	return Change{Before: before, After: after, Invalid: imageOf(cmp.Or(after, before)).Invalid, Uses: uses}
}

// without returns the images that one side has and the other has not.
func without(one, other placed) map[string]bool {
	found := map[string]bool{}
	for image := range one.uses {
		if _, both := other.uses[image]; !both {
			found[image] = true
		}
	}
	return found
}

// sameRepository pairs images that are the only ones of their repository which go, and which come.
func sameRepository(gone, come, paired map[string]bool) map[[2]string]bool {
	byRepository := map[string]*[2][]string{}
	for side, images := range []map[string]bool{gone, come} {
		for image := range images {
			parts, is := PartsOf(image)
			if !is || paired[image] {
				continue
			}
			if byRepository[parts.Repository] == nil {
				byRepository[parts.Repository] = &[2][]string{}
			}
			byRepository[parts.Repository][side] = append(byRepository[parts.Repository][side], image)
		}
	}
	pairs := map[[2]string]bool{}
	for _, both := range byRepository {
		if len(both[0]) == 1 && len(both[1]) == 1 {
			pairs[[2]string{both[0][0], both[1][0]}] = true
		}
	}
	return pairs
}
