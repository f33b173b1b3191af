package compare

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/syncing"
)

// A removal says what happens to objects that are gone.
type removal struct {
	happens   bool
	cascades  bool   // with their Application; else a sync prunes them
	byDefault string // what the Application says where an object says nothing: "false" to leave it
}

// removalOf returns what happens to the objects of an Application that are gone. With an Application that goes itself,
// or that is created under another name, they go if it has the finalizer; else they go if it prunes by itself.
func removalOf(b both) removal {
	if b[1] != nil && !b.isOther() {
		object := b[1].Application.Object
		prune, _ := at(object, "spec.syncPolicy.automated.prune").(bool)
		enabled, said := at(object, "spec.syncPolicy.automated.enabled").(bool)
		return removal{happens: prune && (enabled || !said), byDefault: syncing.ApplicationOption(object, "Prune")}
	}
	object := b[0].Application.Object
	finalizers, _ := at(object, "metadata.finalizers").([]any)
	return removal{cascades: true, byDefault: syncing.ApplicationOption(object, "Delete"),
		happens: slices.ContainsFunc(finalizers, func(f any) bool {
			text, _ := f.(string)
			return strings.HasPrefix(text, "resources-finalizer.argocd.argoproj.io")
		})}
}

// removes tells whether an object that is gone is deleted. Neither CustomResourceDefinitions nor what Helm keeps go
// with an Application (shouldBeDeleted in controller/appcontroller.go of Argo CD); a sync prunes them, but no hooks
// (isPruningDisabled in pkg/sync/sync_context.go of gitops-engine).
func (r removal) removes(object render.Object) bool {
	name, stays := "Prune", syncing.IsHook(object)
	if r.cascades {
		name, stays = "Delete", object["kind"] == "CustomResourceDefinition" ||
			syncing.Annotation(object, "helm.sh/resource-policy") == "keep"
	}
	said := syncing.Option(object, name)
	if said == "" {
		said = r.byDefault
	}
	return r.happens && !stays && said != "false"
}

// hookDangers tells of a hook, which runs with the next sync.
func hookDangers(object render.Object) []Danger {
	hook := syncing.RunningHook(object)
	if hook == "" {
		return nil
	}
	return []Danger{{Kind: DangerHook, Message: "it is a hook (" + hook + ") that runs with the sync"}}
}
