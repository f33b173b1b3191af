package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	config   = `{"config":{"scan_level":"symbol"}}`
	packages = `{"config":{"scan_level":"package"}}`
)

// finding is what govulncheck says of a vulnerability; its function is empty if nothing calls it.
func finding(id, module, function string) string {
	return `{"osv":{"id":"` + id + `","summary":"Bad"}}{"finding":{"osv":"` + id + `","fixed_version":"v2.0.0","trace":[` +
		`{"module":"` + module + `","version":"v1.0.0","package":"` + module + `/p","function":"` + function + `"}]}}`
}

func TestJudge(t *testing.T) {
	for name, tt := range map[string]struct{ found, accepted, want, err string }{
		"nothing": {config, "# none\n\n", "", ""},
		"called": {config + finding("GO-1", "a.example/x", "F"), "",
			"GO-1: a.example/x v1.0.0 (mended in v2.0.0): Bad; error: it is used\n", "1 to mend"},
		"called in one of two ways": {config + finding("GO-1", "a.example/x", "F") + finding("GO-1", "a.example/x", ""),
			"",
			"GO-1: a.example/x v1.0.0 (mended in v2.0.0): Bad; error: it is used\n", "1 to mend"},
		"not called": {config + finding("GO-1", "a.example/x", ""), "",
			"GO-1: a.example/x v1.0.0 (mended in v2.0.0): Bad; note: it is not used\n", ""},
		"accepted": {config + finding("GO-1", "a.example/x", "F"), "GO-1 only in tests",
			"GO-1: a.example/x v1.0.0 (mended in v2.0.0): Bad; accepted: only in tests\n", ""},
		"of Go": {config + finding("GO-1", "stdlib", "F"), "",
			"GO-1: stdlib v1.0.0 (mended in v2.0.0): Bad; note: build with a newer Go\n", ""},
		"accepted for nothing": {config, "GO-1 x",
			"GO-1: error: it is accepted, and not found any more; remove the line\n", "1 to mend"},
		"no reason":       {config, "GO-1\n", "", "and a reason"},
		"no name":         {config, "CVE-1 x\n", "", "and a reason"},
		"no output":       {"", "", "", "standard input is not"},
		"of modules only": {`{"config":{"scan_level":"module"}}`, "", "", "standard input is not"},
		"linked, where calls are not looked for": {packages + finding("GO-1", "a.example/x", ""), "",
			"GO-1: a.example/x v1.0.0 (mended in v2.0.0): Bad; error: it is used\n", "1 to mend"},
		"cut off":            {config + `{"finding":`, "", "", "unexpected EOF"},
		"what is not looked": {config + `{"progress":{"message":"x"}}`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			err := judge(strings.NewReader(tt.found), strings.NewReader(tt.accepted), &out)
			require.Equal(t, tt.want, out.String())
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.err)
			}
		})
	}
}
