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
	all := values.Map()
	inSecrets := dataOfSecrets(nil, all)
	for i := range keys {
		k := &keys[i]
		in := slices.ContainsFunc(inSecrets, func(path []string) bool {
			return len(path) <= len(k.Path) && slices.Equal(path, k.Path[:len(path)])
		})
		of := func(value any) any {
			if in && value != nil {
				return mark
			}
			return hide(named(all, k.Path), value)
		}
		k.Value = of(k.Value)
		k.Overrode = slices.Clone(k.Overrode)
		for j := range k.Overrode {
			k.Overrode[j].Value = of(k.Overrode[j].Value)
		}
	}
	return keys
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

// hide returns a value without what is a credential in it: in addresses, in Secrets, by its form, or by the name of its
// key.
func hide(path []string, value any) any {
	return mask.Value(path, address.RedactValue(value, path...))
}
