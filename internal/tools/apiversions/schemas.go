package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// schemas returns, packed, what internal/kubernetes/schema says of the kinds and types of the versions of Kubernetes:
//
//	kind GROUP/VERSION/KIND TYPE on|off FIRST LAST    in which versions it has the type, served by default or not
//	type NAME FIRST LAST                              in which versions it has the fields of the following lines
//	 FIELD TYPE [required] [VALUES]                   its values are a list in JSON, if it has only some
func schemas(oldest, newest string) (string, error) {
	first, err := minor(oldest)
	if err != nil {
		return "", err
	}
	last, err := minor(newest)
	if err != nil {
		return "", err
	}
	spans := map[string][]span{}
	var required map[string]bool // of the newest version
	for version := last; version >= first; version-- {
		module := fmt.Sprintf("v1.%d.0", version)
		described, err := readDescription(module)
		if err != nil {
			return "", fmt.Errorf("of Kubernetes %s: %w", module, err)
		}
		if required == nil {
			required = described.required()
		}
		lines, err := described.lines(required)
		if err != nil {
			return "", fmt.Errorf("of Kubernetes %s: %w", module, err)
		}
		for _, line := range lines {
			spans[line] = extend(spans[line], version)
		}
	}
	return pack(spans)
}

// A span is from one minor version to another.
type span struct{ first, last int }

// extend adds a version, which is older than all that are in the spans.
func extend(spans []span, version int) []span {
	if n := len(spans); n > 0 && spans[n-1].first == version+1 {
		spans[n-1].first = version
		return spans
	}
	return append(spans, span{version, version})
}

// pack returns a text with all lines and their spans, compressed.
func pack(spans map[string][]span) (string, error) {
	var text bytes.Buffer
	for _, line := range slices.Sorted(maps.Keys(spans)) {
		head, rest, _ := strings.Cut(line, "\n")
		for _, s := range spans[line] {
			fmt.Fprintf(&text, "%s %d %d\n%s", head, s.first, s.last, rest)
		}
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := writer.Write(text.Bytes()); err != nil {
		return "", err
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	return packed.String(), nil
}

// A description is what a version of Kubernetes says about its API in its sources.
type description struct {
	definitions map[string]definition
	kinds       map[resource]string // of what can be created
	enabled     map[string]bool     // by default: API versions, and resources of others
	enums       map[string][]string // by TYPE.FIELD
}

// A definition is a schema of OpenAPI 2.
type definition struct {
	Type                 string
	Format               string
	Ref                  string `json:"$ref"`
	Items                *definition
	AdditionalProperties *definition
	Properties           map[string]definition
	Required             []string
	Kinds                []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
}

// readDescription reads the description of a version, such as v1.36.0.
func readDescription(version string) (*description, error) {
	directory, err := download("k8s.io/kubernetes@" + version)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(directory, "api", "openapi-spec", "swagger.json"))
	if err != nil {
		return nil, err
	}
	var swagger struct {
		Definitions map[string]definition
		Paths       map[string]struct {
			Post struct {
				Kind struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
			}
		}
	}
	if err := json.Unmarshal(data, &swagger); err != nil {
		return nil, err
	}
	out := &description{definitions: swagger.Definitions, kinds: map[resource]string{}}
	for address, operations := range swagger.Paths {
		_, after, _ := strings.Cut(address, "{name}")
		if kind := operations.Post.Kind; kind.Kind != "" && after == "" {
			name := address[strings.LastIndexByte(address, '/')+1:]
			out.kinds[resource{groupVersion(kind.Group, kind.Version), name}] = kind.Kind
		}
	}
	if out.enabled, err = enabledByDefault(directory); err != nil {
		return nil, err
	}
	out.enums, err = readEnums(filepath.Join(directory, "pkg", "generated", "openapi", "zz_generated.openapi.go"))
	return out, err
}

// What the sources generate of the types: the function that describes one, whose name is written or that of a Go type,
// a field, and the values that it can have.
var (
	typeFunction = regexp.MustCompile(
		`^\t\t(?:"([^"]+)"|(\w+)\.(\w+)\{\}\.OpenAPIModelName\(\)): +(schema_\w+)\(ref\),`)
	typeBegin  = regexp.MustCompile(`^func (schema_\w+)\(`)
	fieldBegin = regexp.MustCompile(`^\t{5}"([^"]+)": \{`)
	enumLine   = regexp.MustCompile(`^\t+Enum: +\[\]interface\{\}\{([^}]*)\}`)
)

// readEnums returns the values that fields can have. The description of the API leaves them out.
func readEnums(file string) (map[string][]string, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	packages := importsOf(source)
	names, out := map[string]string{}, map[string][]string{}
	var name, field string
	for line := range strings.Lines(string(source)) {
		if found := typeFunction.FindStringSubmatch(line); found != nil {
			goType := found[1]
			if goType == "" {
				goType = packages[found[2]] + "." + found[3]
			}
			names[found[4]] = definitionOf(goType)
		} else if found := typeBegin.FindStringSubmatch(line); found != nil {
			name = names[found[1]]
		} else if found := fieldBegin.FindStringSubmatch(line); found != nil {
			field = found[1]
		} else if found := enumLine.FindStringSubmatch(strings.TrimRight(line, "\n")); found != nil {
			var values []string
			if err := json.Unmarshal([]byte("["+found[1]+"]"), &values); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, found[1], err)
			}
			out[name+"."+field] = values
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no values of fields", file)
	}
	return out, nil
}

