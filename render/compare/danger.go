package compare

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/syncing"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// The kinds of dangers.
const (
	DangerDeleted     = "deleted"      // an Application, or an object that its Application prunes
	DangerRenamed     = "renamed"      // deleted, and created under another name
	DangerMoved       = "moved"        // to another namespace, cluster or Argo CD
	DangerImmutable   = "immutable"    // a field that Kubernetes does not let change: the sync fails
	DangerDefinition  = "definition"   // a CustomResourceDefinition, with all of its resources, or a version of it
	DangerHook        = "hook"         // a hook that runs
	DangerClusterGone = "cluster-gone" // a cluster that gets nothing of a group any more
)

// Kinds are all kinds of dangers.
var Kinds = []string{DangerDeleted, DangerRenamed, DangerMoved, DangerImmutable, DangerDefinition, DangerHook,
	DangerClusterGone}

// immutable are the fields that Kubernetes does not let change, by API group and kind (the validation of each in
// pkg/apis of Kubernetes; "API reference", of the fields that are called immutable).
var immutable = map[string][]string{
	"/PersistentVolume": {"spec.csi", "spec.nfs", "spec.hostPath", "spec.local", "spec.volumeMode"},
	"/PersistentVolumeClaim": {"spec.storageClassName", "spec.accessModes", "spec.selector", "spec.volumeMode",
		"spec.volumeName"},
	"/Secret":          {"type"},
	"/Service":         {"spec.clusterIP", "spec.clusterIPs"},
	"apps/DaemonSet":   {"spec.selector"},
	"apps/Deployment":  {"spec.selector"},
	"apps/ReplicaSet":  {"spec.selector"},
	"apps/StatefulSet": {"spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"},
	"batch/Job":        {"spec.template", "spec.selector", "spec.completionMode"},

	"apiextensions.k8s.io/CustomResourceDefinition": {"spec.scope", "spec.group", "spec.names.kind",
		"spec.names.plural"},
	"networking.k8s.io/IngressClass":               {"spec.controller"},
	"node.k8s.io/RuntimeClass":                     {"handler"},
	"rbac.authorization.k8s.io/ClusterRoleBinding": {"roleRef"},
	"rbac.authorization.k8s.io/RoleBinding":        {"roleRef"},
	"scheduling.k8s.io/PriorityClass":              {"value", "preemptionPolicy"},
	"storage.k8s.io/StorageClass":                  {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"},
}

// dangersOf returns what is dangerous about an object that changes.
func dangersOf(o objectChange) []Danger {
	key, before, after := o.key, o.before, o.after
	if before == nil {
		return hookDangers(after)
	}
	definition := key.kind == "CustomResourceDefinition"
	if after == nil {
		switch to := o.successor; {
		case !o.removal.removes(before):
			return nil
		case to.name == key.name && to.kind != "":
			return []Danger{{Kind: DangerMoved,
				Message: "Argo CD deletes it, and creates it in the namespace " + to.namespace}}
		case to.kind != "":
			return []Danger{{Kind: DangerRenamed,
				Message: "Argo CD deletes it, and creates " + to.name + " in its place"}}
		case definition:
			return []Danger{{Kind: DangerDefinition,
				Message: "the CustomResourceDefinition is deleted, and with it all of its resources"}}
		}
		return []Danger{{Kind: DangerDeleted, Message: "Argo CD deletes it"}}
	}
	var found []Danger
	if !syncing.IsHook(after) { // Argo CD deletes hooks before it creates them
		found = immutableDangers(key, before, after)
	}
	if definition {
		found = append(found, versionDangers(before, after)...)
	}
	return append(found, hookDangers(after)...)
}

// immutableDangers tells of fields that change and that Kubernetes does not let change.
func immutableDangers(key objectKey, before, after render.Object) []Danger {
	result := "the sync fails until the object is deleted"
	if syncing.Option(after, "Force") == "true" {
		result = "Argo CD deletes the object and creates it again (Force=true)"
	}
	var found []Danger
	for _, field := range immutable[key.group+"/"+key.kind] {
		if was, is := at(before, field), at(after, field); !reflect.DeepEqual(was, is) && !defaulted(was, is) {
			found = append(found, Danger{Kind: DangerImmutable,
				Message: "Kubernetes does not let " + field + " change: " + result})
		}
	}
	if frozen, _ := before["immutable"].(bool); frozen && (key.kind == "ConfigMap" || key.kind == "Secret") &&
		differ(before, after, "data", "binaryData", "stringData", "immutable") {
		found = append(found, Danger{Kind: DangerImmutable, Message: "it is immutable: " + result})
	}
	return found
}

// differ tells whether one of some fields is not the same.
func differ(before, after render.Object, fields ...string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		return !reflect.DeepEqual(before[field], after[field])
	})
}

// defaulted tells whether a value is only said on one side, as the one that Kubernetes takes by itself.
func defaulted(was, is any) bool {
	const ordered, delete, immediate = "OrderedReady", "Delete", "Immediate"
	for _, value := range []any{was, is} {
		if empty, isMap := value.(render.Object); isMap && len(empty) == 0 {
			continue
		}
		switch value {
		case nil, "", ordered, delete, immediate, "NonIndexed", "Filesystem", "Opaque", "PreemptLowerPriority":
		default:
			return false
		}
	}
	return was == nil || is == nil
}

