package secretsmanager

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

// FuzzParse gives any text to the parser, with a canary in every place that must be dropped: it never panics, never
// lets a canary through, and what it keeps is fit for a cluster Secret.
func FuzzParse(f *testing.F) {
	f.Add(secret("a"), 0)
	f.Add(`{"metadata":"a: b\n","addons":{"c":1.5e3}}`, 12)
	f.Add(`{"metadata":{"token":{"a":null}},"addons":"&a [*a]"}`, 30)
	f.Add(`{"cluster_name":"\u0000","server":"https://u:p@h"}`, 40)
	f.Add(`[]`, 1)
	f.Fuzz(func(t *testing.T, text string, at int) {
		// Anywhere in the text: what is broken by it is refused, and not quoted. It may become part of an annotation.
		if at %= len(text) + 1; at < 0 {
			at = -at
		}
		_, failure := parse([]byte(text[:at] + canary + text[at:]))
		if failure != nil {
			require.NotContains(t, failure.message+failure.hint, "CANARY")
		}

		// In the keys that are dropped, and as credentials among those that are kept.
		var object map[string]any
		if strings.Contains(text, "CANARY") || json.Unmarshal([]byte(text), &object) != nil || object == nil {
			return
		}
		for _, key := range []string{"config", "token", "certificate", "Metadata", "ADDONS"} {
			object[key] = map[string]any{"bearerToken": canary, canary: []any{canary}}
		}
		if metadata, ok := object["metadata"].(map[string]any); ok {
			metadata["password"] = canary
			metadata["caData"] = map[string]any{"pem": canary}
		}
		raw, err := json.Marshal(object)
		require.NoError(t, err)
		identity, failure := parse(raw)
		if failure != nil {
			require.NotContains(t, failure.message+failure.hint, "CANARY")
			require.Zero(t, identity)
			return
		}
		require.NotContains(t, fmt.Sprintf("%#v", identity), "CANARY")
		for key, value := range identity.Labels {
			require.Empty(t, validation.IsQualifiedName(key))
			require.Empty(t, validation.IsValidLabelValue(value))
		}
		for key, value := range identity.Annotations {
			require.Empty(t, validation.IsQualifiedName(strings.ToLower(key)))
			require.LessOrEqual(t, len(value), maxValue)
		}
	})
}