// definitionOf returns the name of the definition of a Go type: io.k8s.api.core.v1.Pod for k8s.io/api/core/v1.Pod.
func definitionOf(goType string) string {
	host, rest, _ := strings.Cut(goType, "/")
	parts := strings.Split(host, ".")
	slices.Reverse(parts)
	return strings.Join(parts, ".") + "." + strings.ReplaceAll(rest, "/", ".")
}

// required returns TYPE.FIELD of what types require.
func (d *description) required() map[string]bool {
	out := map[string]bool{}
	for name, of := range d.definitions {
		for field := range of.Properties {
			out[name+"."+field] = slices.Contains(of.Required, field)
		}
	}
	return out
}

// lines returns the kinds, and the types that they are made of. Which fields are required is taken from the newest
// version that has them: what servers require does not change, only how well that is described.
func (d *description) lines(newer map[string]bool) ([]string, error) {
	types := map[string]string{} // of kinds
	for name, of := range d.definitions {
		for _, kind := range of.Kinds {
			types[groupVersion(kind.Group, kind.Version)+"/"+kind.Kind] = name
		}
	}
	var out []string
	reached := map[string]bool{}
	for resource, kind := range d.kinds {
		name := types[resource.groupVersion+"/"+kind]
		if name == "" {
			return nil, fmt.Errorf("%s has no schema", kind)
		}
		byDefault := "off"
		if d.enabled[resource.groupVersion] || d.enabled[resource.String()] {
			byDefault = "on"
		}
		out = append(out, fmt.Sprintf("kind %s/%s %s %s", resource.groupVersion, kind, short(name), byDefault))
		d.reach(name, reached)
	}
	for name := range reached {
		if len(d.definitions[name].Properties) > 0 {
			out = append(out, d.line(name, newer))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// reach adds a type and all that it is made of.
func (d *description) reach(name string, reached map[string]bool) {
	if reached[name] {
		return
	}
	reached[name] = true
	for _, of := range d.definitions[name].Properties {
		for inner := &of; inner != nil; inner = inside(inner) {
			if inner.Ref != "" {
				d.reach(strings.TrimPrefix(inner.Ref, "#/definitions/"), reached)
			}
		}
	}
}

// inside returns what a list or a map has.
func inside(of *definition) *definition {
	if of.Items != nil {
		return of.Items
	}
	return of.AdditionalProperties
}

// line returns a type and its fields.
func (d *description) line(name string, newer map[string]bool) string {
	of := d.definitions[name]
	var out strings.Builder
	fmt.Fprintf(&out, "type %s\n", short(name))
	for _, field := range slices.Sorted(maps.Keys(of.Properties)) {
		property := of.Properties[field]
		fmt.Fprintf(&out, " %s %s", field, d.expression(&property))
		needed, known := newer[name+"."+field]
		if needed || !known && slices.Contains(of.Required, field) {
			out.WriteString(" required")
		}
		if values := d.enums[name+"."+field]; values != nil {
			encoded, _ := json.Marshal(values) // strings can be encoded
			fmt.Fprintf(&out, " %s", encoded)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// expression says what type a field has.
func (d *description) expression(of *definition) string {
	switch {
	case of.Ref != "":
		name := strings.TrimPrefix(of.Ref, "#/definitions/")
		known := d.definitions[name]
		if len(known.Properties) > 0 {
			return short(name)
		}
		switch last := name[strings.LastIndexByte(name, '.')+1:]; {
		case last == "Quantity", last == "IntOrString", last == "Time", last == "MicroTime":
			return last
		case known.Type == "object":
			return "{}any"
		}
		return "any"
	case of.Items != nil:
		return "[]" + d.expression(of.Items)
	case of.AdditionalProperties != nil:
		return "{}" + d.expression(of.AdditionalProperties)
	case of.Type == "string" && of.Format == "byte", of.Type == "integer" && of.Format == "int32":
		return of.Format
	case of.Type == "string", of.Type == "integer", of.Type == "number", of.Type == "boolean":
		return of.Type
	case of.Type == "object":
		return "{}any"
	}
	return "any"
}

// short leaves out what the names of most types begin with.
func short(name string) string { return strings.TrimPrefix(name, "io.k8s.api.") }
