package problem

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJoined(t *testing.T) {
	broken := func(scope string) error {
		return New("a.yaml", 3, "is not YAML").WithHint("mend it").InScope(scope)
	}
	other := errors.New("other")
	for name, test := range map[string]struct {
		errs []error
		want []string
	}{
		"none": {},
		"one":  {[]error{broken("cluster a")}, []string{"a.yaml:3: is not YAML (cluster a); mend it"}},
		"several, among others": {[]error{other, broken("group g, cluster a"), other, broken("group g, cluster b"),
			New("a.yaml", 4, "is not YAML"), broken("cluster c")},
			[]string{"other", "a.yaml:3: is not YAML (group g, cluster a, and 2 more); mend it", "other",
				"a.yaml:4: is not YAML"}},
		"Applications": {[]error{broken("application x, cluster a"), broken("application y, cluster a")},
			[]string{"a.yaml:3: is not YAML (application x, cluster a); mend it",
				"a.yaml:3: is not YAML (application y, cluster a); mend it"}},
		"without a file": {[]error{New("", 0, "a").InScope("cluster a"), New("", 0, "a").InScope("cluster b")},
			[]string{"a (cluster a)", "a (cluster b)"}},
		"wrapped": {[]error{fmt.Errorf("before: %w", broken("cluster a")), broken("cluster a"), broken("cluster b")},
			[]string{"before: a.yaml:3: is not YAML (cluster a); mend it",
				"a.yaml:3: is not YAML (cluster a, and 1 more); mend it"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, err := range Joined(test.errs) {
				got = append(got, err.Error())
			}
			require.Equal(t, test.want, got)
		})
	}
	first := broken("cluster a")
	Joined([]error{first, broken("cluster b")})
	require.Equal(t, broken("cluster a"), first, "what is given does not change")
}
