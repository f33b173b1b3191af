package output

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestFewLinesAreEnough: one file can have a hundred thousand mistakes.
func TestFewLinesAreEnough(t *testing.T) {
	for count, last := range map[int]string{0: "", 1: "m0", 100: "m99", 101: "and 1 more", 60_001: "and 59901 more"} {
		var failures []error
		var warnings []*problem.Problem
		for i := range count {
			failures = append(failures, errors.New(fmt.Sprint("m", i)))
			warnings = append(warnings, problem.New("", 0, "m%d", i))
		}
		var asErrors, asWarnings strings.Builder
		Messages(&asErrors, "Error", failures)
		Warnings(&asWarnings, warnings)
		lines := strings.Split(strings.TrimSuffix(asErrors.String(), "\n"), "\n")
		require.Len(t, lines, max(min(count, 101), 1))
		if count > 0 {
			require.Equal(t, "Error: "+last, lines[len(lines)-1])
		}
		require.Equal(t, strings.ReplaceAll(asErrors.String(), "Error: ", "Warning: "), asWarnings.String())
	}
}

// TestMessagesArePlain: what another program says, or a file has, is a line that controls no terminal.
func TestMessagesArePlain(t *testing.T) {
	var out strings.Builder
	Message(&out, "Error", errors.New("a\x1b[31m\u009b\nb\u202e https://user:hunter2@example.com"))
	require.Equal(t, "Error: a\uFFFD[31m\uFFFD b\uFFFD https://…@example.com\n", out.String())
}
