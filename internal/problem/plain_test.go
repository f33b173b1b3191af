package problem_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestPlainLine(t *testing.T) {
	require.Equal(t, "a b c�[31m�31m�d\u00e9…", problem.PlainLine("a\nb\tc\x1b[31m\u009b31m\u202ed\u00e9…"))
	require.Equal(t, "a\nb \n�", problem.PlainLines("a\nb\r\n\x1b"))
	long := strings.Repeat("x", 10_000)
	require.Equal(t, long, problem.PlainLine(long))
}

// TestPlainJSON proves that it has the same values, with nothing for a terminal to heed.
func TestPlainJSON(t *testing.T) {
	value := map[string]any{"a\u009b31m": "\x1b\x7f\u0080\u009f\u2028\u202e\u2066 é\uFFFD\"\\", "plain": "…"}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	got := problem.PlainJSON(text.String())
	require.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f-\u009f\u2028-\u202e\u2066-\u2069]", got)
	require.Contains(t, got, `"a\u009b31m"`)
	var again map[string]any
	require.NoError(t, json.Unmarshal([]byte(got), &again))
	require.Equal(t, value, again)
	require.Equal(t, "{\n}\n", problem.PlainJSON("{\n}\n"))
}
