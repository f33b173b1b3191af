package helm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	yamlv3 "sigs.k8s.io/yaml/goyaml.v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A functionSet has the functions of a version of Helm.
type functionSet struct {
	plain map[string]any // those that need nothing of a render
	known map[string]any // has the names that the parser accepts: the functions of a template's author
}

var functions3 = sync.OnceValue(func() functionSet { return newFunctionSet(nil) })

// functions316 are those of Helm 3.16.
var functions316 = sync.OnceValue(func() functionSet {
	set := newFunctionSet(nil)
	for _, name := range []string{"fromToml", "toYamlPretty"} {
		delete(set.plain, name)
		delete(set.known, name)
	}
	return set
})

// functions42 are those of Helm 4.2.
var functions42 = sync.OnceValue(func() functionSet { return newFunctionSet(of42()) })

var functions4 = sync.OnceValue(func() functionSet {
	more := of42()
	maps.Copy(more, durations())
	return newFunctionSet(more)
})

func of42() map[string]any {
	return map[string]any{"mustToToml": mustToTOML, "mustToYaml": mustToYAML}
}

func newFunctionSet(more map[string]any) functionSet {
	plain := plainFunctions()
	maps.Copy(plain, more)
	known := maps.Clone(plain)
	for _, name := range []string{"include", "tpl",
		"and", "or", "not", "len", "index", "slice", "call", "eq", "ne", "lt", "le", "gt", "ge"} {
		known[name] = true
	}
	return functionSet{plain, known}
}

// plainFunctions are the template functions that need nothing of a render: sprig's without those that read the
// environment or the network, and Helm's own (https://helm.sh/docs/chart_template_guide/function_list/). Those of Go
// that make text are among them under their own names, so that a budget counts them too.
func plainFunctions() map[string]any {
	functions := map[string]any(sprig.TxtFuncMap())
	delete(functions, "env")
	delete(functions, "expandenv")
	maps.Copy(functions, map[string]any{
		"getHostByName": func(string) string { return "" },
		"lookup": func(_, _, _, _ string) (map[string]any, error) {
			return map[string]any{}, nil
		},
		"toToml":        toTOML,
		"fromToml":      fromTOML,
		"toYaml":        toYAML,
		"toYamlPretty":  toYAMLPretty,
		"fromYaml":      fromYAML,
		"fromYamlArray": fromYAMLArray,
		"toJson":        toJSON,
		"fromJson":      fromJSON,
		"fromJsonArray": fromJSONArray,
		"fail":          func(message string) (string, error) { return "", &chartError{message} },
		"required":      required,
		"print":         fmt.Sprint,
		"printf":        fmt.Sprintf,
		"println":       fmt.Sprintln,
		"html":          template.HTMLEscaper,
		"js":            template.JSEscaper,
		"urlquery":      template.URLQueryEscaper,
	})
	return functions
}

// A chartError is what a chart itself says with `fail` and `required`.
type chartError struct{ message string }

func (e *chartError) Error() string { return e.message }

func required(message string, value any) (any, error) {
	if value == nil || value == "" {
		return value, &chartError{message}
	}
	return value, nil
}

// As in Helm, what cannot be written is the empty text (for TOML the error), and what cannot be read is a map with
// the key Error, or a list of the error.

func toYAML(value any) string {
	text, _ := mustToYAML(value)
	return text
}

func mustToYAML(value any) (string, error) {
	data, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(data), "\n"), err
}

func toYAMLPretty(value any) string {
	var data bytes.Buffer
	encoder := yamlv3.NewEncoder(&data)
	encoder.SetIndent(2)
	if encoder.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(data.String(), "\n")
}

// Unlike in Helm, what is too large to be read, or is read by chance, is an error.

type unmarshal func(data []byte, name string, into any) error

func readMapping(text, name string, read unmarshal) (map[string]any, error) {
	out := map[string]any{}
	switch err := read([]byte(text), name, &out); {
	case safeyaml.Refused(err):
		return nil, err
	case err != nil:
		out["Error"] = err.Error()
	}
	return out, nil
}

func readList(text, name string, read unmarshal) ([]any, error) {
	out := []any{}
	switch err := read([]byte(text), name, &out); {
	case safeyaml.Refused(err):
		return nil, err
	case err != nil:
		return []any{err.Error()}, nil
	}
	return out, nil
}

func fromYAML(text string) (map[string]any, error) {
	return readMapping(text, "the text of fromYaml", safeyaml.Unmarshal)
}

func fromYAMLArray(text string) ([]any, error) {
	return readList(text, "the text of fromYamlArray", safeyaml.Unmarshal)
}

func toTOML(value any) string {
	text, err := mustToTOML(value)
	if err != nil {
		return err.Error()
	}
	return text
}

func mustToTOML(value any) (string, error) {
	var data bytes.Buffer
	err := toml.NewEncoder(&data).Encode(value)
	return data.String(), err
}

func fromTOML(text string) (map[string]any, error) {
	return readMapping(text, "the text of fromToml", func(data []byte, name string, into any) error {
		if err := safeyaml.CheckTOML(data, name); err != nil {
			return err
		}
		return toml.Unmarshal(data, into)
	})
}

func toJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(data)
}

func fromJSON(text string) (map[string]any, error) {
	return readMapping(text, "the text of fromJson", safeyaml.UnmarshalJSON)
}

func fromJSONArray(text string) ([]any, error) {
	return readList(text, "the text of fromJsonArray", safeyaml.UnmarshalJSON)
}
