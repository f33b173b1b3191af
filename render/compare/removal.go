package compare

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render"
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
		return removal{happens: prune && (enabled || !said), byDefault: applicationOption(object, "Prune")}
	}
	object := b[0].Application.Object
	finalizers, _ := at(object, "metadata.finalizers").([]any)
	return removal{cascades: true, byDefault: applicationOption(object, "Delete"),
		happens: slices.ContainsFunc(finalizers, func(f any) bool {
			text, _ := f.(string)
			return strings.HasPrefix(text, "resources-finalizer.argocd.argoproj.io")
		})}
}

// removes tells whether an object that is gone is deleted. Neither CustomResourceDefinitions nor what Helm keeps go
// with an Application (shouldBeDeleted in controller/appcontroller.go of Argo CD); a sync prunes them, but no hooks
// (isPruningDisabled in pkg/sync/sync_context.go of gitops-engine).
func (r removal) removes(object render.Object) bool {
	name, stays := "Prune", isHook(object)
	if r.cascades {
		name, stays = "Delete", object["kind"] == "CustomResourceDefinition" ||
			annotation(object, "helm.sh/resource-policy") == "keep"
	}
	said := option(object, name)
	if said == "" {
		said = r.byDefault
	}
	return r.happens && !stays && said != "false"
}

// option returns what an object says about an option of its sync, as in Prune=false.
func option(object render.Object, name string) string {
	return optionIn(strings.Split(annotation(object, "argocd.argoproj.io/sync-options"), ","), name)
}

// applicationOption returns what an Application says about an option, for all of its objects.
func applicationOption(object render.Object, name string) string {
	list, _ := at(object, "spec.syncPolicy.syncOptions").([]any)
	var options []string
	for _, item := range list {
		text, _ := item.(string)
		options = append(options, text)
	}
	return optionIn(options, name)
}

func optionIn(options []string, name string) string {
	for _, option := range options {
		if key, value, is := strings.Cut(strings.TrimSpace(option), "="); is && key == name {
			return value
		}
	}
	return ""
}

func annotation(object render.Object, name string) string {
	metadata, _ := object["metadata"].(render.Object)
	annotations, _ := metadata["annotations"].(render.Object)
	text, _ := annotations[name].(string)
	return text
}

// The annotations of hooks: of Argo CD, and of Helm, which Argo CD heeds where an object has none of its own.
const (
	argoHook = "argocd.argoproj.io/hook"
	helmHook = "helm.sh/hook"
)

// isHook tells whether Argo CD takes an object for a hook, also for one that it never runs (pkg/sync/hook/hook.go of
// gitops-engine).
func isHook(object render.Object) bool {
	if own := annotation(object, argoHook); own != "" {
		return own != "Skip"
	}
	of := annotation(object, helmHook)
	return of != "" && of != "crd-install"
}

// running are the hooks that run with each sync. Of Helm's, Argo CD knows no others.
var running = map[string][]string{
	argoHook: {"PreSync", "Sync", "PostSync"},
	helmHook: {"pre-install", "pre-upgrade", "post-install", "post-upgrade"},
}

// hookDangers tells of a hook, which runs with the next sync.
func hookDangers(object render.Object) []Danger {
	for _, name := range []string{argoHook, helmHook} {
		hook := annotation(object, name)
		for _, text := range strings.Split(hook, ",") {
			if slices.Contains(running[name], strings.TrimSpace(text)) {
				return []Danger{{Kind: DangerHook, Message: "it is a hook (" + hook + ") that runs with the sync"}}
			}
		}
		if hook != "" {
			break
		}
	}
	return nil
}
