package compare

import (
	"maps"
	"reflect"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// settings returns what Argo CD does with the objects of an Application, which the objects do not show: project,
// destination, how they are synced, and which revision of which repository they are of.
func settings(application render.Object, name string) render.Object {
	spec, _ := application["spec"].(render.Object)
	spec = maps.Clone(spec)
	sources, _ := spec["sources"].([]any)
	var revisions []any
	for _, item := range append(sources[:len(sources):len(sources)], spec["source"]) {
		source, _ := item.(render.Object)
		if source == nil || source["chart"] != nil {
			continue // of another version of a chart, the objects tell
		}
		revision := render.Object{"repoURL": source["repoURL"]}
		if of := source["targetRevision"]; of != nil {
			revision["targetRevision"] = of
		}
		revisions = append(revisions, revision)
	}
	delete(spec, "source")
	delete(spec, "sources")
	if len(revisions) > 0 {
		spec["sources"] = revisions
	}
	return reduced(application, name, spec)
}

// settingsOfSet returns what the ApplicationSet controller does with the Applications, which they do not show.
func settingsOfSet(set *stages.Set) render.Object {
	spec, _ := set.Object["spec"].(render.Object)
	spec = maps.Clone(spec)
	for _, key := range []string{"generators", "template", "templatePatch", "goTemplate", "goTemplateOptions",
		"applyNestedSelectors"} {
		delete(spec, key)
	}
	return reduced(set.Object, hierarchy.NameOf(set.Object), spec)
}

// reduced returns an object with another name and spec, and nothing else but its finalizers.
func reduced(object render.Object, name string, spec render.Object) render.Object {
	metadata := render.Object{"name": name}
	of, _ := object["metadata"].(render.Object)
	for _, key := range []string{"namespace", "finalizers"} {
		if of[key] != nil {
			metadata[key] = of[key]
		}
	}
	return render.Object{"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": metadata, "spec": spec}
}

// addSettings adds what Argo CD does with the objects to those of an Application, if that is another.
func (o *outcome) addSettings(b both) {
	if b[0] == nil || b[1] == nil {
		return
	}
	was, is := settings(b[0].Application.Object, o.app.Name), settings(b[1].Application.Object, o.app.Name)
	if !reflect.DeepEqual(was, is) {
		o.objects[0], o.objects[1] = append(o.objects[0], was), append(o.objects[1], is)
	}
}

// compareSettings compares what the controller does with the Applications of an ApplicationSet.
func (c *comparison) compareSettings(p *pair) {
	if p[0] == nil || p[1] == nil || c.options.Only || c.selected != nil && !c.selected[p[1].On.Cluster.Name] {
		return
	}
	was, is := settingsOfSet(p[0]), settingsOfSet(p[1])
	if !reflect.DeepEqual(was["spec"], is["spec"]) {
		c.add(describeSet(p), [2]objects{{was}, {is}}, c.causesOf(p, both{}), removal{})
	}
}
