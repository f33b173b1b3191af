package dead

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Ledger keeps which keys of value files and of components seem to change nothing, while the Applications of a fleet
// are seen.
type Ledger struct {
	document func(file string) (*hierarchy.Document, error)
	valuesOf func(group, argoCD string) *hierarchy.Values

	suspects   map[string][]*suspect // by chart and file
	readersOf  map[string][]string   // of a value file: the keys of its suspects
	overriding overriding
}

// New returns a ledger. document reads a file of the fleet, and valuesOf returns the merged values of a group on an
// Argo CD, or nil if there are none.
func New(document func(file string) (*hierarchy.Document, error),
	valuesOf func(group, argoCD string) *hierarchy.Values) *Ledger {
	return &Ledger{document: document, valuesOf: valuesOf,
		suspects: map[string][]*suspect{}, readersOf: map[string][]string{},
		overriding: overriding{map[string]leaves{}, map[string]map[string]*layered{}}}
}

// maxProofs is how many Applications must be the same without a key before it is called dead, if so many read it.
const maxProofs = 3

// A suspect is a key of a value file that the chart does not seem to know.
type suspect struct {
	file, chart string
	line        int // 0: where the path is in the file
	path        []string
	near        string                // a key that the chart knows
	free        bool                  // it is where any key may count: what it is in must be shown to count
	of          *manifest.ChartValues // of which templates may name nearly that key, if it is free
	proofs      int                   // Applications that are the same without the key
	unproven    bool                  // it is the same without what the key is in, too
	alive       bool                  // one is not
}

// open tells whether it is not decided yet.
func (s *suspect) open() bool { return !s.alive && s.proofs < maxProofs && !s.unproven }

// dead tells whether every Application that was tried is the same without the key.
func (s *suspect) dead() bool { return !s.alive && !s.unproven && s.proofs > 0 }

// suspectsOf returns the keys of value files that a chart neither has in its values or its schema nor names in a
// template. They are found once for each file and version of a chart.
func (l *Ledger) suspectsOf(chart *manifest.SourceChart, file string) []*suspect {
	key := strings.Join([]string{chart.Name, chart.Version, file}, "\x00")
	found, known := l.suspects[key]
	if known {
		return found
	}
	if d, err := l.document(file); err == nil {
		keySearch{&chart.ChartValues, func(s suspect) {
			if !d.HoldsAnchor(s.path...) {
				s.file, s.chart = file, chart.Name
				found = append(found, &s)
			}
		}}.find(d.Values, chart.Values, chart.Schema, nil, true)
		l.readersOf[file] = append(l.readersOf[file], key)
	}
	l.suspects[key] = found
	return found
}

// An inspected is an Application of which the dead values are looked for.
type inspected struct {
	found stages.Objects
	text  string          // of all objects, once it is asked for
	idle  map[string]bool // by file and path: whether it is the same without what is there
}

// isIdle tells whether an Application is the same without something that a key is in, from the top: then the key may be
// of something that is off.
func (a *inspected) isIdle(s *suspect, render func(without []string) ([]render.Object, error)) bool {
	for i := 1; i < len(s.path); i++ {
		key := s.file + pathSeparator + strings.Join(s.path[:i], pathSeparator)
		idle, known := a.idle[key]
		if !known {
			objects, err := render(s.path[:i])
			idle = err == nil && same(objects, a.found.Objects)
			a.idle[key] = idle
		}
		if idle {
			return true
		}
	}
	return false
}

// SeeObjects tries whether the objects of an Application are the same without the keys that its charts do not know.
func (l *Ledger) SeeObjects(ctx context.Context, of stages.Visited, found stages.Objects) {
	charts, err := found.Charts(ctx)
	if err != nil {
		return // its render failed too
	}
	app := &inspected{found: found, idle: map[string]bool{}}
	for _, chart := range charts {
		for i, file := range chart.ValueFiles {
			if strings.ContainsAny(file, "*?[") {
				continue
			}
			for _, s := range l.suspectsOf(&chart, file) {
				if s.open() && !l.isOverridden(&chart, i, s.path) {
					l.try(app, s, func(path []string) ([]render.Object, error) {
						return l.withoutKey(ctx, file, path, found)
					})
				}
			}
		}
		for _, s := range l.ownSuspects(of, &chart) {
			if s.open() && (chart.OwnWins || !l.isOverridden(&chart, -1, s.path)) {
				l.try(app, s, func(path []string) ([]render.Object, error) {
					values, _ := without(chart.Own, path).(map[string]any)
					return found.With(ctx, chart.Source, values)
				})
			}
		}
	}
}

// isOverridden tells whether something is laid over a key of a value file, so that nothing can be told from this
// Application. File -1 is the chart's own valuesObject.
func (l *Ledger) isOverridden(chart *manifest.SourceChart, file int, path []string) bool {
	if file >= 0 && chart.OwnWins && laysOver(chart.Own, path) {
		return true
	}
	key := strings.Join(path, pathSeparator)
	return slices.ContainsFunc(chart.ValueFiles[file+1:], func(later string) bool {
		if strings.ContainsAny(later, "*?[") {
			return true
		}
		for leaf := range l.leavesIn(later) {
			if leaf == key || strings.HasPrefix(leaf, key+pathSeparator) || strings.HasPrefix(key, leaf+pathSeparator) {
				return true
			}
		}
		return false
	})
}

