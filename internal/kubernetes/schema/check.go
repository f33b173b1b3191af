package schema

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Mistake is a place in an object where it is not what its kind says. It never has the value.
type Mistake struct {
	Path   string // spec.containers[0].image
	Text   string // what is wrong, after the path: "is a string, not an integer"
	Likely string // the field that was probably meant; may be empty
}

// most is how many mistakes of an object are told.
const most = 20

// Check returns the first mistakes of an object of a kind that the version serves, in the order of its fields; none for
// other kinds. Its status is not looked at: whoever applies an object does not set that.
func (v *Version) Check(apiVersion, kind string, object map[string]any) []Mistake {
	known, ok := v.kinds[apiVersion+"/"+kind]
	if !ok {
		return nil
	}
	c := checker{subject: kind}
	c.fields("", known.of, object)
	return c.mistakes
}

// CheckMetadata returns the first mistakes of what all objects have: apiVersion, kind, and metadata.
func (v *Version) CheckMetadata(object map[string]any) []Mistake {
	var c checker
	for _, name := range []string{"apiVersion", "kind"} {
		c.value(name, field{of: &shape{basic: "string"}}, object[name])
	}
	if object["metadata"] != nil {
		c.subject = "metadata"
		c.value("metadata", field{of: &shape{basic: "fields", fields: v.types[objectMeta]}}, object["metadata"])
	}
	return c.mistakes
}

// A checker collects mistakes.
type checker struct {
	subject  string // whose fields they are
	mistakes []Mistake
}

func (c *checker) add(path, format string, args ...any) {
	if len(c.mistakes) < most {
		c.mistakes = append(c.mistakes, Mistake{Path: path, Text: fmt.Sprintf(format, args...)})
	}
}

// fields checks a map that has the fields of a type.
func (c *checker) fields(path string, of *fields, object map[string]any) {
	for _, name := range of.required {
		if object[name] == nil {
			c.add(child(path, name), "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if path == "" && name == "status" {
			continue
		}
		at, ok := of.byName[name]
		if !ok {
			c.add(child(path, name), "is not a field of %s", c.subject)
			if last := len(c.mistakes) - 1; c.mistakes[last].Path == child(path, name) {
				c.mistakes[last].Likely = problem.Likely(name, of.names())
			}
			continue
		}
		c.value(child(path, name), at, object[name])
	}
}

// value checks the value of a field. Nothing at all (null) is as if the field were missing.
func (c *checker) value(path string, at field, value any) {
	if value == nil || len(c.mistakes) >= most {
		return
	}
	switch at.of.basic {
	case "any":
	case "list":
		list, ok := value.([]any)
		if !ok {
			c.add(path, "is %s, not a list", describe(value))
			return
		}
		for i, item := range list {
			c.value(fmt.Sprintf("%s[%d]", path, i), field{at.of.of, at.values}, item)
		}
	case "map", "fields":
		object, ok := value.(map[string]any)
		switch {
		case !ok:
			c.add(path, "is %s, not a map", describe(value))
		case at.of.basic == "fields":
			c.fields(path, at.of.fields, object)
		case at.of.of.basic != "any":
			for _, key := range slices.Sorted(maps.Keys(object)) {
				c.value(child(path, key), field{of: at.of.of}, object[key])
			}
		}
	default:
		if wrong := scalar(at.of.basic, value); wrong != "" {
			c.add(path, "%s", wrong)
			return
		}
		// Servers take an empty string for the default.
		if text, ok := value.(string); ok && text != "" && at.values != nil && !slices.Contains(at.values, text) {
			c.add(path, "must be one of %s", problem.Few(slices.DeleteFunc(slices.Clone(at.values), isEmpty)))
		}
	}
}

func isEmpty(s string) bool { return s == "" }

// quantity is how Kubernetes writes quantities: 100m, 1.5Gi, 1e3.
var quantity = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$`)

// scalar says what is wrong with a value that should be a scalar; "" if nothing is.
func scalar(basic string, value any) string {
	text, isText := value.(string)
	number, isNumber := numberOf(value)
	whole := isNumber && number == math.Trunc(number)
	switch basic {
	case "string", "byte", "Time", "MicroTime":
		if !isText {
			return "is " + describe(value) + ", not a string"
		}
		return formatOf(basic, text)
	case "boolean":
		if _, ok := value.(bool); !ok {
			return "is " + describe(value) + ", not a boolean"
		}
	case "number":
		if !isNumber {
			return "is " + describe(value) + ", not a number"
		}
	case "integer", "int32":
		switch {
		case !whole:
			return "is " + describe(value) + ", not an integer"
		case basic == "int32" && math.Abs(number) > math.MaxInt32, math.Abs(number) > math.MaxInt64:
			return "is too large"
		}
	case "IntOrString":
		if !isText && !whole {
			return "is " + describe(value) + ", neither an integer nor a string"
		}
	case "Quantity":
		switch {
		case !isText && !isNumber:
			return "is " + describe(value) + ", not a quantity"
		case isText && !quantity.MatchString(text):
			return "is no quantity such as 100m or 1.5Gi"
		}
	}
	return ""
}

// formatOf says what is wrong with text that should have a form.
func formatOf(basic, text string) string {
	switch basic {
	case "byte":
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return "is not base64"
		}
	case "Time", "MicroTime":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return "is no time such as 2006-01-02T15:04:05Z"
		}
	}
	return ""
}

// numberOf returns a number of any Go type that documents are read into.
func numberOf(value any) (number float64, ok bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case uint64:
		return float64(n), true
	case json.Number:
		number, err := strconv.ParseFloat(n.String(), 64)
		return number, err == nil
	}
	return 0, false
}

// describe says what a value is, without it.
func describe(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	}
	if number, ok := numberOf(value); ok && number == math.Trunc(number) {
		return "an integer"
	}
	return "a number"
}

// child returns the path of a field, or of a key.
func child(path, name string) string {
	switch {
	case strings.ContainsAny(name, "./[] ") && path != "":
		return path + "[" + name + "]"
	case path == "":
		return name
	}
	return path + "." + name
}