// versionDangers tells of versions that a CustomResourceDefinition no longer serves.
func versionDangers(before, after render.Object) []Danger {
	now := servedVersions(after)
	var gone []string
	for _, version := range servedVersions(before) {
		if !slices.Contains(now, version) {
			gone = append(gone, version)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return []Danger{{Kind: DangerDefinition, Message: "it no longer serves " + strings.Join(gone, ", ")}}
}

func servedVersions(definition render.Object) []string {
	versions, _ := at(definition, "spec.versions").([]any)
	var names []string
	for _, item := range versions {
		version, _ := item.(render.Object)
		name, _ := version["name"].(string)
		if served, said := version["served"].(bool); name != "" && (served || !said) {
			names = append(names, name)
		}
	}
	return names
}

// at returns the value at a path of keys.
func at(object render.Object, field string) any {
	var value any = object
	for _, key := range strings.Split(field, ".") {
		m, _ := value.(render.Object)
		value = m[key]
	}
	return value
}

// endanger adds what is dangerous about an Application itself.
func (c *comparison) endanger(b both, app Application) {
	add := func(kind, format string, args ...any) {
		own := fmt.Sprintf("component %s of group %s: ", app.Component, app.Group) + fmt.Sprintf(format, args...)
		key := dangerKey{kind, c.identities.Common(own, app.Cluster), app.Group, app.Component}
		c.dangers.add(key, own, app.Cluster)
	}
	if b[0] == nil {
		return
	}
	object := b[0].Application.Object
	what := "its objects stay where they are"
	if removalOf(b).happens {
		what = "with all of its objects"
	}
	if b[1] == nil {
		add(DangerDeleted, "Application %s is deleted, %s", app.Name, what)
		return
	}
	now := b[1].Application.Object
	if b.isOther() && b[0].ArgoCD != b[1].ArgoCD {
		add(DangerMoved, "the Argo CD of %s deletes Application %s, %s, and that of %s creates %s", b[0].ArgoCD,
			app.Was, what, app.ArgoCD, app.Name)
	} else if b.isOther() {
		add(DangerRenamed, "Application %s is deleted, %s, and created as %s", app.Was, what, app.Name)
	}
	moved := false
	for _, field := range []string{"namespace", "name", "server"} {
		was, _ := at(object, "spec.destination."+field).(string)
		is, _ := at(now, "spec.destination."+field).(string)
		if was != is && (field == "namespace" || was != "" && is != "") {
			moved = true
			add(DangerMoved, "the %s of the destination becomes %s, from %s: what was there is left behind or deleted",
				field, cmp.Or(is, "none"), cmp.Or(was, "none"))
		}
	}
	// A cluster can be called by its name as well as by its server.
	if was, is := b[0].Application.Cluster, b[1].Application.Cluster; was != is && !moved {
		add(DangerMoved, "the cluster of the destination becomes %s, from %s: what was there is left behind or deleted",
			cmp.Or(is, "none"), cmp.Or(was, "none"))
	}
}

// dangers are those of Applications and clusters, each with all of its clusters.
type dangers struct{ byMessage map[dangerKey]*sameDanger }

// A dangerKey is what the same danger has in all clusters.
type dangerKey struct{ kind, message, group, component string }

// sameDanger is one that is the same in several clusters.
type sameDanger struct {
	own      string // the message for the first of them
	clusters map[string]bool
}

// add adds a danger to the one that is the same in other clusters, by what the message has in common with theirs.
func (d *dangers) add(key dangerKey, own, cluster string) {
	if d.byMessage == nil {
		d.byMessage = map[dangerKey]*sameDanger{}
	}
	if d.byMessage[key] == nil {
		d.byMessage[key] = &sameDanger{own, map[string]bool{}}
	}
	d.byMessage[key].clusters[cluster] = true
}

// all returns the dangers in the order of their kinds.
func (d *dangers) all() []Danger {
	var found []Danger
	for key, same := range d.byMessage {
		message := key.message
		if len(same.clusters) == 1 {
			message = same.own
		}
		found = append(found, Danger{Kind: key.kind, Message: message, Group: key.group, Component: key.component,
			Clusters: slices.Sorted(maps.Keys(same.clusters))})
	}
	slices.SortFunc(found, func(a, b Danger) int {
		if order := slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind); order != 0 {
			return order
		}
		return strings.Compare(a.Message, b.Message)
	})
	return found
}

// presence counts the Applications of clusters that are described otherwise, by cluster and group.
type presence map[[2]string]*[2]int

// count counts the Applications of a side.
func (p presence) count(side int, v stages.Visited) {
	key := [2]string{v.Application.Cluster, v.Group}
	if p[key] == nil {
		p[key] = &[2]int{}
	}
	p[key][side]++
}

// lost adds the clusters that get nothing of a group any more.
func (c *comparison) lost() {
	for key, counts := range c.presence {
		if counts[0] > 0 && counts[1] == 0 && c.described[key[0]] {
			message := "of group " + key[1] + " nothing is left in the cluster"
			c.dangers.add(dangerKey{DangerClusterGone, message, key[1], ""}, message, key[0])
		}
	}
}

// nameWithoutHash returns the name of an object of a generator of Kustomize without the hash of its content, which
// makes another object of it with each change (kustomize, api/hasher).
func nameWithoutHash(object render.Object) string {
	const length = 10
	name := hierarchy.NameOf(object)
	at := len(name) - length - 1
	if at <= 0 || name[at] != '-' || strings.Trim(name[at+1:], "bcdfghkmt2456789") != "" {
		return ""
	}
	return name[:at]
}
