package argo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// Kinds of Argo CD.
const (
	KindApplicationSet = "ApplicationSet"
	KindApplication    = "Application"
)

// At returns the map at a path; nil if there is none.
func At(o Object, path ...string) Object {
	for _, key := range path {
		o, _ = o[key].(Object)
	}
	return o
}

// Text returns the string at a path; "" if there is none.
func Text(o Object, path ...string) string {
	value, _ := At(o, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return value
}

// Truth returns the boolean at a path, and whether there is one.
func Truth(o Object, path ...string) (is, said bool) {
	is, said = At(o, path[:len(path)-1]...)[path[len(path)-1]].(bool)
	return is, said
}

// Clone returns a copy of a map whose keys can be changed; an empty one of nil.
func Clone(o Object) Object {
	if o == nil {
		return Object{}
	}
	return maps.Clone(o)
}

// Sources returns the sources of an Application.
func Sources(app Object) []Object {
	spec := At(app, "spec")
	if source, one := spec["source"].(Object); one {
		return []Object{source}
	}
	list, _ := spec["sources"].([]any)
	var all []Object
	for _, item := range list {
		if source, is := item.(Object); is {
			all = append(all, source)
		}
	}
	return all
}

// WithSources returns an Application with other sources.
func WithSources(app Object, sources []Object) Object {
	app = Clone(app)
	spec := Clone(At(app, "spec"))
	delete(spec, "source")
	list := make([]any, len(sources))
	for i, source := range sources {
		list[i] = source
	}
	spec["sources"] = list
	app["spec"] = spec
	return app
}

// Last returns the last segment of a path.
func Last(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// Required returns the labels, as LABEL=VALUE, that all cluster generators of an ApplicationSet want, sorted.
func Required(applicationSet Object) []string {
	list, _ := At(applicationSet, "spec")["generators"].([]any)
	var common []string
	for i, item := range list {
		generator, _ := item.(Object)
		if inner, _ := At(generator, "merge")["generators"].([]any); len(inner) > 0 {
			generator, _ = inner[0].(Object) // whose Applications the others only change
		}
		var labels []string
		for label, value := range At(generator, "clusters", "selector", "matchLabels") {
			if i == 0 || slices.Contains(common, fmt.Sprintf("%s=%v", label, value)) {
				labels = append(labels, fmt.Sprintf("%s=%v", label, value))
			}
		}
		common = labels
	}
	slices.Sort(common)
	return common
}
