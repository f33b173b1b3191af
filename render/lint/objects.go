package lint

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/conformance"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// seeObjects looks at what an Application consists of.
func (l *linter) seeObjects(of stages.Visited, found stages.Objects) {
	l.report.Checked.Objects += len(found.Objects)
	on := l.conforming(of.Application.Cluster, found.Kubernetes)
	cluster := l.checker.Cluster(found.Kubernetes, nil)
	for i, object := range found.Objects {
		o := writtenObject{of, object, i, found.Origins}
		if !schema.BuiltIn(groupOf(object)) {
			on.custom = append(on.custom, o)
			continue
		}
		kind, _ := object["kind"].(string)
		l.checkObjectOwner(of, object, !kubernetes.IsClusterScoped(groupOf(object), kind))
		if object["kind"] == "CustomResourceDefinition" {
			on.definitions = append(on.definitions, l.shared(object))
		}
		l.addConformance(cluster, o)
	}
	l.dead.SeeObjects(l.ctx, of, found)
}

// A conforming cluster is one whose custom resources are judged once all definitions of the cluster are known.
type conforming struct {
	kubernetes  string
	definitions []map[string]any
	custom      []writtenObject
}

// A writtenObject is an object of an Application, and what finds out where it is written.
type writtenObject struct {
	of      stages.Visited
	object  render.Object
	index   int // among those of the Application
	origins func(context.Context) []string
}

func (l *linter) conforming(cluster, kubernetes string) *conforming {
	on := l.conformings[cluster]
	if on == nil {
		on = &conforming{kubernetes: kubernetes}
		l.conformings[cluster] = on
	}
	return on
}

// shared returns a definition that equals another one as that one: a thousand clusters have the same.
func (l *linter) shared(object render.Object) map[string]any {
	data, err := json.Marshal(object)
	if err != nil {
		return object
	}
	key := sha256.Sum256(data)
	if first := l.definitions[key]; first != nil {
		return first
	}
	l.definitions[key] = object
	return object
}

// checkCustom judges the custom resources by the definitions that the fleet installs on their clusters.
func (l *linter) checkCustom() {
	for _, name := range slices.Sorted(maps.Keys(l.conformings)) {
		on := l.conformings[name]
		cluster := l.checker.Cluster(on.kubernetes, on.definitions)
		scoped := clusterScoped(on.definitions)
		for _, resource := range on.custom {
			kind, _ := resource.object["kind"].(string)
			l.checkObjectOwner(resource.of, resource.object, !scoped[groupOf(resource.object)+"/"+kind])
			l.addConformance(cluster, resource)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(l.uncheckedObjects)) {
		l.report.Unchecked = append(l.report.Unchecked,
			fmt.Sprintf("%d objects: %s", l.uncheckedObjects[what], what))
	}
}

func (l *linter) addConformance(cluster *conformance.Cluster, o writtenObject) {
	findings, unchecked := cluster.Check([]map[string]any{o.object})
	for what, number := range unchecked {
		l.uncheckedObjects[what] += number
	}
	for _, p := range findings {
		if file, line := l.placeOfComponent(o.of); file != "" {
			message := fmt.Sprintf("component %q: %s", o.of.Component.Key, p.Message)
			if p.File, p.Line = l.placeOfObject(o, p); p.File == "" {
				p.File, p.Line = file, line
			} else {
				p.Places = append(p.Places, file)
			}
			p.Message = message
		}
		p.Scope = "cluster " + o.of.Application.Cluster
		l.add(p)
	}
}

// placeOfObject returns where people write what a finding about an object is about; "" if a chart or an overlay gives
// it. It is looked for once for all clusters that have the same of the repository.
func (l *linter) placeOfObject(o writtenObject, p *problem.Problem) (file string, line int) {
	if len(o.of.Reads.Directories) == 0 || o.origins == nil {
		return "", 0
	}
	metadata, _ := o.object["metadata"].(render.Object)
	key := fmt.Sprint(o.of.Reads.Directories, o.object["apiVersion"], o.object["kind"], metadata["namespace"],
		metadata["name"], metadata["generateName"])
	file, known := l.origins[key]
	if !known {
		if files := o.origins(l.ctx); o.index < len(files) {
			file = files[o.index]
		}
		l.origins[key] = file
	}
	if file == "" {
		return "", 0
	}
	data, err := hierarchy.ReadFile(l.options.Tree, file, file, l.session.Fleet().FileSize)
	if err != nil {
		return file, 0
	}
	return file, conformance.Line(data, file, o.object, p)
}

// groupOf returns the API group of an object.
func groupOf(object render.Object) string {
	version, _ := object["apiVersion"].(string)
	group, _, grouped := strings.Cut(version, "/")
	if !grouped {
		return ""
	}
	return group
}

// clusterScoped returns the kinds, as GROUP/KIND, that definitions define and that are in no namespace.
func clusterScoped(definitions []map[string]any) map[string]bool {
	kinds := map[string]bool{}
	for _, definition := range definitions {
		spec, _ := definition["spec"].(render.Object)
		names, _ := spec["names"].(render.Object)
		if spec["scope"] == "Cluster" {
			kinds[fmt.Sprint(spec["group"], "/", names["kind"])] = true
		}
	}
	return kinds
}

// checkObjectOwner finds objects that two Applications have. Those of a kind that is in no namespace have one name in
// the whole cluster.
func (l *linter) checkObjectOwner(of stages.Visited, object render.Object, namespaced bool) {
	application, cluster := of.Application.Name(), of.Application.Cluster
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(render.Object)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	switch {
	case !namespaced:
		namespace = ""
	case namespace == "":
		spec, _ := of.Application.Object["spec"].(render.Object)
		destination, _ := spec["destination"].(render.Object)
		namespace, _ = destination["namespace"].(string)
	}
	key := strings.Join([]string{cluster, groupOf(object), kind, namespace, name}, "\x00")
	first, known := l.owners[key]
	if !known {
		l.owners[key] = application
		return
	}
	if first == application {
		return
	}
	file, line := l.placeOfComponent(of)
	p := problem.New(file, line, "%s %q is of the components %s and %s, whose Applications overwrite each other",
		kind, name, l.componentOf[first].component, of.Component.Key).
		WithHint("leave it to one of them").WithRule(problem.RuleConflicts)
	p.Scope = "cluster " + cluster
	l.add(p)
}
