package yamlalias

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	const beyond = "f.yaml: YAML aliases expand beyond measure; write the values out, or use fewer aliases"
	for _, test := range []struct{ name, yaml, want string }{
		{"no aliases", "a: 1", ""},
		{"an alias", "a: &a {b: 1}\nc: *a\n", ""},
		{"a merge key", "a: &a {b: 1}\nc:\n  <<: *a\n", ""},
		{"many aliases to aliases", bomb.String(), beyond},
		{"the same in the second document", "a: 1\n---\n" + bomb.String(), beyond},
		{"a long text many times", "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", 40) + "]", beyond},
		{"an alias inside its own anchor", "a: &a [*a]", beyond},
		{"a mistake after an alias", "a: &a 1\nb: *a\nc: ]\n", "f.yaml:2: is not YAML: did not find expected node content"},
		{"a mistake without aliases is not its business", "a: ]", ""},
		{"an unknown anchor", "a: &b 1\nb: *c", "f.yaml: is not YAML: unknown anchor 'c' referenced"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Check([]byte(test.yaml), "f.yaml")
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
}
