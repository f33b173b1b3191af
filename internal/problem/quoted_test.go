package problem_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestQuoted: what a parser quotes of a text may be a password, and is in no message.
func TestQuoted(t *testing.T) {
	for given, want := range map[string]string{
		"unknown anchor 'hunter2' referenced":      "a value with * in front refers to an anchor that does not exist",
		"cannot decode !!str `hunter2` as a !!int": "cannot decode a !!str as a !!int",
		"unknown anchor":                           "unknown anchor",
	} {
		require.EqualError(t, problem.New("a.yaml", 1, "no map: %w", errors.New(given)), "a.yaml:1: no map: "+want)
	}
}
