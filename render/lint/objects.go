package lint

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/conformance"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// seeObjects looks at what an Application consists of.
func (l *linter) seeObjects(of stages.Visited, found stages.Objects) {
	l.report.Checked.Objects += len(found.Objects)
	var builtIn []render.Object
	on := l.conforming(of.Application.Cluster, found.Kubernetes)
	for _, object := range found.Objects {
		l.checkObjectOwner(of, object)
		if schema.BuiltIn(groupOf(object)) {
			builtIn = append(builtIn, object)
			if object["kind"] == "CustomResourceDefinition" {
				on.definitions = append(on.definitions, l.shared(object))
			}
			continue
		}
		on.custom = append(on.custom, customResource{of, object})
	}
	l.addConformance(of, l.checker.Cluster(found.Kubernetes, nil), builtIn)
	l.checkDead(of, found)
}

// A conforming cluster is one whose custom resources are judged once all definitions of the cluster are known.
type conforming struct {
	kubernetes  string
	definitions []map[string]any
	custom      []customResource
}

type customResource struct {
	of     stages.Visited
	object render.Object
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
		for _, resource := range on.custom {
			l.addConformance(resource.of, cluster, []render.Object{resource.object})
		}
	}
	for _, what := range slices.Sorted(maps.Keys(l.uncheckedObjects)) {
		l.report.Unchecked = append(l.report.Unchecked,
			fmt.Sprintf("%d objects: %s", l.uncheckedObjects[what], what))
	}
}

func (l *linter) addConformance(of stages.Visited, cluster *conformance.Cluster, objects []render.Object) {
	findings, unchecked := cluster.Check(objects)
	for what, number := range unchecked {
		l.uncheckedObjects[what] += number
	}
	for _, p := range findings {
		if p.File, p.Line = l.placeOfComponent(of); p.File != "" {
			p.Message = fmt.Sprintf("component %q: %s", of.Component.Key, p.Message)
		}
		p.Scope = "cluster " + of.Application.Cluster
		l.add(p)
	}
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

// checkObjectOwner finds objects that two Applications have.
func (l *linter) checkObjectOwner(of stages.Visited, object render.Object) {
	application, cluster := of.Application.Name(), of.Application.Cluster
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(render.Object)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	if namespace == "" {
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
		kind, name, l.componentOf[first], of.Component.Key).
		WithHint("leave it to one of them").WithRule(problem.RuleConflicts)
	p.Scope = "cluster " + cluster
	l.add(p)
}
