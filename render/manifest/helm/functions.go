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

	"github.com/eks-fleet-management/fleet-cmp/internal/yamlguard"
)

// plainFunctions are the template functions that need nothing of a render: sprig's without those that read the
// environment or the network, and Helm's own (https://helm.sh/docs/chart_template_guide/function_list/). Those of Go that
// make text are among them under their own names, so that a budget counts them too.
var plainFunctions = sync.OnceValue(func() map[string]any {
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
})

// knownFunctions has the names that the parser accepts: the functions of a template's author.
var knownFunctions = sync.OnceValue(func() map[string]any {
	known := maps.Clone(plainFunctions())
	for _, name := range []string{"include", "tpl",
		"and", "or", "not", "len", "index", "slice", "call", "eq", "ne", "lt", "le", "gt", "ge"} {
		known[name] = true
	}
	return known
})

// A chartError is what a chart itself says with `fail` and `required`.
type chartError struct{ message string }

func (e *chartError) Error() string { return e.message }

func required(message string, value any) (any, error) {
	if value == nil || value == "" {
		return value, &chartError{message}
	}
	return value, nil
}

// As in Helm, what cannot be written is the empty text (for TOML the error), and what cannot be read is a mapping with the
// key Error, or a list of the error.

func toYAML(value any) string {
	data, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
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

// Unlike in Helm, YAML that explodes or is read by chance is an error.

func fromYAML(text string) (map[string]any, error) {
	if err := yamlguard.Check([]byte(text), "the text of fromYaml"); err != nil {
		return nil, err
	}
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out, nil
}

func fromYAMLArray(text string) ([]any, error) {
	if err := yamlguard.Check([]byte(text), "the text of fromYamlArray"); err != nil {
		return nil, err
	}
	out := []any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		return []any{err.Error()}, nil
	}
	return out, nil
}

func toTOML(value any) string {
	var data bytes.Buffer
	if err := toml.NewEncoder(&data).Encode(value); err != nil {
		return err.Error()
	}
	return data.String()
}

func fromTOML(text string) map[string]any {
	out := map[string]any{}
	if err := toml.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func toJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(data)
}

func fromJSON(text string) map[string]any {
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func fromJSONArray(text string) []any {
	out := []any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return []any{err.Error()}
	}
	return out
}
