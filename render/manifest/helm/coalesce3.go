package helm

import (
	"fmt"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// The linked Helm 3 is newer than those in the images of Argo CD, and keeps nulls where these do not. What follows are
// their rules for values (chartutil.CoalesceValues of Helm 3.16 and 3.19), compared with real ones by golden files and
// the end-to-end tests.

// minorOf returns 19 for 3.19.4; 0 for what is no version.
func minorOf(version string) int {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return 0
	}
	minor, _ := strconv.Atoi(parts[1])
	return minor
}

// coalesced returns values with those of a chart and its subcharts below them, as the version of Helm does it.
func (h helm3) coalesced(c *chart.Chart, values map[string]any) (map[string]any, error) {
	minor := minorOf(h.version)
	if minor > 19 {
		return chartutil.CoalesceValues(c, values)
	}
	values = deepCopyMap(values)
	return values, coalescing{keepForSubcharts: minor > 16}.coalesce(c, values)
}

// coalescing are the rules of a version of Helm up to 3.19.
type coalescing struct {
	// keepForSubcharts tells that a null which a chart is given for a subchart reaches the subchart, to remove a value
	// there. In 3.16, it removes what the chart itself has for the subchart, and is gone then.
	keepForSubcharts bool
}

// coalesce lays the values of a chart and its subcharts below those that are given for it, in place.
func (r coalescing) coalesce(c *chart.Chart, values map[string]any) error {
	children := map[string]bool{}
	for _, child := range c.Dependencies() {
		children[child.Name()] = true
	}
	for key, own := range deepCopyMap(c.Values) {
		given, there := values[key]
		switch given := given.(type) {
		case nil:
			if there {
				delete(values, key)
			} else {
				values[key] = own
			}
		case map[string]any:
			if own, ok := own.(map[string]any); ok {
				layBelow(given, own, r.keepForSubcharts && children[key])
			}
		}
	}
	for _, child := range c.Dependencies() {
		given, there := values[child.Name()]
		if !there {
			given = map[string]any{}
		}
		of, ok := given.(map[string]any)
		if !ok {
			return fmt.Errorf("type mismatch on %s: %T is no map", child.Name(), given)
		}
		values[child.Name()] = of
		shareGlobals(of, values)
		if err := r.coalesce(child, of); err != nil {
			return err
		}
	}
	return nil
}

// layBelow adds to values what others have more, in place. A null among the values removes what the others have under
// its key, and is gone then, unless nulls are kept.
func layBelow(values, others map[string]any, keepNulls bool) {
	for key, other := range others {
		value, there := values[key]
		switch value := value.(type) {
		case nil:
			if !there {
				values[key] = other
			} else if !keepNulls {
				delete(values, key)
			}
		case map[string]any:
			if other, ok := other.(map[string]any); ok {
				layBelow(value, other, keepNulls)
			}
		}
	}
}

// shareGlobals gives a subchart's values the global ones of its chart, over its own.
func shareGlobals(child, parent map[string]any) {
	own, ok := globalsOf(child)
	from, isMap := globalsOf(parent)
	if !ok || !isMap {
		return
	}
	for key, value := range from {
		of, isMap := value.(map[string]any)
		known, isKnown := own[key]
		knownMap, isKnownMap := known.(map[string]any)
		switch {
		case !isMap && !isKnownMap:
			own[key] = value
		case isMap && (!isKnown || isKnownMap):
			merged := make(map[string]any, len(of))
			for name, one := range of { // not deeper, as Helm
				merged[name] = one
			}
			layBelow(merged, knownMap, true)
			own[key] = merged
		}
	}
	child[chartutil.GlobalKey] = own
}

// globalsOf returns the global values, empty ones if there are none, and whether they are a map.
func globalsOf(values map[string]any) (map[string]any, bool) {
	value, there := values[chartutil.GlobalKey]
	if !there {
		return map[string]any{}, true
	}
	globals, ok := value.(map[string]any)
	return globals, ok
}
