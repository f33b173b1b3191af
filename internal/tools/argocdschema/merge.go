package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// A schema is the views of several versions as one: behind the type of a field is the first version that knows it. With
// - there is also the last one, where that is not as long as there is the type that the field is in.
type schema view

// merge returns the views of versions, the oldest first, as one. It fails for a field whose type changes, and for one
// that goes and comes back, since there is no way to write that.
func merge(versions []string, views []view) (schema, error) {
	merged := schema{}
	for _, name := range slices.Sorted(keys(views)) {
		first, last := span(views, func(v view) bool { return v[name] != nil })
		among := views[first : last+1]
		fields := map[string]string{}
		for i, v := range among {
			if v[name] == nil {
				return nil, fmt.Errorf("%s is not there in %s, but before and after", name, versions[first+i])
			}
			for field := range v[name] {
				written, err := across(versions[first:last+1], among, name, field)
				if err != nil {
					return nil, fmt.Errorf("%s.%s %w", name, field, err)
				}
				fields[field] = written
			}
		}
		merged[name] = fields
	}
	return merged, nil
}

// across returns a field as it is written, for the versions that have its type.
func across(versions []string, views []view, name, field string) (string, error) {
	first, last := span(views, func(v view) bool { return v[name][field] != "" })
	typ := views[first][name][field]
	for i, v := range views[first : last+1] {
		switch v[name][field] {
		case typ:
		case "":
			return "", fmt.Errorf("is not there in %s, but before and after", versions[first+i])
		default:
			return "", fmt.Errorf("is %s in %s, and %s before", v[name][field], versions[first+i], typ)
		}
	}
	switch {
	case last < len(views)-1:
		return typ + " " + versions[first] + "-" + versions[last], nil
	case first > 0:
		return typ + " " + versions[first], nil
	}
	return typ, nil
}

// span returns the first and the last view of which something is true.
func span(views []view, is func(view) bool) (first, last int) {
	first = slices.IndexFunc(views, is)
	for i, v := range views {
		if is(v) {
			last = i
		}
	}
	return first, last
}

func keys(views []view) func(func(string) bool) {
	all := view{}
	for _, v := range views {
		maps.Copy(all, v)
	}
	return maps.Keys(all)
}

// encode returns the file.
func (s schema) encode(releases []string) ([]byte, error) {
	data, err := json.MarshalIndent(struct {
		Releases []string `json:"releases"`
		Types    schema   `json:"types"`
	}{releases, s}, "", " ")
	return append(data, '\n'), err
}
