package migrate

import (
	"maps"
	"strings"
)

// at returns the map at a path; nil if there is none.
func at(o object, path ...string) object {
	for _, key := range path {
		o, _ = o[key].(object)
	}
	return o
}

// text returns the string at a path; "" if there is none.
func text(o object, path ...string) string {
	value, _ := at(o, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return value
}

// truth returns the boolean at a path, and whether there is one.
func truth(o object, path ...string) (is, said bool) {
	is, said = at(o, path[:len(path)-1]...)[path[len(path)-1]].(bool)
	return is, said
}

func clone(o object) object {
	if o == nil {
		return object{}
	}
	return maps.Clone(o)
}

// sourcesOf returns the sources of an Application.
func sourcesOf(app object) []object {
	spec := at(app, "spec")
	if source, one := spec["source"].(object); one {
		return []object{source}
	}
	list, _ := spec["sources"].([]any)
	var all []object
	for _, item := range list {
		if source, is := item.(object); is {
			all = append(all, source)
		}
	}
	return all
}

// withSources returns an Application with other sources.
func withSources(app object, sources []object) object {
	app = clone(app)
	spec := clone(at(app, "spec"))
	delete(spec, "source")
	list := make([]any, len(sources))
	for i, source := range sources {
		list[i] = source
	}
	spec["sources"] = list
	app["spec"] = spec
	return app
}

// replaced returns a string of a source as it is in another one.
func lastOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }
