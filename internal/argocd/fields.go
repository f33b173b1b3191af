package argocd

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// fields.json is made of the Go sources of each version. The types themselves would cost more than all the rest of a
// render: see cmd/cmp/main.go.
//
//go:generate go run -C ../.. ./internal/tools/argocdschema -update
//go:embed fields.json
var fieldsJSON []byte

// The kinds of objects whose fields are known.
const (
	Application    = "Application"
	ApplicationSet = "ApplicationSet"
)

// A field is one of a type. Its own type is the name of another, with [] in front for a list and {} for a map; or
// string, number, boolean, any.
type field struct {
	typ         string
	first, last int // of the versions that know it, as long as there is the type that it is in
}

func (f field) known(v Version) bool { return f.first <= v.order && v.order <= f.last }

// A schema has the fields of types by their names.
type schema map[string]map[string]field

// loadSchema reads what is embedded once it is needed, and panics if that is no schema, which a test would show.
var loadSchema = sync.OnceValue(func() schema {
	s, err := readSchema(fieldsJSON)
	if err != nil {
		panic("fields.json: " + err.Error())
	}
	return s
})

// readSchema reads what internal/tools/argocdschema writes, and fails for anything else.
func readSchema(data []byte) (schema, error) {
	var file struct{ Types map[string]map[string]string }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	s := make(schema, len(file.Types))
	for name, texts := range file.Types {
		s[name] = make(map[string]field, len(texts))
		for key, text := range texts {
			f, err := readField(text)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", name, key, err)
			}
			s[name][key] = f
		}
	}
	return s, nil
}

// readField reads a type, and behind it the first version that knows the field, with - and the last one, if not all do.
func readField(text string) (field, error) {
	newest := len(Versions) - 1
	typ, span, limited := strings.Cut(text, " ")
	if !limited {
		return field{typ: typ, last: newest}, nil
	}
	first, last, ended := strings.Cut(span, "-")
	if !ended {
		last = Versions[newest].Name
	}
	f := field{typ: typ, first: orderOf(first), last: orderOf(last)}
	if f.first < 0 || f.last < 0 {
		return field{}, fmt.Errorf("there are no versions %s", span)
	}
	return f, nil
}

func orderOf(name string) int {
	return slices.IndexFunc(Versions, func(v Version) bool { return v.Name == name })
}

// A Finding is a place where an object does not fit what a version of Argo CD knows.
type Finding struct {
	Path    string // of the field, such as spec.generators[0].oci
	Message string // what is wrong, with the path, and with the version that knows the field if one does
	Unknown bool   // the field is not known; otherwise its value is of the wrong type
	Known   string // the name of the version next to the one asked for that knows the field; "" if none does
}

// Hint returns what to do about it.
func (f Finding) Hint() string {
	switch {
	case f.Known != "":
		return fmt.Sprintf("remove it, or render as Argo CD %s (spec.argocdVersion) if that is what runs", f.Known)
	case f.Unknown:
		return "correct it, unless a newer Argo CD knows it"
	}
	return "correct it"
}

// Unknown returns where an object of a kind, [Application] or [ApplicationSet], does not fit the types of a version,
// the newest if it is none: unknown fields and generators, and values of the wrong type. They are in the order of keys.
// What Argo CD itself writes (status) fits. Of other kinds nothing is found.
func Unknown(kind string, object map[string]any, v Version) []Finding {
	if v.IsZero() {
		v = Newest()
	}
	s := loadSchema()
	if s[kind] == nil {
		return nil
	}
	c := check{schema: s, version: v}
	c.value(nil, object, kind)
	return c.found
}

// A check looks for findings.
type check struct {
	schema
	version Version
	found   []Finding
}

// A place is where a value is: a key or an index, below another place. Only findings make text of it.
type place struct {
	parent *place
	key    string
	index  int // -1 for a key
}

func (p *place) String() string {
	if p == nil {
		return ""
	}
	text := p.parent.String()
	switch {
	case p.index >= 0:
		return fmt.Sprintf("%s[%d]", text, p.index)
	case text == "":
		return p.key
	}
	return text + "." + p.key
}

func (c *check) value(at *place, value any, typ string) {
	ok, want := true, ""
	switch {
	case value == nil || typ == "any":
	case typ == "string":
		_, ok = value.(string)
		want = "a string"
	case typ == "number":
		_, ok = value.(float64)
		want = "a number"
	case typ == "boolean":
		_, ok = value.(bool)
		want = "a boolean"
	case strings.HasPrefix(typ, "[]"):
		var list []any
		list, ok = value.([]any)
		want = "a list"
		for i, item := range list {
			c.value(&place{parent: at, index: i}, item, typ[2:])
		}
	default:
		var m map[string]any
		m, ok = value.(map[string]any)
		want = "a map"
		for _, key := range slices.Sorted(maps.Keys(m)) {
			c.field(&place{parent: at, key: key, index: -1}, m[key], typ)
		}
	}
	if !ok {
		path := at.String()
		message := fmt.Sprintf("%s must be %s for Argo CD, not %s", path, want, fields.TypeName(value))
		c.found = append(c.found, Finding{Path: path, Message: message})
	}
}

// field checks a field of a type, or a value of a map.
func (c *check) field(at *place, value any, typ string) {
	if strings.HasPrefix(typ, "{}") {
		c.value(at, value, typ[2:])
		return
	}
	f, exists := c.schema[typ][at.key]
	if exists && f.known(c.version) {
		c.value(at, value, f.typ)
		return
	}
	found := Finding{Path: at.String(), Unknown: true}
	if exists {
		known := f.first
		if f.last < c.version.order {
			known = f.last
		}
		found.Known = Versions[known].Name
		found.Message = fmt.Sprintf("Argo CD %s does not know the field %s, which %s knows",
			c.version.Name, found.Path, found.Known)
	} else {
		found.Message = "Argo CD does not know the field " + found.Path
	}
	c.found = append(c.found, found)
}
