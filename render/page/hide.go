package page

import (
	"fmt"
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/secret"
)

// mark stands for what is hidden, as in a comparison.
const mark = "(hidden)"

// hidden explains values, without what is a credential in them.
func hidden(values *hierarchy.Values) []hierarchy.Explanation {
	keys := values.Explain()
	inSecrets := dataOfSecrets(nil, values.Map())
	for i := range keys {
		k := &keys[i]
		in := slices.ContainsFunc(inSecrets, func(path []string) bool {
			return len(path) <= len(k.Path) && slices.Equal(path, k.Path[:len(path)])
		})
		of := func(value any) any {
			if in && value != nil {
				return mark
			}
			return hide(k.Path, value)
		}
		k.Value = of(k.Value)
		k.Overrode = slices.Clone(k.Overrode)
		for j := range k.Overrode {
			k.Overrode[j].Value = of(k.Overrode[j].Value)
		}
	}
	return keys
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
	key := ""
	if len(path) > 0 {
		key = path[len(path)-1]
	}
	return hiddenAt(key, address.RedactValue(value, path...))
}

func hiddenAt(key string, value any) any {
	switch value := value.(type) {
	case string:
		if secret.Is(key, value) {
			return mark
		}
	case []any:
		value = slices.Clone(value)
		for i, item := range value {
			value[i] = hiddenAt(key, item)
			if text, is := item.(string); is && i > 0 && secret.Is(secret.Option(value[i-1]), text) {
				value[i] = mark
			}
		}
		return value
	case map[string]any:
		if value["kind"] == "Secret" && (value["data"] != nil || value["stringData"] != nil) {
			return mask.Secret(value, nil)[0]
		}
		value = maps.Clone(value)
		for name, item := range value {
			value[name] = hiddenAt(name, item)
		}
		name, _ := value["name"].(string)
		if text, is := value["value"].(string); is && secret.Is(name, text) {
			value["value"] = mark
		}
		return value
	case int, int64, uint64, float64:
		if secret.Is(key, fmt.Sprint(value)) {
			return mark
		}
	}
	return value
}
