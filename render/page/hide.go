package page

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
)

// mark stands for what is hidden, as in a comparison.
const mark = "(hidden)"

// hidden explains values, without what is a credential in them.
func hidden(values *hierarchy.Values) []hierarchy.Explanation {
	keys := values.Explain()
	of := hiderOf(values.Map())
	for i := range keys {
		k := &keys[i]
		k.Value = of.hide(k.Path, k.Value)
		k.Overrode = slices.Clone(k.Overrode)
		for j := range k.Overrode {
			k.Overrode[j].Value = of.hide(k.Path, k.Overrode[j].Value)
		}
	}
	return keys
}

// marked returns the keys whose values are hidden as a whole.
func marked(keys []hierarchy.Explanation) map[string]bool {
	all := map[string]bool{}
	for _, k := range keys {
		if k.Value == mark {
			all[hierarchy.Key(k.Path)] = true
		}
	}
	return all
}

// hiddenAlso hides values of a set as they are evaluated for a cluster. What stands beside a value says whether it is a
// credential, and a template can make that as well. So it is hidden where it is one beside what is written, which is
// marked, or beside what that is evaluated to.
func hiddenAlso(evaluated []Evaluated, marked map[string]bool, all map[string]any) []Evaluated {
	of := hiderOf(all)
	out := make([]Evaluated, len(evaluated))
	for i, e := range evaluated {
		out[i] = Evaluated{e.Path, of.hide(e.Path, e.Value)}
		if marked[hierarchy.Key(e.Path)] {
			out[i].Value = mark
		}
	}
	return out
}

// A hider hides what is a credential in values: in addresses, in Secrets, by its form, or by the name of its key.
type hider struct {
	all       map[string]any
	inSecrets [][]string // paths
}

func hiderOf(all map[string]any) hider { return hider{all, dataOfSecrets(nil, all)} }

// hide returns the value of a key without what is a credential in it.
func (h hider) hide(path []string, value any) any {
	in := slices.ContainsFunc(h.inSecrets, func(of []string) bool {
		return len(of) <= len(path) && slices.Equal(of, path[:len(of)])
	})
	if in && value != nil {
		return mark
	}
	path = named(h.all, path)
	return mask.Value(path, address.RedactValue(value, path...))
}

// named returns a path that ends with the name that stands beside a value, where there is one, as of a variable.
func named(values map[string]any, path []string) []string {
	if len(path) == 0 || path[len(path)-1] != "value" {
		return path
	}
	for _, key := range path[:len(path)-1] {
		values, _ = values[key].(map[string]any)
	}
	name, is := values["name"].(string)
	if !is {
		return path
	}
	return append(slices.Clone(path[:len(path)-1]), name)
}

// dataOfSecrets returns the paths of what Secrets hold that stand in values as maps.
func dataOfSecrets(path []string, values map[string]any) (all [][]string) {
	for key, value := range values {
		at := append(slices.Clone(path), key)
		if values["kind"] == "Secret" && (key == "data" || key == "stringData") {
			all = append(all, at)
			continue
		}
		if inner, is := value.(map[string]any); is {
			all = append(all, dataOfSecrets(at, inner)...)
		}
	}
	return all
}
