// Package explanation shows merged values: all of them or a part, and where each of them comes from.
package explanation

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// An Explanation says of each key of merged values where it comes from. It has no credentials in addresses.
type Explanation struct {
	Application string                  `json:"application,omitempty"` // that reads the values, if it is known
	Levels      []fleet.ClusterLevel    `json:"levels,omitempty"`
	Unread      []string                `json:"unread,omitempty"` // value files that the Application does not read
	Keys        []hierarchy.Explanation `json:"keys"`

	key       []string // of which the keys are the part; nil for all
	inherited [][]string
	inHelm    bool // the values are a component's, and Helm lays them over those of a chart
}

// Of explains merged values.
func Of(merged *render.Merged) *Explanation {
	e := of(merged)
	for i := range e.Keys {
		e.Keys[i].Value = address.RedactValue(e.Keys[i].Value, e.Keys[i].Path...)
		for j := range e.Keys[i].Overrode {
			e.Keys[i].Overrode[j].Value = address.RedactValue(e.Keys[i].Overrode[j].Value, e.Keys[i].Path...)
		}
	}
	return e
}

// Given returns merged values as [Explanation.Value] does, with the credentials in them.
func Given(merged *render.Merged) map[string]any { return of(merged).values() }

func of(merged *render.Merged) *Explanation {
	e := &Explanation{Application: merged.Application, Levels: merged.Levels, Unread: merged.Unread,
		Keys: merged.Values.Explain(), inherited: merged.Inherited, inHelm: merged.Inline != nil}
	for i := range e.Keys {
		e.Keys[i].Removed = e.Keys[i].Removed || e.Keys[i].Value == nil && slices.ContainsFunc(merged.Removed,
			func(path []string) bool { return slices.Equal(path, e.Keys[i].Path) })
	}
	return e
}

// Select leaves only the part with a key: a.b, with quotes around what holds a dot. It fails if there is none.
func (e *Explanation) Select(key string) error {
	path, err := parseKey(key)
	if err != nil {
		return err
	}
	var part []hierarchy.Explanation
	for _, k := range e.Keys {
		if len(k.Path) >= len(path) && slices.Equal(k.Path[:len(path)], path) {
			part = append(part, k)
		}
	}
	if len(part) == 0 {
		return e.noKey(key, path)
	}
	e.Keys, e.key = part, path
	return nil
}

// noKey says that there is no such key, and which there are where it would be.
func (e *Explanation) noKey(key string, path []string) error {
	known := 0 // how much of the path there is
	var names []string
	for _, k := range e.Keys {
		common := 0
		for common < min(len(k.Path), len(path)) && k.Path[common] == path[common] {
			common++
		}
		if common > known {
			known, names = common, nil
		}
		if common == known && common < len(k.Path) {
			names = append(names, hierarchy.Key(k.Path[common:common+1]))
		}
	}
	names = slices.Compact(names)
	missing := problem.New("", 0, "there is no value %s", strconv.Quote(key))
	where := "the keys are "
	if known > 0 {
		where = "the keys of " + hierarchy.Key(path[:known]) + " are "
	}
	if len(names) == 0 {
		return missing.WithHint("%s has no keys", hierarchy.Key(path[:known]))
	}
	return missing.WithHint("%s", problem.Suggest(hierarchy.Key(path[known:known+1]), names, where+problem.Few(names)))
}

// parseKey takes a key as [hierarchy.Key] writes it apart.
func parseKey(key string) ([]string, error) {
	var path []string
	for rest := key; ; {
		part, after, more := strings.Cut(rest, ".")
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err == nil {
				part, err = strconv.Unquote(quoted)
			}
			after, more = strings.CutPrefix(strings.TrimPrefix(rest, quoted), ".")
			if err != nil || after != "" && !more {
				return nil, problem.New("", 0, "%q is no key", key).
					WithHint(`write it as a.b, with quotes around what holds a dot: a."b.c"`)
			}
		} else if part == "" {
			return nil, problem.New("", 0, "%q is no key", key).WithHint("write it as a.b")
		}
		path = append(path, part)
		if !more {
			return path, nil
		}
		rest = after
	}
}

// Change leaves only what is not as in the chart.
func (e *Explanation) Change() {
	e.Keys = slices.DeleteFunc(e.Keys, func(k hierarchy.Explanation) bool {
		if k.Source == hierarchy.SourceChart {
			return true
		}
		i := slices.IndexFunc(k.Overrode, func(o hierarchy.Origin) bool { return o.Source == hierarchy.SourceChart })
		return i >= 0 && !k.Removed && reflect.DeepEqual(k.Overrode[i].Value, k.Value)
	})
}

// Value returns the values as they are explained; of a part, what stands under its key. In the values of a component, a
// null says that it removes a value of the chart, so that Helm makes of them what it makes of the Application.
func (e *Explanation) Value() any {
	var value any = e.values()
	for _, key := range e.key {
		value = fields.AsMap(value)[key]
	}
	return value
}

func (e *Explanation) values() map[string]any {
	values := map[string]any{}
	for _, k := range e.Keys {
		value := k.Value
		if k.Removed {
			value = nil
		}
		if e.inHelm && k.Source == hierarchy.SourceChart && e.inherits(k) || !e.inHelm && k.Removed {
			continue
		}
		set(values, k.Path, value)
	}
	return values
}

// inherits tells whether Helm has a key of the chart without being given it: nulls that are values, and what would be
// another value then.
func (e *Explanation) inherits(k hierarchy.Explanation) bool {
	return k.Value == nil && !k.Removed || slices.ContainsFunc(e.inherited, func(path []string) bool {
		return len(path) <= len(k.Path) && slices.Equal(path, k.Path[:len(path)])
	})
}

func set(values map[string]any, path []string, value any) {
	for _, key := range path[:len(path)-1] {
		child, isMap := values[key].(map[string]any)
		if !isMap {
			child = map[string]any{}
			values[key] = child
		}
		values = child
	}
	if object, isMap := value.(map[string]any); isMap && len(object) == 0 {
		value = map[string]any{} // which keys may be added to
	}
	values[path[len(path)-1]] = value
}
