package lint

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// maxProofs is how many Applications must be the same without a key before it is called dead, if so many read it.
const maxProofs = 3

// A suspect is a key of a value file that the chart does not seem to know.
type suspect struct {
	file, chart string
	line        int // 0: where the path is in the file
	path        []string
	near        string // a key that the chart knows
	proofs      int    // Applications that are the same without the key
	alive       bool   // one is not
}

// suspectsOf returns the keys of value files that a chart neither has in its values or its schema nor names in a
// template. They are found once for each file and chart.
func (l *linter) suspectsOf(chart manifest.SourceChart, file string) []*suspect {
	key := chart.Name + "\x00" + file
	found, known := l.suspects[key]
	if known {
		return found
	}
	if d, err := l.document(file); err == nil {
		unknownKeys(&chart, d.Values, chart.Values, chart.Schema, nil, func(path []string, near string) {
			found = append(found, &suspect{file: file, chart: chart.Name, path: path, near: near})
		})
	}
	l.suspects[key] = found
	return found
}

// unknownKeys reports the keys of values that a chart does not know. Below a map that the chart leaves empty, any key
// may count.
func unknownKeys(chart *manifest.SourceChart, values, defaults, schema map[string]any, at []string,
	report func(path []string, near string)) {
	properties, _ := schema["properties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if len(at) == 0 && (key == "global" || slices.Contains(chart.Subcharts, key)) {
			continue
		}
		value, isMap := values[key].(map[string]any)
		below, hasDefault := defaults[key]
		property, inSchema := properties[key].(map[string]any)
		defaultsBelow, _ := below.(map[string]any)
		switch {
		case hasDefault || inSchema:
			if isMap && (len(defaultsBelow) > 0 || property["properties"] != nil) {
				unknownKeys(chart, value, defaultsBelow, property, append(slices.Clip(at), key), report)
			}
		case chart.Names(append(slices.Clip(at), key)...):
		default:
			known := append(slices.Collect(maps.Keys(defaults)), slices.Collect(maps.Keys(properties))...)
			slices.Sort(known)
			report(append(slices.Clip(at), key), problem.Likely(key, known))
		}
	}
}

// checkDead tries whether the objects of an Application are the same without the keys that its charts do not know.
func (l *linter) checkDead(of stages.Visited, found stages.Objects) {
	ctx := l.ctx
	charts, err := found.Charts(ctx)
	if err != nil {
		return // its render failed too
	}
	for _, chart := range charts {
		for _, file := range chart.ValueFiles {
			if strings.ContainsAny(file, "*?[") {
				continue
			}
			for _, s := range l.suspectsOf(chart, file) {
				if !s.alive && s.proofs < maxProofs {
					l.prove(ctx, s, found)
				}
			}
		}
		for _, s := range l.ownSuspects(of, chart) {
			if !s.alive && s.proofs < maxProofs {
				values, _ := without(chart.Own, s.path).(map[string]any)
				objects, err := found.With(ctx, chart.Source, values)
				s.judge(err == nil && same(objects, found.Objects))
			}
		}
	}
}

// ownSuspects returns the keys of a component's own valuesObject that a chart of it does not know.
func (l *linter) ownSuspects(of stages.Visited, chart manifest.SourceChart) []*suspect {
	values := l.valuesOf(of.Group, of.ArgoCD)
	if values == nil || len(chart.Own) == 0 || of.Component.MainSource != chart.Source {
		return nil
	}
	key := strings.Join([]string{chart.Name, of.Group, of.ArgoCD, of.Component.Key}, "\x00")
	found, known := l.suspects[key]
	if known {
		return found
	}
	own := values.At(of.Component.Key, "valuesObject")
	unknownKeys(&chart, own.Map(), chart.Values, chart.Schema, nil, func(path []string, near string) {
		s := &suspect{chart: chart.Name, path: path, near: near}
		s.file, s.line = own.Locate(path...)
		found = append(found, s)
	})
	l.suspects[key] = found
	return found
}

// judge counts a proof.
func (s *suspect) judge(dead bool) {
	if !dead {
		s.alive = true
		return
	}
	s.proofs++
}

// prove renders an Application without a key.
func (l *linter) prove(ctx context.Context, s *suspect, found stages.Objects) {
	d, err := l.document(s.file)
	if err != nil {
		s.alive = true
		return
	}
	values, _ := without(d.Values, s.path).(map[string]any)
	data, err := yaml.Marshal(values)
	if err != nil {
		s.alive = true
		return
	}
	objects, err := found.Again(ctx, s.file, data)
	s.judge(err == nil && same(objects, found.Objects))
}

func same(a, b []render.Object) bool { return reflect.DeepEqual(a, b) }

// without returns a copy of a value without what is at a path.
func without(value any, path []string) any {
	m, is := value.(map[string]any)
	if !is {
		return value
	}
	m = maps.Clone(m)
	if len(path) == 1 {
		delete(m, path[0])
	} else {
		m[path[0]] = without(m[path[0]], path[1:])
	}
	return m
}

// addDead reports the keys without which every Application that was tried is the same.
func (l *linter) addDead() {
	for _, key := range slices.Sorted(maps.Keys(l.suspects)) {
		for _, s := range l.suspects[key] {
			if s.alive || s.proofs == 0 {
				continue
			}
			line := s.line
			if d, err := l.document(s.file); err == nil && line == 0 {
				line = d.Line(s.path...)
			}
			hint := "correct its name, or remove it"
			if s.near != "" {
				hint = "did you mean " + s.near + "?"
			}
			l.add(problem.New(s.file, line, "%s changes nothing: the chart %s does not know it", hierarchy.Key(s.path),
				s.chart).WithHint("%s", hint).WithRule(problem.RuleDeadValue))
		}
	}
}
