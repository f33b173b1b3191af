package applicationset

import (
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// LocateText returns the file and line that set a text as a value of a component, or of the settings. Of a text that is
// made of several values, it is that of the one that is no template. The file is "" if there is none.
func LocateText(values *hierarchy.Values, component, text string) (file string, line int) {
	file, line = locate(values, component, func(value string) bool { return value == text })
	if file != "" {
		return file, line
	}
	return locate(values, component, func(value string) bool {
		if !strings.Contains(value, "{{") || !strings.Contains(text, value) {
			return false
		}
		_, err := gotemplate.Fields(value)
		return err != nil
	})
}

// locate returns the file and line of the first text, of a component and then of the settings, that matches.
func locate(values *hierarchy.Values, component string, matches func(text string) bool) (file string, line int) {
	var find func(value any, path []string) []string
	find = func(value any, path []string) []string {
		switch value := value.(type) {
		case string:
			if matches(value) {
				return path
			}
		case map[string]any:
			for _, key := range fields.SortedKeys(value) {
				if found := find(value[key], append(slices.Clip(path), key)); found != nil {
					return found
				}
			}
		case []any:
			for i, item := range value {
				if found := find(item, append(slices.Clip(path), strconv.Itoa(i))); found != nil {
					return found
				}
			}
		}
		return nil
	}
	for _, key := range append([]string{component}, wellknown.Settings()...) {
		if path := find(values.Map()[key], []string{key}); path != nil {
			return values.Locate(path...)
		}
	}
	return "", 0
}

// fieldsOf are where fields of the ApplicationSet come from: the same field of a component, or a setting.
var fieldsOf = []struct{ field, key string }{
	{"spec.template.spec.syncPolicy", wellknown.SettingSyncPolicy},
	{"spec.syncPolicy", wellknown.SettingSyncPolicyAppSet},
	{"spec.template.spec.ignoreDifferences", "ignoreDifferences"},
	{"spec.ignoreApplicationDifferences", "ignoreApplicationDifferences"},
	{"spec.preservedFields", "preservedFields"},
	{"spec.strategy", "strategy"},
	{"spec.generators[0].clusters.selector", "selector"},
	{"spec.generators[0].merge.generators[0].clusters.selector", "selector"},
	{"spec.generators[0].matrix.generators[0].clusters.selector", "selector"},
}

// writtenAt returns the path of the values from which a field of the ApplicationSet comes, as far as that is known.
func (f *findings) writtenAt(c *component, field string) []string {
	for _, of := range fieldsOf {
		rest, is := strings.CutPrefix(field, of.field)
		if !is || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		path := append([]string{of.key}, strings.FieldsFunc(rest, func(r rune) bool {
			return r == '.' || r == '[' || r == ']'
		})...)
		if wellknown.IsSetting(of.key) && !c.reader.Has(of.key) {
			return f.longestPath(path...)
		}
		return f.longestPath(append([]string{c.key}, path...)...)
	}
	return []string{c.key}
}

// longestPath returns the part of a path that there is in the values, with what follows an item of a list.
func (f *findings) longestPath(path ...string) []string {
	value := any(f.values.Map())
	for i, key := range path {
		if _, isList := value.([]any); isList {
			return path
		}
		m, _ := value.(map[string]any)
		var is bool
		if value, is = m[key]; !is {
			return path[:max(i, 1)]
		}
	}
	return path
}