// laysOver tells whether values have something at a path, or something else than a map above it.
func laysOver(values map[string]any, path []string) bool {
	for _, key := range path {
		value, is := values[key]
		if !is {
			return false
		}
		if values, is = value.(map[string]any); !is {
			return true
		}
	}
	return true
}

// ownSuspects returns the keys of a component's own valuesObject that a chart of it does not know.
func (l *Ledger) ownSuspects(of stages.Visited, chart *manifest.SourceChart) []*suspect {
	values := l.valuesOf(of.Group, of.ArgoCD)
	if values == nil || len(chart.Own) == 0 || of.Component.MainSource != chart.Source {
		return nil
	}
	key := strings.Join([]string{chart.Name, chart.Version, of.Group, of.ArgoCD, of.Component.Key}, "\x00")
	found, known := l.suspects[key]
	if known {
		return found
	}
	own := values.At(of.Component.Key, "valuesObject")
	keySearch{&chart.ChartValues, func(s suspect) {
		s.chart = chart.Name
		s.file, s.line = own.Locate(s.path...)
		if d, err := l.document(s.file); err == nil && d.HoldsAnchor(append([]string{of.Component.Key, "valuesObject"},
			s.path...)...) {
			return
		}
		found = append(found, &s)
	}}.find(own.Map(), chart.Values, chart.Schema, nil, true)
	l.suspects[key] = found
	return found
}

// try renders an Application without a key. Of a key where any may count, it also renders it without what the key is
// in.
func (l *Ledger) try(app *inspected, s *suspect, render func(without []string) ([]render.Object, error)) {
	if s.free && strings.Contains(app.asText(), s.path[len(s.path)-1]) {
		s.alive = true // it seems to be passed on, and is judged with the object
		return
	}
	if s.free && app.isIdle(s, render) {
		s.unproven = true
		return
	}
	objects, err := render(s.path)
	if err != nil || !same(objects, app.found.Objects) {
		s.alive = true
		return
	}
	s.proofs++
}

func (a *inspected) asText() string {
	if a.text == "" {
		if data, err := json.Marshal(a.found.Objects); err == nil {
			a.text = string(data)
		}
	}
	return a.text
}

// withoutKey renders an Application without a key of a value file.
func (l *Ledger) withoutKey(ctx context.Context, file string, path []string, found stages.Objects) ([]render.Object,
	error) {
	d, err := l.document(file)
	if err != nil {
		return nil, err
	}
	values, _ := without(d.Values, path).(map[string]any)
	data, err := yaml.Marshal(values)
	if err != nil {
		return nil, err
	}
	return found.Again(ctx, file, data)
}

func same(a, b []render.Object) bool { return reflect.DeepEqual(a, b) }

// without returns a copy of a value without what is at a path.
func without(value any, path []string) any {
	switch value := value.(type) {
	case map[string]any:
		m := maps.Clone(value)
		if len(path) == 1 {
			delete(m, path[0])
		} else {
			m[path[0]] = without(m[path[0]], path[1:])
		}
		return m
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(value) {
			return value
		}
		if len(path) == 1 {
			return slices.Delete(slices.Clone(value), i, i+1)
		}
		list := slices.Clone(value)
		list[i] = without(list[i], path[1:])
		return list
	}
	return value
}

// Unknown returns findings about the keys without which every Application that was tried is the same, with each chart
// that reads them.
func (l *Ledger) Unknown() []*problem.Problem {
	var dead []*problem.Problem
	for _, key := range slices.Sorted(maps.Keys(l.suspects)) {
		for _, s := range l.suspects[key] {
			if !s.dead() || l.countsElsewhere(s) {
				continue
			}
			line := s.line
			if d, err := l.document(s.file); err == nil && line == 0 {
				line = d.Line(s.path...)
			}
			near, hint := s.near, "correct its name, or remove it"
			if s.free {
				near = problem.Likely(s.path[len(s.path)-1], s.of.Fields())
			}
			if near != "" {
				hint = "did you mean " + near + "?"
			}
			dead = append(dead, problem.New(s.file, line, "%s changes nothing: the chart %s does not know it",
				hierarchy.Key(s.path), s.chart).WithHint("%s", hint).WithRule(problem.RuleDeadValue))
		}
	}
	return dead
}

// countsElsewhere tells whether a key of a value file may count for another chart, or another version of the chart.
func (l *Ledger) countsElsewhere(s *suspect) bool {
	return slices.ContainsFunc(l.readersOf[s.file], func(reader string) bool {
		return !slices.ContainsFunc(l.suspects[reader], func(other *suspect) bool {
			return slices.Equal(other.path, s.path) && !other.alive && !other.unproven
		})
	})
}
