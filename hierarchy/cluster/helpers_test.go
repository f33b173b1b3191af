package cluster

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireOneLine checks the form of an error or warning: one line that starts with the name of the file.
func requireOneLine(t testing.TB, err error, file string) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	require.True(t, strings.HasPrefix(err.Error(), file), "%q should start with %q", err.Error(), file)
}
