//go:build unix

package against

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVersion: what a program prints is the version of cmp, or the error says why it is none.
func TestVersion(t *testing.T) {
	for name, test := range map[string]struct{ script, want, wrong string }{
		"a version":      {script: "echo 'cmp v1.4.0 go1.26.0 linux/amd64'", want: "cmp 1.4.0"},
		"another name":   {script: "echo 'fleet-cmp v1.4.0 go1.26.0 linux/amd64'", want: "cmp 1.4.0"},
		"no version":     {script: "echo 'cmp go1.26.0 linux/amd64'", want: "cmp without a version"},
		"something else": {script: "echo 'cmp (GNU diffutils) 3.10'", wrong: `version" prints something else$`},
		"nothing":        {script: "", wrong: `version" prints something else$`},
		"an error": {script: "echo 'Error: no such file' >&2; exit 2",
			wrong: `version" fails: no such file; exit status 2$`},
		"a status":       {script: "exit 3", wrong: `version" fails: exit status 3$`},
		"an error alone": {script: "echo 'Error: no such file' >&2", wrong: `version" fails: no such file$`},
		"errors of others": {script: "echo 'cmp: v1.4.0: No such file' >&2; exit 2",
			wrong: `version" fails: exit status 2$`},
	} {
		t.Run(name, func(t *testing.T) {
			version, err := script(t, test.script).version(t.Context())
			require.Equal(t, test.want, version)
			if test.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.Regexp(t, `cmp\.sh is no cmp: ".+/cmp\.sh `+test.wrong, err.Error())
		})
	}
}

// TestProgramsThatCannotBeStarted proves that the error says why, also where the system has not said it.
func TestProgramsThatCannotBeStarted(t *testing.T) {
	_, err := program{path: "./none"}.version(t.Context())
	require.EqualError(t, err, "./none: cannot be started: no such file or directory")
	_, err = program{path: "cmp-that-is-not-there"}.version(t.Context())
	require.ErrorContains(t, err, "it is not in PATH; of a file write the path, such as ./cmp-that-is-not-there")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = script(t, "").version(ctx)
	require.ErrorContains(t, err, "cannot be started: context canceled")
	require.ErrorIs(t, err, context.Canceled)
}
