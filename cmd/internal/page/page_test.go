package page

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

func TestWriting(t *testing.T) {
	known := pflag.NewFlagSet("page", pflag.ContinueOnError)
	known.Bool("serve", false, "")
	known.String("listen", "", "")
	known.String("title", "", "")
	known.StringP("selector", "l", "", "")
	known.BoolP("quiet", "q", false, "")
	for name, test := range map[string]struct{ given, want []string }{
		"at the end": {[]string{"page", "--serve", "-l", "a=b"}, []string{"page", "-l", "a=b", "--live",
			"--output-dir=d"}},
		"with its address": {[]string{"page", "--listen", "localhost:1", "--serve=true", "--listen=x", "."},
			[]string{"page", ".", "--live", "--output-dir=d"}},
		"before paths": {[]string{"page", "--serve", "--", "--serve"}, []string{"page", "--live", "--output-dir=d",
			"--",
			"--serve"}},
		"as the value of another": {[]string{"page", "--title", "--serve", "--serve"},
			[]string{"page", "--title", "--serve", "--live", "--output-dir=d"}},
		"as the value of a short one": {[]string{"page", "-ql", "--listen", "--serve", "fleet"},
			[]string{"page", "-ql", "--listen", "fleet", "--live", "--output-dir=d"}},
		"after a short one with its value": {[]string{"page", "-la=b", "--serve", "-q"},
			[]string{"page", "-la=b", "-q", "--live", "--output-dir=d"}},
		"dashes as a value": {[]string{"page", "--title", "--", "--serve"},
			[]string{"page", "--title", "--", "--live", "--output-dir=d"}},
		"without a value": {[]string{"page", "--serve", "--title"}, []string{"page", "--title", "--live",
			"--output-dir=d"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, writing(known, test.given, "d"))
		})
	}
}
