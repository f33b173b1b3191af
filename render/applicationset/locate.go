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
