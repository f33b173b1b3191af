// Package schema knows how the built-in kinds of each version of Kubernetes are made, and what is wrong with an object
// of one: fields that the kind does not have, values of another type, values that a field does not take, fields that
// are missing. That is what a server finds when it decodes an object strictly, as kubectl and Argo CD ask it to.
//
// What is known comes from the sources of Kubernetes, packed: which kinds there are, whether they are served by
// default, and the fields of their types. It is unpacked when it is first asked for, and each version is read when it
// is first needed.
package schema

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the schemas
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
)

//go:generate go run ../../tools/apiversions schemas schemas.gz 1.25 1.37
//go:embed schemas.gz
var packed []byte

// Oldest and Newest are the minor versions that are known, and all between them.
const (
	Oldest = 25
	Newest = 37
)

// objectMeta is the type of the metadata of all objects.
const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

// A Version is a minor version of Kubernetes: its kinds, and how they are made. It does not change.
type Version struct {
	Minor int

	kinds map[string]kind // by APIVERSION/KIND
	types map[string]*fields
}

// A kind has a type.
type kind struct {
	off bool // until somebody switches it on
	of  *fields
}

// fields are those of a type.
type fields struct {
	byName   map[string]field
	required []string // sorted
}

// A field of a type.
type field struct {
	of     *shape
	values []string // that it can have; nil if any
}

// A shape is what a value looks like.
type shape struct {
	basic  string  // list, map, fields, any, or one of those that have a name in the file: string, integer, Quantity
	of     *shape  // of a list or map: its values
	fields *fields // of fields
}

// Of returns what is known of a version of Kubernetes such as 1.34 or v1.34.2-eks-1. Of one that is older or newer than
// all that are known it is the nearest, of what is no version it is the newest; then exact is false.
func Of(version string) (v *Version, exact bool) {
	minor, ok := kubernetes.Minor(version)
	if !ok {
		return of(Newest), false
	}
	nearest := max(Oldest, min(minor, Newest))
	return of(nearest), nearest == minor
}

// Next returns the minor version after this one; nil if it is not known.
func (v *Version) Next() *Version {
	if v.Minor == Newest {
		return nil
	}
	return of(v.Minor + 1)
}

// Serves tells whether the version has a kind, and whether it serves it only where somebody switched that on.
func (v *Version) Serves(apiVersion, name string) (served, off bool) {
	k, ok := v.kinds[apiVersion+"/"+name]
	return ok, k.off
}

// Kinds returns APIVERSION/KIND of all that the version serves by default, sorted.
func (v *Version) Kinds() []string {
	var out []string
	for name, k := range v.kinds {
		if !k.off {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// BuiltIn tells whether an API group is one of Kubernetes itself, in any version. The group without a name, of Secrets
// and Services, is "".
func BuiltIn(group string) bool { return groups()[group] }

// groups are those of all versions, and those that were removed before the oldest.
var groups = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{"extensions": true, "settings.k8s.io": true, "auditregistration.k8s.io": true}
	for line := range strings.Lines(text()) {
		if rest, ok := strings.CutPrefix(line, "kind "); ok {
			group, after, _ := strings.Cut(rest, "/")
			if !strings.Contains(strings.Fields(after)[0], "/") { // v1/Secret
				group = ""
			}
			out[group] = true
		}
	}
	return out
})

// text is what the file holds.
var text = sync.OnceValue(func() string {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // the file is part of the program
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		panic(err)
	}
	return string(data)
})

// versions are read when they are needed.
var versions [Newest + 1]struct {
	once    sync.Once
	version *Version
}

func of(minor int) *Version {
	v := &versions[minor]
	v.once.Do(func() { v.version = read(text(), minor) })
	return v.version
}

// read reads a version from the file, whose form internal/tools/apiversions describes.
func read(text string, minor int) *Version {
	v := &Version{Minor: minor, kinds: map[string]kind{}, types: map[string]*fields{}}
	var current *fields // nil if the version does not have it
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 6)
		switch {
		case strings.HasPrefix(line, " "):
			if current != nil {
				current.add(v, words)
			}
		case words[0] == "kind":
			if isWithin(minor, words[4], words[5]) {
				v.kinds[words[1]] = kind{off: words[3] == "off", of: v.typeOf(words[2])}
			}
		default: // type
			current = nil
			if isWithin(minor, words[2], words[3]) {
				current = v.typeOf(words[1])
			}
		}
	}
	return v
}

func isWithin(minor int, first, last string) bool {
	from, _ := strconv.Atoi(first) // the file is part of the program
	to, _ := strconv.Atoi(last)
	return from <= minor && minor <= to
}

// typeOf returns a type, whose fields may not be known yet.
func (v *Version) typeOf(name string) *fields {
	if v.types[name] == nil {
		v.types[name] = &fields{byName: map[string]field{}}
	}
	return v.types[name]
}

// add adds a field: NAME TYPE [required] [VALUES].
func (f *fields) add(v *Version, words []string) {
	added := field{of: v.shapeOf(words[1])}
	rest := strings.Join(words[2:], " ")
	if after, ok := strings.CutPrefix(rest, "required"); ok {
		f.required = append(f.required, words[0])
		rest = strings.TrimSpace(after)
	}
	if rest != "" {
		if err := json.Unmarshal([]byte(rest), &added.values); err != nil {
			panic(err) // the file is part of the program
		}
	}
	f.byName[words[0]] = added
}

// shapeOf returns what an expression of the file means.
func (v *Version) shapeOf(expression string) *shape {
	if inner, ok := strings.CutPrefix(expression, "[]"); ok {
		return &shape{basic: "list", of: v.shapeOf(inner)}
	}
	if inner, ok := strings.CutPrefix(expression, "{}"); ok {
		return &shape{basic: "map", of: v.shapeOf(inner)}
	}
	if strings.Contains(expression, ".") {
		return &shape{basic: "fields", fields: v.typeOf(expression)}
	}
	return &shape{basic: expression}
}

// names returns the names of the fields, sorted.
func (f *fields) names() []string { return slices.Sorted(maps.Keys(f.byName)) }
