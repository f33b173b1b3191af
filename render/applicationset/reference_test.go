package applicationset

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// TestReference: the keys that are read of a component, and of the maps in it, are those of the reference.
func TestReference(t *testing.T) {
	values := input{values: `
web:
  enabled: true
  environments: [{selector: {a: b}}]
  ackPodIdentity: {path: a}
`}.merge(t)
	s, err := readSettings(values, Options{})
	require.NoError(t, err)
	c, err := readComponent(values, "web", s)
	require.NoError(t, err)
	require.Len(t, c.parts, 2)
	require.Len(t, s.parts, 1)
	for _, of := range []struct {
		kind, path string
		reader     *fields.Reader
	}{
		{"component", "", c.reader}, {"component", "environments[]", c.parts[0]},
		{"component", "ackPodIdentity", c.parts[1]}, {"settings", "ackPodIdentity", s.parts[0]},
	} {
		require.ElementsMatch(t, reference.Names(of.kind, of.path), of.reader.Known(), "%s %s", of.kind, of.path)
	}
	for _, key := range append(withoutEffect, fromComponentFiles...) {
		require.Contains(t, reference.Names("settings", ""), key)
	}
	for _, key := range keysOfComponents {
		require.Contains(t, reference.Names("component", ""), key)
	}
	for _, key := range reference.KindOf("settings").Below("") {
		require.Equal(t, key.Inert, slices.Contains(withoutEffect, key.Name()), key.Name())
	}
	for _, key := range reference.FromComponentFiles {
		require.Contains(t, fromComponentFiles, key)
	}
}
