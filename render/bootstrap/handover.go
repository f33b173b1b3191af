package bootstrap

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// managedLabels are the labels of the clusters that deploy a group themselves, as [cluster.Cluster.Manages] has it.
func managedLabels(group string) map[string]string {
	return map[string]string{
		wellknown.LabelFleetMember:   wellknown.FleetMemberSpoke,
		wellknown.LabelRemoteArgo:    "true",
		wellknown.RemoteLabel(group): "true",
	}
}

// Handover returns the ApplicationSets of a group as the Argo CD of a cluster may have them, in place of those rendered
// for it. On a hub they are without the clusters that deploy the group themselves; on a spoke that does not do so,
// there are none. The group fleet is the hub's alone. installed are the components, in the order of the objects, if the
// fleet has that group: what it installs on spokes with an Argo CD of their own, the hub's other groups leave out
// there. Other objects stay as they are, and none is changed. The warnings are about ApplicationSets that would delete
// what they hand over.
func Handover(objects []Object, installed []string, group string, on cluster.Cluster) ([]Object, []*problem.Problem) {
	if on.IsSpoke() && !on.Manages(group) {
		return nil, nil
	}
	var warnings []*problem.Problem
	out := make([]Object, len(objects))
	for i, object := range objects {
		out[i] = object
		if kindOf(object) != "ApplicationSet" || group == wellknown.GroupFleet {
			continue
		}
		if deletes(object) {
			warnings = append(warnings, problem.New(on.File, 0,
				"ApplicationSet %q deletes the objects of a cluster that begins or ends to deploy group %s itself",
				hierarchy.NameOf(object), group).
				WithHint("set syncPolicyAppSet.preserveResourcesOnDeletion to true, and no resources finalizer").
				WithRule(problem.RuleDeletesOnHandover))
		}
		if !on.IsSpoke() {
			out[i] = excluding(object, group, i < len(installed) && slices.Contains(installedByHub, installed[i]))
		}
	}
	return out, warnings
}

// OwnRelease returns what the Application with a group of a spoke that deploys it itself tells the plugin: the release
// ("" for none), the settings, and values as YAML ("" for none). So a render on a laptop shows the same. It fails as
// [Load] does.
func OwnRelease(repo *hierarchy.Repository, f *fleet.Fleet, spoke cluster.Cluster, name string) (release string,
	settings map[string]string, values string, err error) {
	group, _, err := loadGroup(repo, f, f.Groups[name], []cluster.Cluster{spoke})
	if err != nil {
		return "", nil, "", err
	}
	own := group.Releases[0] // a spoke is on one
	if len(own.Off) > 0 {
		values = switchedOff(own.Off)
	}
	namespace, err := Namespace(repo, f, nil, spoke)
	if err != nil {
		return "", nil, "", err
	}
	return own.Type, settingsOf(group, own, namespace, true), values, nil
}

// deletes tells whether the Applications of an ApplicationSet take their objects with them (Argo CD documentation,
// Application Pruning & Resource Deletion).
func deletes(object Object) bool {
	spec, _ := object["spec"].(Object)
	policy, _ := spec["syncPolicy"].(Object)
	preserves, _ := policy["preserveResourcesOnDeletion"].(bool)
	template, _ := spec["template"].(Object)
	metadata, _ := template["metadata"].(Object)
	finalizers, _ := metadata["finalizers"].([]any)
	return !preserves || slices.ContainsFunc(finalizers, func(v any) bool {
		name, _ := v.(string)
		return strings.HasPrefix(name, wellknown.ResourcesFinalizer)
	})
}

// excluding returns an ApplicationSet without the clusters that deploy the group themselves. That is a conjunction of
// labels, of which a selector cannot have the negation. So there are two of each generator, for clusters without an
// Argo CD of their own, and for those that leave the group to the hub. The latter are left out as well if the component
// is installed there anyway.
func excluding(object Object, group string, installed bool) Object {
	spec, _ := object["spec"].(Object)
	generators, _ := spec["generators"].([]any)
	if len(generators) == 0 {
		return object
	}
	flag := wellknown.RemoteLabel(group)
	central := []any{Object{"key": wellknown.LabelRemoteArgo, "operator": "NotIn", "values": []any{"true"}}}
	left := []any{
		Object{"key": wellknown.LabelRemoteArgo, "operator": "In", "values": []any{"true"}},
		Object{"key": flag, "operator": "NotIn", "values": []any{"true"}},
	}
	var all []any
	for _, generator := range generators {
		switch {
		case installed:
			all = append(all, restrict(generator, central))
		case neverManaged(generator, flag):
			all = append(all, generator)
		default:
			all = append(all, restrict(generator, central), restrict(generator, left))
		}
	}
	return with(object, "spec", with(spec, "generators", all))
}

// nested are the generators with others in them, of which the first with clusters decides which clusters there are.
var nested = []string{"matrix", "merge"}

// restrict returns a generator with more requirements in its selector of clusters.
func restrict(generator any, requirements []any) any {
	g, _ := generator.(Object)
	if clusters, ok := g["clusters"].(Object); ok {
		selector, _ := clusters["selector"].(Object)
		expressions, _ := selector["matchExpressions"].([]any)
		selector = with(selector, "matchExpressions", slices.Concat(expressions, requirements))
		return with(g, "clusters", with(clusters, "selector", selector))
	}
	for _, kind := range nested {
		outer, _ := g[kind].(Object)
		inner, _ := outer["generators"].([]any)
		for i, child := range inner {
			if selectorOf(child) != nil {
				inner = slices.Clone(inner)
				inner[i] = restrict(child, requirements)
				return with(g, kind, with(outer, "generators", inner))
			}
		}
	}
	return generator
}

// selectorOf returns the selector of clusters that restrict would restrict; nil if a generator has none.
func selectorOf(generator any) Object {
	g, _ := generator.(Object)
	if clusters, ok := g["clusters"].(Object); ok {
		selector, _ := clusters["selector"].(Object)
		if selector == nil {
			selector = Object{}
		}
		return selector
	}
	for _, kind := range nested {
		outer, _ := g[kind].(Object)
		inner, _ := outer["generators"].([]any)
		for _, child := range inner {
			if selector := selectorOf(child); selector != nil {
				return selector
			}
		}
	}
	return nil
}

// neverManaged tells whether a generator selects no cluster anyway that deploys the group itself, or has no clusters.
func neverManaged(generator any, flag string) bool {
	selector := selectorOf(generator)
	if selector == nil {
		return true
	}
	labels, _ := selector["matchLabels"].(Object)
	for _, label := range []string{wellknown.LabelRemoteArgo, flag} {
		if value, ok := labels[label]; ok && value != "true" {
			return true
		}
	}
	member, ok := labels[wellknown.LabelFleetMember]
	return ok && member != wellknown.FleetMemberSpoke
}

// with returns a copy of an object with another value of a key.
func with(object Object, key string, value any) Object {
	out := maps.Clone(object)
	if out == nil {
		out = Object{}
	}
	out[key] = value
	return out
}
