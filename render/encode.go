package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Formats are the output formats: a YAML stream, or JSON.
var Formats = []string{"yaml", "json"}

// Encode returns objects in one of the formats: a YAML stream, or a JSON List as kubectl prints it. Keys are sorted, so
// that the same objects give the same bytes.
func Encode(objects []Object, format string) ([]byte, error) {
	if format == "json" {
		if objects == nil {
			objects = []Object{}
		}
		return EncodeValue(Object{"apiVersion": "v1", "kind": "List", "items": objects}, format)
	}
	if format != "yaml" {
		return EncodeValue(nil, format) // which knows the formats
	}
	var out bytes.Buffer
	for i, object := range objects {
		data, err := EncodeValue(object, format)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	return out.Bytes(), nil
}

// EncodeValue returns a value as one YAML or JSON document.
func EncodeValue(value any, format string) ([]byte, error) {
	switch format {
	case "yaml":
		if hasMergeKey(value) {
			return EncodeValue(value, "json") // which is YAML as well
		}
		return yaml.Marshal(value)
	case "json":
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(value)
		return out.Bytes(), err
	}
	return nil, fmt.Errorf("%w: there is no output format %q; the formats are %s", ErrIncomplete, format, strings.Join(Formats, ", "))
}

// hasMergeKey tells whether a mapping has the key "<<". The YAML encoder does not quote it, and so parsers would take it
// for a merge.
func hasMergeKey(value any) bool {
	switch value := value.(type) {
	case Object:
		if _, has := value["<<"]; has {
			return true
		}
		for _, child := range value {
			if hasMergeKey(child) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, hasMergeKey)
	}
	return false
}

// FileName returns the name of an object's file as kustomize names it: GROUP_VERSION_KIND_NAME.yaml, in lower case.
func FileName(object Object, format string) string {
	name := fmt.Sprintf("%v_%v_%s", object["apiVersion"], object["kind"], nameOf(object))
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		if r == '/' {
			return '_'
		}
		return '-'
	}, strings.ToLower(name))
	return safe + "." + format
}
