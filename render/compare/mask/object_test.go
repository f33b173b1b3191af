package mask_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare/mask"
)

type object = map[string]any

func TestValue(t *testing.T) {
	given := object{"password": canary, "passwordSecretRef": "db", "port": 1, "pins": object{"token": 123456},
		"args": []any{"--token", canary, "--port", "1", "--password=" + canary},
		"env":  []any{object{"name": "DB_PASSWORD", "value": canary}, object{"name": "A", "value": "b"}},
		"text": "a: 1\npassword: " + canary + "\n",
		"list": []any{object{"kind": "Secret", "metadata": object{"name": "s"}, "data": object{"any": canary}},
			object{"kind": "Secret", "stringData": canary}}}
	want := object{"password": "(hidden)", "passwordSecretRef": "db", "port": 1, "pins": object{"token": "(hidden)"},
		"args": []any{"--token", "(hidden)", "--port", "1", "--password=(hidden)"},
		"env":  []any{object{"name": "DB_PASSWORD", "value": "(hidden)"}, object{"name": "A", "value": "b"}},
		"text": "a: 1\npassword: (hidden)\n",
		"list": []any{object{"kind": "Secret", "metadata": object{"name": "s"}, "data": object{"any": "(hidden)"}},
			object{"kind": "Secret", "stringData": "(hidden)"}}}
	require.Equal(t, want, mask.Value(nil, given))
	require.Contains(t, fmt.Sprint(given), canary, "what is given stays as it is")
	require.Equal(t, "(hidden)", mask.Value([]string{"pw"}, canary))
	require.Equal(t, true, mask.Value([]string{"token"}, true))
	require.Nil(t, mask.Value([]string{"token"}, nil))
}

// TestSwapped: credentials that change places are marked, whatever else changes.
func TestSwapped(t *testing.T) {
	of := func(first, second string, x int) object {
		return object{"x": x, "token": []any{first, second}, "text": fmt.Sprintf("- password: %s\n- password: %s\n",
			first, second)}
	}
	shown := mask.Object(of("Aaaaaaa1", "Bbbbbbb1", 1), of("Bbbbbbb1", "Aaaaaaa1", 2))
	for side, mark := range []string{"(hidden, before)", "(hidden, after)"} {
		require.Equal(t, of(mark, mark, side+1), shown[side])
	}
	shown = mask.Object(of("Aaaaaaa1", "Bbbbbbb1", 1), of("Aaaaaaa1", "Ccccccc1", 2))
	require.Equal(t, of("(hidden)", "(hidden, after)", 2), shown[1])
	longer := of("Aaaaaaa1", "Bbbbbbb1", 2)
	longer["token"] = []any{"Ddddddd1", "Aaaaaaa1", "Bbbbbbb1"}
	shown = mask.Object(of("Aaaaaaa1", "Bbbbbbb1", 1), longer)
	require.Equal(t, []any{"(hidden, after)", "(hidden)", "(hidden)"}, shown[1]["token"])
}

// TestAddressesWithoutAScheme: credentials in them are marked where the key says that they are addresses.
func TestAddressesWithoutAScheme(t *testing.T) {
	const digest = "web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	of := func(user, tag string) object {
		return object{"image": user + "@example.com/web:" + tag, "repository": user + "@example.com/web",
			"endpoints": []any{user + "@example.com", "example.com", 1},
			"other":     object{"image": digest, "repoURL": "git@example.com:a/b", "text": "a:b@c"}}
	}
	shown := mask.Object(of("user:"+canary, "1"), of("user:"+canary, "2"))
	require.Equal(t, [2]map[string]any{of("(hidden)", "1"), of("(hidden)", "2")}, shown)
	shown = mask.Object(of("user:"+canary, "1"), of("user:Bbbbbbb1", "1"))
	require.Equal(t, [2]map[string]any{of("(hidden, before)", "1"), of("(hidden, after)", "1")}, shown)
	require.Equal(t, object{"image": "(hidden)@example.com"}, mask.Value(nil, object{"image": canary + "@example.com"}))
	long := object{"url": "example.com/?token=" + canary + "x9Yz8Ab7"}
	require.NotContains(t, fmt.Sprint(mask.Value(nil, long)), canary)
}

// TestMetadataOfSecrets: labels and annotations of a Secret are hidden as those of other objects.
func TestMetadataOfSecrets(t *testing.T) {
	of := func(token string) object {
		return object{"kind": "Secret", "metadata": object{"name": "s", "labels": object{"token": token}}}
	}
	shown := mask.Secret(of("Aaaaaaa1"), of("Bbbbbbb1"))
	require.Equal(t, [2]map[string]any{of("(hidden, before)"), of("(hidden, after)")}, shown)
	require.Equal(t, "Aaaaaaa1", of("Aaaaaaa1")["metadata"].(object)["labels"].(object)["token"])
	require.Nil(t, mask.Secret(nil, of("a1b2c3"))[0])
}

// TestObject proves that objects that differ do so in what is shown, and that no credential is.
func TestObject(t *testing.T) {
	config := func(text string) object {
		return object{"kind": "ConfigMap", "data": object{"app.ini": text}}
	}
	const before, after = "(hidden, before)", "(hidden, after)"
	for name, test := range map[string]struct{ before, after, wantBefore, wantAfter object }{
		"another one": {config("password=" + canary + "1"), config("password=" + canary + "2"),
			config("password=" + before),
			config("password=" + after)},
		"the same one": {config("a=1\npassword=" + canary), config("a=2\npassword=" + canary),
			config("a=1\npassword=(hidden)"), config("a=2\npassword=(hidden)")},
		"a new one":      {config("a=1"), config("password=" + canary), config("a=1"), config("password=(hidden)")},
		"a new object":   {nil, config("password=" + canary), nil, config("password=(hidden)")},
		"an object gone": {config("password=" + canary), nil, config("password=(hidden)"), nil},
		"of a reference": {config("password=${A}"), config("password=" + canary), config("password=${A}"),
			config("password=(hidden)")},
		"no credential": {config("a=1"), config("a=2"), config("a=1"), config("a=2")},
		"one more of one": {object{"token": []any{canary}}, object{"token": []any{canary, canary + "2"}},
			object{"token": []any{"(hidden)"}}, object{"token": []any{"(hidden)", after}}},
		"in another order": {object{"token": []any{canary + "1", canary + "2"}},
			object{"token": []any{canary + "2", canary + "1"}},
			object{"token": []any{before, before}}, object{"token": []any{after, after}}},
		"in an item before which another comes": {
			object{"env": []any{object{"name": "TOKEN", "value": canary}}},
			object{"env": []any{object{"name": "A", "value": "b"}, object{"name": "TOKEN", "value": canary}}},
			object{"env": []any{object{"name": "TOKEN", "value": "(hidden)"}}},
			object{"env": []any{object{"name": "A", "value": "b"}, object{"name": "TOKEN", "value": "(hidden)"}}}},
		"a Secret in it": {object{"x": object{"kind": "Secret", "data": object{"a": canary + "1", "b": canary}}},
			object{"x": object{"kind": "Secret", "data": object{"a": canary + "2", "b": canary}}},
			object{"x": object{"kind": "Secret", "data": object{"a": before, "b": "(hidden)"}}},
			object{"x": object{"kind": "Secret", "data": object{"a": after, "b": "(hidden)"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			both := mask.Object(test.before, test.after)
			require.Equal(t, test.wantBefore, both[0])
			require.Equal(t, test.wantAfter, both[1])
		})
	}
}
