package migrate

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// A Class says what the switch does to something.
type Class string

// What the switch does.
const (
	Same    Class = "same"
	Changed Class = "changed"
	Renamed Class = "renamed" // or moved: to another namespace, or another Argo CD
	Gone    Class = "gone"
	New     Class = "new"
)

// Classes are all classes.
var Classes = []Class{Same, Changed, Renamed, Gone, New}

// An Item is what the switch does to an ApplicationSet, an Application or another object.
type Item struct {
	Class     Class    `json:"class"`
	Part      string   `json:"part"` // the group, or one of the parts that are no groups
	Kind      string   `json:"kind"`
	Where     string   `json:"cluster"` // that it is in
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Was       string   `json:"was,omitempty"`  // CLUSTER/NAMESPACE/NAME, where that is another
	By        string   `json:"by,omitempty"`   // what makes it, if possible after the switch
	Diff      string   `json:"diff,omitempty"` // unified, of the YAML
	Dangers   []string `json:"dangers,omitempty"`
	// SameApplications says of an ApplicationSet that differs that the same Applications are made for the clusters that
	// there are, if it is gone or new, none: what differs is which others it would select, or how. Of an ExternalSecret
	// that makes a cluster Secret, it says that nothing is lost, and that the cluster gets the same Applications.
	SameApplications bool `json:"sameApplications,omitempty"`
}

// differs tells whether something is not as it was: what starts the groups never is, and does not count.
func (i Item) differs() bool {
	return i.Class != Same && !i.SameApplications && i.Part != PartBootstrap
}

// classify says what becomes of a thing.
func classify(m match, f fates) (Item, error) {
	of := m.of()
	item := Item{Part: of.part, Kind: of.kind, Where: of.where, Namespace: of.namespace, Name: of.name, By: makerOf(of)}
	switch {
	case m[0] == nil:
		item.Class = New
		return item, nil
	case m[1] == nil:
		item.Class, item.Dangers = Gone, []string{f.of(m).text}
		return item, nil
	case m.renamed():
		item.Class, item.Was, item.Dangers = Renamed, m[0].path(), []string{f.of(m).text}
	}
	if danger := replacement(m); danger != "" {
		item.Dangers = append(item.Dangers, danger)
	}
	before := argo.Neutral(m[0].kind, m[0].object)
	after := argo.WithoutAdded(before, argo.Neutral(m[1].kind, m[1].object))
	both := mask.Object(before, after)
	if of.kind == "Secret" && of.group == "" {
		both = mask.Secret(before, after)
	}
	if before, after = both[0], both[1]; reflect.DeepEqual(before, after) {
		if item.Class == "" {
			item.Class = Same
		}
		return item, nil
	}
	if item.Class == "" {
		item.Class = Changed
	}
	var texts [2][]byte
	for i, o := range []object{before, after} {
		var err error
		if texts[i], err = render.EncodeValue(o, "yaml"); err != nil {
			return item, err
		}
	}
	if bytes.Equal(texts[0], texts[1]) { // a number that is written in two ways
		if item.Class == Changed {
			item.Class = Same
		}
		return item, nil
	}
	text := string(diff.Diff("before", texts[0], "after", texts[1]))
	if at := strings.Index(text, "@@"); at >= 0 {
		item.Diff = text[at:]
	}
	return item, nil
}

func (t *thing) path() string { return t.where + "/" + t.namespace + "/" + t.name }

// makerOf returns what makes a thing.
func makerOf(t *thing) string {
	switch {
	case t.set != nil && t.set.by != nil:
		return argo.KindApplication + " " + argo.Text(t.set.by.object, "metadata", "name")
	case t.set != nil:
		return t.set.file
	case t.kind == argo.KindApplication && t.app.of != nil:
		return argo.KindApplicationSet + " " + argo.Text(t.app.of.object, "metadata", "name")
	case t.kind == argo.KindApplication && t.app.by != nil:
		return argo.KindApplication + " " + argo.Text(t.app.by.object, "metadata", "name")
	case t.kind == argo.KindApplication:
		return ""
	}
	return argo.KindApplication + " " + argo.Text(t.app.object, "metadata", "name")
}

// sortItems sorts items by part, kind and name.
func sortItems(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.Part, b.Part), strings.Compare(a.Kind, b.Kind),
			strings.Compare(a.Where, b.Where), strings.Compare(a.Namespace, b.Namespace),
			strings.Compare(a.Name, b.Name))
	})
}
