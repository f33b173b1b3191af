package helm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
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
// names the chart's file and the key, and is an [UnfitError].
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
			var unfit *UnfitError
			if errors.As(err, &unfit) {
				for i, path := range unfit.paths {
					unfit.paths[i] = slices.Concat([]string{child.name}, path)
				}
			}
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
		return problem.New(file, 0, "the values do not fit the schema: %w",
			&UnfitError{paths: pathsOf(failure), text: strings.Join(failures(failure, nil), "; ")})
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
	return append(out, key+": "+unfit(e.ErrorKind))
}

// unfit says why a value does not fit, without the value: it may be a password.
func unfit(why jsonschema.ErrorKind) string {
	switch why := why.(type) {
	case *kind.Pattern:
		return fmt.Sprintf("the value does not match pattern '%s'", why.Want)
	case *kind.Format:
		return "the value is not valid " + why.Want
	}
	return why.LocalizedString(message.NewPrinter(language.English))
}

// An UnfitError is about values that do not fit the schema of their chart.
type UnfitError struct {
	// Own is the path of a value that does not, from the top of the values, if values or a valuesObject have it.
	Own []string

	paths [][]string // of all of them
	text  string
}

func (e *UnfitError) Error() string { return e.text }

// pathsOf returns the paths of the values that do not fit: those of keys that the schema does not have, too.
func pathsOf(e *jsonschema.ValidationError) [][]string {
	var paths [][]string
	for _, cause := range e.Causes {
		paths = append(paths, pathsOf(cause)...)
	}
	if unknown, is := e.ErrorKind.(*kind.AdditionalProperties); is {
		for _, key := range unknown.Properties {
			paths = append(paths, append(slices.Clip(e.InstanceLocation), key))
		}
	} else if len(e.Causes) == 0 && len(e.InstanceLocation) > 0 {
		paths = append(paths, e.InstanceLocation)
	}
	return paths
}

// placed returns an error about values that do not fit a schema with the place of the value file that has one. What is
// in no file, or missing, is left where the schema is.
func (o Options) placed(c *Chart, err error) error {
	var unfit *UnfitError
	var p *problem.Problem
	if !errors.As(err, &unfit) || !errors.As(err, &p) {
		return err
	}
	for _, path := range unfit.paths {
		file, found := o.setBy(c, path)
		switch {
		case found && file.Name == "":
			unfit.Own = path
			return err
		case found:
			at := *p
			at.File = file.Name
			at.Message = strings.Replace(p.Message, "the schema", "the schema "+p.File, 1)
			if d, err := hierarchy.ParseDocument(file.Name, file.Data); err == nil {
				at.Line = d.Line(path...)
			}
			return &at
		}
	}
	return err
}

// setBy returns the value file that has the value at a path, the last one if there are several. It has no name if it is
// values or valuesObject that have it.
func (o Options) setBy(c *Chart, path []string) (File, bool) {
	own := hasPath(o.Values, path)
	if own && !o.ValuesLowest {
		return File{}, true
	}
	for _, file := range slices.Backward(o.ValueFiles) {
		if layer, err := c.layer(file, o.Memory); err == nil && hasPath(layer, path) {
			return file, true
		}
	}
	return File{}, own
}

// hasPath tells whether values have something at a path.
func hasPath(values any, path []string) bool {
	for _, key := range path {
		switch v := values.(type) {
		case map[string]any:
			inner, is := v[key]
			if !is {
				return false
			}
			values = inner
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return false
			}
			values = v[i]
		default:
			return false
		}
	}
	return true
}
