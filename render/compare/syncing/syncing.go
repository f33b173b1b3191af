// Package syncing reads what objects and Applications say of their sync: options and hooks.
package syncing

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Option returns what an object says about an option of its sync, as in Prune=false; "" for nothing.
func Option(object render.Object, name string) string {
	return optionIn(strings.Split(Annotation(object, "argocd.argoproj.io/sync-options"), ","), name)
}

// ApplicationOption returns what an Application says about an option, for all of its objects; "" for nothing.
func ApplicationOption(object render.Object, name string) string {
	spec, _ := object["spec"].(render.Object)
	policy, _ := spec["syncPolicy"].(render.Object)
	list, _ := policy["syncOptions"].([]any)
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

// Annotation returns an annotation of an object; "" if it has none.
func Annotation(object render.Object, name string) string {
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

// IsHook tells whether Argo CD takes an object for a hook, also for one that it never runs (pkg/sync/hook/hook.go of
// gitops-engine).
func IsHook(object render.Object) bool {
	if own := Annotation(object, argoHook); own != "" {
		return own != "Skip"
	}
	of := Annotation(object, helmHook)
	return of != "" && of != "crd-install"
}

// running are the hooks that run with each sync. Of Helm's, Argo CD knows no others.
var running = map[string][]string{
	argoHook: {"PreSync", "Sync", "PostSync"},
	helmHook: {"pre-install", "pre-upgrade", "post-install", "post-upgrade"},
}

// RunningHook returns what an object says of a hook that runs with the next sync; "" if it is none.
func RunningHook(object render.Object) string {
	for _, name := range []string{argoHook, helmHook} {
		hook := Annotation(object, name)
		for _, text := range strings.Split(hook, ",") {
			if slices.Contains(running[name], strings.TrimSpace(text)) {
				return hook
			}
		}
		if hook != "" {
			break
		}
	}
	return ""
}
