package page

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriting(t *testing.T) {
	for name, test := range map[string]struct{ given, want []string }{
		"at the end": {[]string{"page", "--serve", "-l", "a=b"}, []string{"page", "-l", "a=b", "--live", "--output-dir=d"}},
		"with its address": {[]string{"page", "--listen", "localhost:1", "--serve=true", "--listen=x", "."},
			[]string{"page", ".", "--live", "--output-dir=d"}},
		"before paths": {[]string{"page", "--serve", "--", "--serve"}, []string{"page", "--live", "--output-dir=d", "--",
			"--serve"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, writing(test.given, "d")) })
	}
}
