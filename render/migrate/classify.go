package migrate

import (
	"bytes"
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
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
	before := neutral(m[0])
	after := withoutAdded(before, neutral(m[1]))
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
		return kindApplication + " " + text(t.set.by.object, "metadata", "name")
	case t.set != nil:
		return t.set.file
	case t.kind == kindApplication && t.app.of != nil:
		return kindApplicationSet + " " + text(t.app.of.object, "metadata", "name")
	case t.kind == kindApplication && t.app.by != nil:
		return kindApplication + " " + text(t.app.by.object, "metadata", "name")
	case t.kind == kindApplication:
		return ""
	}
	return kindApplication + " " + text(t.app.object, "metadata", "name")
}

// marks are the labels and annotations that only say which program made an ApplicationSet or an Application.
var marks = []string{"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/instance",
	wellknown.LabelManagedBy}

// neutral returns an object without what says which program made it, and without fields that have their defaults.
func neutral(t *thing) object {
	if t.kind != kindApplicationSet && t.kind != kindApplication {
		o := clone(t.object) // without its place, which the item says
		metadata := clone(at(o, "metadata"))
		delete(metadata, "namespace")
		delete(metadata, "name")
		o["metadata"] = metadata
		return o
	}
	o := unmarked(t.object)
	if t.kind == kindApplication {
		o = withPlainPaths(o)
	}
	spec := clone(at(o, "spec"))
	o["spec"] = spec
	if t.kind == kindApplicationSet {
		if applies, said := truth(o, "spec", "applyNestedSelectors"); said && !applies {
			delete(spec, "applyNestedSelectors")
		}
		spec["template"] = unmarked(at(spec, "template"))
	}
	metadata := clone(at(o, "metadata")) // of what is the same but for its place, which the item says
	delete(metadata, "namespace")
	delete(metadata, "name")
	if t.kind == kindApplicationSet {
		delete(metadata, "finalizers")
	}
	o["metadata"] = metadata
	return o
}

// added are the labels that cmp gives ApplicationSets and Applications, whatever the chart gives them.
var added = []string{"app.kubernetes.io/name", "cluster", "component", "environment"}

// withoutAdded returns an object without the labels that cmp adds, where it had none of the name before.
func withoutAdded(before, after object) object {
	after = clone(after)
	metadata := clone(at(after, "metadata"))
	labels := clone(at(metadata, "labels"))
	for _, label := range added {
		if at(before, "metadata", "labels")[label] == nil {
			delete(labels, label)
		}
	}
	if metadata["labels"] = labels; len(labels) == 0 {
		delete(metadata, "labels")
	}
	after["metadata"] = metadata
	if at(after, "spec", "template") != nil && at(before, "spec", "template") != nil {
		spec := clone(at(after, "spec"))
		spec["template"] = withoutAdded(at(before, "spec", "template"), at(spec, "template"))
		after["spec"] = spec
	}
	return after
}

// repeated matches slashes of a path that count as one.
var repeated = regexp.MustCompile(`//+`)

// withPlainPaths returns an Application with the paths of value files as Argo CD reads them.
func withPlainPaths(app object) object {
	var sources []object
	for _, source := range sourcesOf(app) {
		files, _ := at(source, "helm")["valueFiles"].([]any)
		if len(files) > 0 {
			files = slices.Clone(files)
			for i, file := range files {
				if name, is := file.(string); is && !strings.Contains(name, "://") {
					files[i] = repeated.ReplaceAllString(name, "/")
				}
			}
			helm := clone(at(source, "helm"))
			helm["valueFiles"] = files
			source = clone(source)
			source["helm"] = helm
		}
		sources = append(sources, source)
	}
	if _, one := at(app, "spec")["source"].(object); one || len(sources) == 0 {
		return app // with one source, value files lie beside the chart
	}
	return withSources(app, sources)
}

// unmarked returns an object, or a template of one, without the marks.
func unmarked(o object) object {
	o = clone(o)
	metadata := clone(at(o, "metadata"))
	o["metadata"] = metadata
	for _, kind := range []string{"labels", "annotations"} {
		texts := clone(at(metadata, kind))
		for _, mark := range marks {
			delete(texts, mark)
		}
		if metadata[kind] = texts; len(texts) == 0 {
			delete(metadata, kind)
		}
	}
	return o
}

// preserves tells whether the Applications of an ApplicationSet leave their objects behind when they are deleted.
func preserves(applicationSet object) bool {
	is, _ := truth(applicationSet, "spec", "syncPolicy", "preserveResourcesOnDeletion")
	finalizers, _ := at(applicationSet, "spec", "template", "metadata")["finalizers"].([]any)
	return is && len(finalizers) == 0
}

// cascades tells whether an Application takes its objects with it.
func cascades(app object) bool {
	finalizers, _ := at(app, "metadata")["finalizers"].([]any)
	return slices.ContainsFunc(finalizers, func(f any) bool {
		name, _ := f.(string)
		return strings.HasPrefix(name, wellknown.ResourcesFinalizer)
	})
}

// prunes tells whether an Application deletes what is gone from its sources by itself.
func prunes(app object) bool {
	prune, _ := truth(app, "spec", "syncPolicy", "automated", "prune")
	enabled, said := truth(app, "spec", "syncPolicy", "automated", "enabled")
	return prune && (enabled || !said)
}

// sortItems sorts items by part, kind and name.
func sortItems(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.Part, b.Part), strings.Compare(a.Kind, b.Kind),
			strings.Compare(a.Where, b.Where), strings.Compare(a.Namespace, b.Namespace),
			strings.Compare(a.Name, b.Name))
	})
}
