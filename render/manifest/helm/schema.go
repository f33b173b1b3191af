package helm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

const schemaURL = "file:///values.schema.json"

// noReferences refuses references of a schema to anything outside it: Helm would read files and addresses. What is a
// URN, Helm takes for a schema that allows everything.
type noReferences struct{}

func (noReferences) Load(url string) (any, error) {
	if strings.HasPrefix(url, "urn:") {
		return true, nil
	}
	return nil, errors.New("refers to something outside the chart, which is not loaded")
}

// validate checks the values of a chart and of its subcharts against their values.schema.json, as Helm does. The error
// names the chart's file and the key.
func validate(t *tree, values map[string]any) error {
	if t.loaded.Schema != nil {
		if err := validateOne(t, values); err != nil {
			return err
		}
	}
	for _, child := range t.subcharts {
		raw := values[child.name]
		if raw == nil {
			continue
		}
		own, ok := raw.(map[string]any)
		if !ok {
			return problem.New(t.path, 0, "the values of the subchart %s must be a map, not %T", child.name, raw)
		}
		if err := validate(child, own); err != nil {
			return err
		}
	}
	return nil
}

func validateOne(t *tree, values map[string]any) (err error) {
	file := t.path + "/values.schema.json"
	defer func() {
		if r := recover(); r != nil {
			err = problem.New(file, 0, "cannot be used: %v", r)
		}
	}()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(t.loaded.Schema))
	if err != nil {
		return problem.New(file, 0, "is no JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noReferences{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return problem.New(file, 0, "is no schema: %w", err)
	}
	schema, err := compiler.Compile(schemaURL)
	if err != nil {
		return problem.New(file, 0, "is no schema: %w", err)
	}
	// The validator knows only what JSON knows; parameters and file parameters bring other types of numbers.
	data, err := json.Marshal(values)
	if err != nil {
		return problem.New(file, 0, "the values are no JSON: %w", err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil && !errors.Is(err, io.EOF) {
		return problem.New(file, 0, "the values are no JSON: %w", err)
	}
	var failure *jsonschema.ValidationError
	switch err := schema.Validate(instance); {
	case errors.As(err, &failure):
		return problem.New(file, 0, "the values do not fit the schema: %s", strings.Join(failures(failure, nil), "; "))
	case err != nil:
		return problem.New(file, 0, "the values cannot be checked: %w", err)
	}
	return nil
}

// failures returns the innermost causes, each with its key, sorted.
func failures(e *jsonschema.ValidationError, out []string) []string {
	for _, cause := range e.Causes {
		out = failures(cause, out)
	}
	if len(e.Causes) > 0 {
		slices.Sort(out)
		return slices.Compact(out)
	}
	key := strings.Join(e.InstanceLocation, ".")
	if key == "" {
		key = "(top)"
	}
	return append(out, fmt.Sprintf("%s: %s", key, e.ErrorKind.LocalizedString(message.NewPrinter(language.English))))
}
