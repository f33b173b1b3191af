package argo

import (
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// marks are the labels and annotations that only say which program made an ApplicationSet or an Application.
var marks = []string{"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/instance",
	wellknown.LabelManagedBy}

// Neutral returns an object without what says which program made it, and without fields that have their defaults.
func Neutral(kind string, o Object) Object {
	if kind != KindApplicationSet && kind != KindApplication {
		o = Clone(o) // without its place, which the item says
		metadata := Clone(At(o, "metadata"))
		delete(metadata, "namespace")
		delete(metadata, "name")
		o["metadata"] = metadata
		return o
	}
	o = unmarked(o)
	if kind == KindApplication {
		o = withPlainPaths(o)
	}
	spec := Clone(At(o, "spec"))
	o["spec"] = spec
	if kind == KindApplicationSet {
		if applies, said := Truth(o, "spec", "applyNestedSelectors"); said && !applies {
			delete(spec, "applyNestedSelectors")
		}
		spec["template"] = unmarked(At(spec, "template"))
	}
	metadata := Clone(At(o, "metadata")) // of what is the same but for its place, which the item says
	delete(metadata, "namespace")
	delete(metadata, "name")
	if kind == KindApplicationSet {
		delete(metadata, "finalizers")
	}
	o["metadata"] = metadata
	return o
}

// added are the labels that cmp gives ApplicationSets and Applications, whatever the chart gives them.
var added = []string{"app.kubernetes.io/name", "cluster", "component", "environment"}

// WithoutAdded returns an object without the labels that cmp adds, where it had none of the name before.
func WithoutAdded(before, after Object) Object {
	after = Clone(after)
	metadata := Clone(At(after, "metadata"))
	labels := Clone(At(metadata, "labels"))
	for _, label := range added {
		if At(before, "metadata", "labels")[label] == nil {
			delete(labels, label)
		}
	}
	if metadata["labels"] = labels; len(labels) == 0 {
		delete(metadata, "labels")
	}
	after["metadata"] = metadata
	if At(after, "spec", "template") != nil && At(before, "spec", "template") != nil {
		spec := Clone(At(after, "spec"))
		spec["template"] = WithoutAdded(At(before, "spec", "template"), At(spec, "template"))
		after["spec"] = spec
	}
	return after
}

// repeated matches slashes of a path that count as one.
var repeated = regexp.MustCompile(`//+`)

// withPlainPaths returns an Application with the paths of value files as Argo CD reads them.
func withPlainPaths(app Object) Object {
	var sources []Object
	for _, source := range Sources(app) {
		files, _ := At(source, "helm")["valueFiles"].([]any)
		if len(files) > 0 {
			files = slices.Clone(files)
			for i, file := range files {
				if name, is := file.(string); is && !strings.Contains(name, "://") {
					files[i] = repeated.ReplaceAllString(name, "/")
				}
			}
			helm := Clone(At(source, "helm"))
			helm["valueFiles"] = files
			source = Clone(source)
			source["helm"] = helm
		}
		sources = append(sources, source)
	}
	if _, one := At(app, "spec")["source"].(Object); one || len(sources) == 0 {
		return app // with one source, value files lie beside the chart
	}
	return WithSources(app, sources)
}

// unmarked returns an object, or a template of one, without the marks.
func unmarked(o Object) Object {
	o = Clone(o)
	metadata := Clone(At(o, "metadata"))
	o["metadata"] = metadata
	for _, kind := range []string{"labels", "annotations"} {
		texts := Clone(At(metadata, kind))
		for _, mark := range marks {
			delete(texts, mark)
		}
		if metadata[kind] = texts; len(texts) == 0 {
			delete(metadata, kind)
		}
	}
	return o
}

// Preserves tells whether the Applications of an ApplicationSet leave their objects behind when they are deleted.
func Preserves(applicationSet Object) bool {
	is, _ := Truth(applicationSet, "spec", "syncPolicy", "preserveResourcesOnDeletion")
	finalizers, _ := At(applicationSet, "spec", "template", "metadata")["finalizers"].([]any)
	return is && len(finalizers) == 0
}

// Cascades tells whether an Application takes its objects with it.
func Cascades(app Object) bool {
	finalizers, _ := At(app, "metadata")["finalizers"].([]any)
	return slices.ContainsFunc(finalizers, func(f any) bool {
		name, _ := f.(string)
		return strings.HasPrefix(name, wellknown.ResourcesFinalizer)
	})
}

// Prunes tells whether an Application deletes what is gone from its sources by itself.
func Prunes(app Object) bool {
	prune, _ := Truth(app, "spec", "syncPolicy", "automated", "prune")
	enabled, said := Truth(app, "spec", "syncPolicy", "automated", "enabled")
	return prune && (enabled || !said)
}
