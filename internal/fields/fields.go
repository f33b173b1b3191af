// Package fields reads the typed keys of one YAML map, in the way that a Helm template would see them: a string may
// be written as a number or a boolean, a switch as text. It remembers which keys were asked for, so that the others
// can be reported as unknown, and says for every wrong type where it stands.
package fields

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Locator tells the file and line of a key of the map (line 0 if unknown). No keys: the map itself.
type Locator func(keys ...string) (file string, line int)

// A Reader reads the keys of a map. The first wrong type is kept and returned by Err; after it, reading goes on
// with zero values, so that callers check once.
type Reader struct {
	values map[string]any
	what   string
	locate Locator
	known  map[string]bool
	err    error
}

// New returns a reader of values; what names the map in messages, for example `component "karpenter"`.
func New(values map[string]any, what string, locate Locator) *Reader {
	return &Reader{values: values, what: what, locate: locate, known: map[string]bool{}}
}

// ErrType is the cause of a problem with a value of the wrong type.
var ErrType = errors.New("wrong type")

// Err returns the first problem found so far, or nil.
func (r *Reader) Err() error { return r.err }

// Values returns the map that is read. It must not be changed.
func (r *Reader) Values() map[string]any { return r.values }

// Fail records a problem with a key, unless there is one already.
func (r *Reader) Fail(key, format string, args ...any) {
	if r.err != nil {
		return
	}
	r.err = r.Problem(key, format, args...)
}

// FailWith records an error found elsewhere about a part of the map; nil changes nothing.
func (r *Reader) FailWith(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Problem returns a problem with a key, with its place and the name of the map.
func (r *Reader) Problem(key, format string, args ...any) *problem.Problem {
	var keys []string
	if key != "" {
		keys = []string{key}
	}
	file, line := r.locate(keys...)
	if r.what != "" {
		format, args = "%s: "+format, slices.Concat([]any{r.what}, args)
	}
	return problem.New(file, line, format, args...)
}

// Has tells whether the key is present with a value other than null.
func (r *Reader) Has(key string) bool {
	r.known[key] = true
	return r.values[key] != nil
}

// Text returns a scalar as text; null, and a missing key, give "".
func (r *Reader) Text(key string) string {
	r.known[key] = true
	s, ok := Text(r.values[key])
	if !ok {
		r.wrongType(key, "a string")
	}
	return s
}

// TextOr returns a scalar as text, or the default where Helm's `default` function would: for a missing key, null, "",
// 0 and false.
func (r *Reader) TextOr(key, otherwise string) string {
	s := r.Text(key)
	if Empty(r.values[key]) {
		return otherwise
	}
	return s
}

// True tells whether the value, printed as text, is "true": a boolean or a string. A missing key and null are false;
// maps and lists are of the wrong type.
func (r *Reader) True(key string) bool { return r.Text(key) == "true" }

// On tells whether a switch is on that any non-empty value turns on, except the text "false" (rule switch-false-is-off
// in docs/rules/settings.md).
func (r *Reader) On(key string) bool {
	s := r.Text(key)
	return !Empty(r.values[key]) && s != "false"
}

// Map returns a map; a missing key gives nil, and so do null and other empty values, as in Helm templates.
func (r *Reader) Map(key string) map[string]any {
	r.known[key] = true
	v := r.values[key]
	m, ok := v.(map[string]any)
	if !ok && !Empty(v) {
		r.wrongType(key, "a map")
	}
	return m
}

// List returns a list; a missing key gives nil, and so do null and other empty values, as in Helm templates.
func (r *Reader) List(key string) []any {
	r.known[key] = true
	v := r.values[key]
	l, ok := v.([]any)
	if !ok && !Empty(v) {
		r.wrongType(key, "a list")
	}
	return l
}

// Texts returns a list of scalars as strings.
func (r *Reader) Texts(key string) []string {
	list := r.List(key)
	if list == nil {
		return nil
	}
	texts := make([]string, len(list))
	for i, v := range list {
		s, ok := Text(v)
		if !ok {
			r.failType(key, "%s[%d] must be a string, not %s", key, i, TypeName(v))
			return nil
		}
		texts[i] = s
	}
	return texts
}

// TextMap returns a map whose values are scalars, as strings. A null removes its key.
func (r *Reader) TextMap(key string) map[string]string {
	m := r.Map(key)
	texts := make(map[string]string, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		if v == nil {
			continue
		}
		s, ok := Text(v)
		if !ok {
			r.failType(key, "%s: the value of %q must be a string, not %s", key, k, TypeName(v))
			return nil
		}
		texts[k] = s
	}
	return texts
}

// Any returns a value as it is.
func (r *Reader) Any(key string) any {
	r.known[key] = true
	return r.values[key]
}

// Unknown returns the keys that were never asked for, sorted.
func (r *Reader) Unknown() []string {
	var unknown []string
	for key := range r.values {
		if !r.known[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// Known returns the keys that were asked for, sorted.
func (r *Reader) Known() []string { return slices.Sorted(maps.Keys(r.known)) }

// Finish returns the first problem found so far, or one with a key that was never asked for; nil if there is none.
func (r *Reader) Finish() error {
	if unknown := r.Unknown(); r.err == nil && len(unknown) > 0 {
		return r.Problem(unknown[0], "unknown key %q", unknown[0]).
			WithHint("%s", problem.Suggest(unknown[0], r.Known(), "known are "+strings.Join(r.Known(), ", ")))
	}
	return r.err
}

func (r *Reader) wrongType(key, want string) {
	r.failType(key, "%s must be %s, not %s", key, want, TypeName(r.values[key]))
}

func (r *Reader) failType(key, format string, args ...any) {
	p := r.Problem(key, format, args...)
	p.Err = ErrType
	r.FailWith(p)
}

// Text returns a scalar as text, and whether it is one. Null is "". Whole numbers keep all their digits, where a
// Helm template prints seven digits and more in scientific notation (rule numbers-keep-digits in
// docs/rules/settings.md).
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		format := byte('f')
		if math.Abs(v) >= 1e21 {
			format = 'g'
		}
		return strconv.FormatFloat(v, format, -1, 64), true
	}
	return "", false
}

// SortedKeys returns the keys of maps, those of each map in order.
func SortedKeys(all ...map[string]any) []string {
	keys := []string{}
	for _, m := range all {
		keys = append(keys, slices.Sorted(maps.Keys(m))...)
	}
	return keys
}

// Empty tells whether a value counts as empty in Helm templates: null, "", 0, false, and empty maps and lists.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// TypeName says in words what kind of YAML value this is.
func TypeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	}
	return "an unknown type"
}
