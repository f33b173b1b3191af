package secretsmanager

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkParse1000 parses the secrets of 1,000 spokes, with metadata and addons as large as those of a GitOps bridge.
func BenchmarkParse1000(b *testing.B) {
	for _, test := range []struct {
		name string
		text func(map[string]string) any
	}{
		{"json", func(m map[string]string) any { data, _ := json.Marshal(m); return string(data) }},
		{"yaml", func(m map[string]string) any {
			var text string
			for key, value := range m {
				text += fmt.Sprintf("%s: %q\n", key, value)
			}
			return text
		}},
	} {
		b.Run(test.name, func(b *testing.B) {
			metadata, addons := map[string]string{}, map[string]string{}
			for i := range 40 {
				metadata[fmt.Sprintf("addon_%d_iam_role_arn", i)] = fmt.Sprintf(
					"arn:aws:iam::111122223333:role/addon-%d", i)
				addons[fmt.Sprintf("enable_addon_%d", i)] = "true"
			}
			secrets := make([][]byte, 1000)
			for i := range secrets {
				data, err := json.Marshal(map[string]any{"cluster_name": fmt.Sprintf("spoke%d", i), "config": canary,
					"metadata": test.text(metadata), "addons": test.text(addons)})
				require.NoError(b, err)
				secrets[i] = data
			}
			for b.Loop() {
				for _, raw := range secrets {
					if _, failure := parse(raw); failure != nil {
						b.Fatal(failure.message)
					}
				}
			}
		})
	}
}
