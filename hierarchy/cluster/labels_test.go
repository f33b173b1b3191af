package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// TestMetadataHasAnEnd: each source of labels and annotations is merged for each of its clusters.
func TestMetadataHasAnEnd(t *testing.T) {
	many := func(kind string, count, size int) string {
		text := strings.Repeat("x", size)
		var b strings.Builder
		fmt.Fprintf(&b, "a:\n  %s:\n", kind)
		for i := range count {
			fmt.Fprintf(&b, "    k%03d: %s\n", i, text)
		}
		return b.String()
	}
	for _, test := range []struct{ name, most, more, want string }{
		{"labels", many("labels", 1000, 1), many("labels", 1001, 1), "f.yaml:2: there are 1001 labels, more than 1000"},
		{"annotations", many("annotations", 1000, 1), many("annotations", 1001, 1),
			"f.yaml:2: there are 1001 annotations, more than 1000"},
		{"size", many("annotations", 256, 1020), many("annotations", 257, 1020),
			"f.yaml:2: the annotations have 257 KiB, and Kubernetes allows 256"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for text, want := range map[string]string{test.most: "", test.more: test.want} {
				d, err := hierarchy.ParseDocument("f.yaml", []byte(text))
				require.NoError(t, err)
				_, err = CheckMetadata(d, d.Values["a"].(map[string]any), "a")
				if want == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, want)
				}
			}
		})
	}
}
