package output

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTable proves that a row is one line that controls no terminal, however long it is.
func TestTable(t *testing.T) {
	long := strings.Repeat("x", 2000)
	var out strings.Builder
	require.NoError(t, Table(&out, [][]string{{"NAME", "MORE"}, {"a\x1b[31m\u009b\n\tb", ""},
		{"https://user:hunter2@example.com", long}}))
	lines := strings.Split(out.String(), "\n")
	require.Len(t, lines, 4)
	require.Regexp(t, "^a\uFFFD\\[31m\uFFFD  b +<none>$", lines[1])
	require.Regexp(t, "^https://…@example.com +"+long+"$", lines[2])
}
