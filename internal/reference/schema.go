package reference

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// A schema is a JSON Schema of draft-07, which every editor with schemas for YAML knows.
type schema = map[string]any

const (
	draft = "http://json-schema.org/draft-07/schema#"
	// repository is where the pages and schemas can be read.
	repository = "https://github.com/eks-fleet-management/fleet-cmp/blob/main/"
	raw        = "https://raw.githubusercontent.com/eks-fleet-management/fleet-cmp/main/"
	directory  = "docs/reference/"
)

// Modeline returns the first line of a file of the kind, by which editors find its schema.
func (k *Kind) Modeline() string { return "# yaml-language-server: $schema=" + k.SchemaURL() }

// SchemaURL returns the address of the schema of a kind.
func (k *Kind) SchemaURL() string { return raw + directory + k.SchemaFile() }

// SchemaFile returns where the schema of a kind is below docs/reference.
func (k *Kind) SchemaFile() string { return "schemas/" + k.Name + ".schema.json" }

// Schema returns the JSON Schema of files of the kind. Where the program refuses a key that it does not know, or finds
// that it has no effect, so does the schema.
func (k *Kind) Schema() []byte {
	s := k.object("")
	switch k {
	case &settingsKind: // all that is no setting is a component
		settings := schema{}
		for _, key := range settingsKind.Below("") {
			settings[key.Name()] = key.schema()
		}
		s = valuesSchema(settings)
	case &componentKind:
		settings := schema{}
		for _, key := range settingsKind.Below("") {
			settings[key.Name()] = schema{"not": schema{},
				"description": "A setting has no effect in a component file."}
			if slices.Contains(FromComponentFiles, key.Name()) {
				settings[key.Name()] = key.schema()
			}
		}
		s = valuesSchema(settings)
	}
	s["$schema"], s["$id"], s["title"] = draft, k.SchemaURL(), k.Title
	s["description"] = "Written in " + k.Files + "."
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // of maps, lists and strings, there is none
	}
	return out.Bytes()
}

// FromComponentFiles are the settings that a component file can set (rule settings-not-from-component-files in
// docs/rules/settings.md).
var FromComponentFiles = []string{"annotations", "commonLabels", "nameOverride"}

// valuesSchema returns the schema of values: settings, and components under any other name. A name that begins with x-
// or a dot is for anchors.
func valuesSchema(settings schema) schema {
	component := componentKind.object("")
	component["type"] = []string{"object", "null"}
	component["description"] = "A component; null switches it off."
	return schema{
		"type":                 []string{"object", "null"},
		"properties":           settings,
		"patternProperties":    schema{`^(x-|\.)`: true},
		"additionalProperties": schema{"$ref": "#/definitions/component"},
		"definitions":          schema{"component": component},
	}
}

// object returns the schema of the map at a path.
func (k *Kind) object(path string) schema {
	properties, required := schema{}, []string{}
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	for _, key := range k.Below(path) {
		if isAny(key.Name()) {
			s["additionalProperties"] = key.schema()
			continue
		}
		properties[key.Name()] = key.schema()
		if key.Required {
			required = append(required, key.Name())
		}
	}
	if other := k.beside[path]; other != nil {
		for _, key := range other.Below("") {
			properties[key.Name()] = key.schema()
		}
	}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

var scalar = []string{"string", "number", "boolean", "null"}

// schema returns the schema of the values of a key. Null is as if the key were not there.
func (k Key) schema() schema {
	s := k.typed()
	if k.Inert {
		s = schema{"not": schema{}}
	}
	s["description"] = k.Effect
	if !k.Required {
		return s
	}
	if types, is := s["type"].([]string); is {
		s["type"] = slices.DeleteFunc(slices.Clone(types), func(name string) bool { return name == "null" })
	}
	return s
}

func (k Key) typed() schema {
	switch k.Type {
	case Version:
		return schema{"type": []string{"string", "null"}}
	case Switch:
		possible := []any{true, false, "true", "false", nil}
		for _, value := range k.Values {
			possible = append(possible, value)
		}
		s := schema{"enum": possible}
		if k.Default != "" {
			s["default"] = k.Default == "true"
		}
		return s
	case Duration:
		return schema{"type": []string{"string", "null"}, "default": k.Default,
			"pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`}
	case Texts:
		return k.orMap(schema{"type": []string{"array", "null"}, "items": schema{"type": scalar}})
	case TextMap:
		return schema{"type": []string{"object", "null"}, "additionalProperties": schema{"type": scalar}}
	case Map, MapOf:
		return k.mapped()
	case Maps:
		items := k.kind.object(k.pathBelow())
		if k.Open {
			items = schema{"type": "object"}
		}
		return k.orMap(schema{"type": []string{"array", "null"}, "items": items})
	}
	s := schema{"type": scalar}
	if k.Values != nil {
		values := []any{}
		for _, value := range k.Values {
			values = append(values, value)
		}
		if !k.Required {
			values = append(values, nil)
		}
		s = schema{"enum": values}
	}
	if k.Default != "" && !strings.Contains(k.Default, "{{") {
		s["default"] = k.Default
	}
	return s
}

// orMap returns a schema of lists for one of lists and of maps of the same entries, if the key may be either.
func (k Key) orMap(list schema) schema {
	if !k.OrMap {
		return list
	}
	return schema{"anyOf": []any{list, schema{"type": "object", "additionalProperties": list["items"]}}}
}

func (k Key) mapped() schema {
	s := k.kind.object(k.pathBelow())
	if k.Type == MapOf && k.pathBelow() != k.Path {
		s = schema{"additionalProperties": s}
	}
	if k.Open {
		delete(s, "additionalProperties")
		if len(k.Below()) == 0 {
			delete(s, "properties")
		}
	}
	s["type"] = []string{"object", "null"}
	return s
}
