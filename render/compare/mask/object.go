package mask

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/secret"
)

const mark = "(hidden)"

// Value returns a copy of a value at a path of keys and indexes without what looks like a credential in it, see
// [secret.Hide]. The data of Secrets in it are hidden whatever they are.
func Value(path []string, value any) any {
	w := walk{mark: func(string, string) string { return mark }}
	return w.value(secret.At(path...), "", value)
}

// Object returns copies of an object that is no Secret on both sides, without what looks like a credential in it, see
// [secret.Hide]. Objects that differ do so afterwards: a credential is marked where it is another one.
func Object(before, after map[string]any) [2]map[string]any {
	sides, shown := [2]map[string]any{before, after}, [2]map[string]any{}
	var all [2]credentials
	for i, object := range sides {
		all[i].at = map[string][]string{}
		w := walk{mark: all[i].add}
		if object != nil {
			shown[i] = w.whole(object)
		}
	}
	if len(all[0].order)+len(all[1].order) == 0 {
		return sides
	}
	// Where the same ones are at other places, none is known to be the same.
	moved := !slices.Equal(all[0].order, all[1].order)
	for _, everywhere := range []bool{false, moved} {
		for i, object := range sides {
			if object == nil {
				continue
			}
			differs := []string{"(hidden, before)", "(hidden, after)"}[i]
			another := all[i].differing(all[1-i])
			w := walk{mark: func(at, credential string) string {
				if is := another(at, credential); is || everywhere {
					return differs
				}
				return mark
			}}
			shown[i] = w.whole(object)
		}
		if !equal(shown) {
			break
		}
	}
	return shown
}

// equal tells whether both sides are the same as far as they are shown.
func equal(shown [2]map[string]any) bool { return fmt.Sprint(shown[0]) == fmt.Sprint(shown[1]) }

// credentials are those of one side: by their place, and in the order in which they are found.
type credentials struct {
	at    map[string][]string
	order []string
}

// differing returns what tells, of one credential after another, whether it is another one on the other side.
// Where both have as many at a place, that at the same position counts, else all of that place.
func (c *credentials) differing(other credentials) func(at, credential string) bool {
	position := map[string]int{}
	known := map[string]map[string]bool{}
	return func(at, credential string) bool {
		others := other.at[at]
		i := position[at]
		position[at]++
		if len(others) == len(c.at[at]) {
			return others[i] != credential
		}
		if known[at] == nil {
			known[at] = make(map[string]bool, len(others))
			for _, text := range others {
				known[at][text] = true
			}
		}
		return len(others) > 0 && !known[at][credential]
	}
}

func (c *credentials) add(at, credential string) string {
	c.at[at] = append(c.at[at], credential)
	c.order = append(c.order, at+"\x00"+credential)
	return mark
}

// A walk goes through a value, and puts marks in the place of credentials.
type walk struct {
	mark func(at, credential string) string
}

// whole is value for an object.
func (w walk) whole(object map[string]any) map[string]any {
	shown, _ := w.value(secret.Place{}, "", object).(map[string]any)
	return shown
}

// value returns a copy of a value. Marks get paths of keys in which items of lists have their names, if they have any,
// since their numbers change.
func (w walk) value(in secret.Place, at string, value any) any {
	switch value := value.(type) {
	case string:
		return w.text(in, at, value)
	case []any:
		return w.list(in, at, value)
	case map[string]any:
		return w.object(in, at, value)
	case int, int64, uint64, float64:
		text := fmt.Sprint(value)
		if shown := w.text(in, at, text); shown != text {
			return shown
		}
	}
	return value
}

func (w walk) text(in secret.Place, at, text string) string {
	return secret.Hide(in, text, func(credential string) string { return w.mark(at, credential) })
}

func (w walk) list(in secret.Place, at string, list []any) []any {
	out := make([]any, len(list))
	for i, item := range list {
		option := ""
		if text, is := item.(string); is && i > 0 {
			if option = secret.Option(list[i-1]); option != "" {
				out[i] = w.text(secret.At(option), at+"/"+option, text)
			}
		}
		if option == "" {
			out[i] = w.value(in, at, item)
		}
	}
	return out
}

func (w walk) object(in secret.Place, at string, object map[string]any) any {
	if object["kind"] == "Secret" && (object["data"] != nil || object["stringData"] != nil) {
		return w.secret(at, object)
	}
	out := make(map[string]any, len(object))
	name, _ := object["name"].(string)
	const pair = 2 // a key and its value, as some charts have variables
	if key, is := object["key"].(string); is && len(object) == pair {
		name = key
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		named := key
		if (key == "value" || key == "values") && name != "" {
			named = name
		}
		below := at + "/" + name + "/" + key
		out[key] = w.value(in.Key(named), below, w.addresses(key, below, object[key]))
	}
	return out
}

// addresses puts marks in the place of credentials in addresses without a scheme, as images have them: only the key
// says that these are addresses.
func (w walk) addresses(key, at string, value any) any {
	switch value := value.(type) {
	case string:
		redacted, _ := address.RedactValue(value, key).(string)
		if redacted == address.Redact(value) {
			return value
		}
		const redaction = "…"
		rest := strings.TrimPrefix(redacted, redaction)
		if rest == redacted || !strings.HasSuffix(value, rest) {
			return w.mark(at, value)
		}
		return w.mark(at, strings.TrimSuffix(value, rest)) + rest
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = item
			if text, is := item.(string); is {
				out[i] = w.addresses(key, at, text)
			}
		}
		return out
	}
	return value
}

// secret hides what a Secret in a value has.
func (w walk) secret(at string, object map[string]any) map[string]any {
	shown := Secret(object, nil)[0]
	for _, key := range slices.Sorted(maps.Keys(object)) {
		data, isMap := shown[key].(map[string]any)
		if open[key] {
			continue
		}
		given, _ := object[key].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(data)) {
			data[name] = w.mark(at+"/"+key+"/"+name, fmt.Sprint(given[name]))
		}
		if !isMap {
			shown[key] = w.mark(at+"/"+key, fmt.Sprint(object[key]))
		}
	}
	return shown
}
