package applicationset

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// LocateText returns the file and line that set a text as a value of a component, or of the settings. The file is "" if
// none did.
func LocateText(values *hierarchy.Values, component, text string) (file string, line int) {
	var find func(value any, path []string) []string
	find = func(value any, path []string) []string {
		switch value := value.(type) {
		case string:
			if value == text {
				return path
			}
		case map[string]any:
			for _, key := range fields.SortedKeys(value) {
				if found := find(value[key], append(slices.Clip(path), key)); found != nil {
					return found
				}
			}
		case []any:
			for _, item := range value {
				if found := find(item, path); found != nil {
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
