//go:build unix

package against

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// script writes a shell script that has found --output-dir as $directory and --group as $group.
func script(t *testing.T, text string) program {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cmp.sh")
	require.NoError(t, os.WriteFile(file, []byte(`#!/bin/sh
for argument in "$@"; do
  case "$previous" in --output-dir) directory=$argument;; --group) group=$argument;; esac
  previous=$argument
done
`+text), 0o755))
	return program{path: file, timeout: time.Minute}
}

// comparisonOf compares two scripts that render the ApplicationSets of some groups.
func comparisonOf(t *testing.T, groups int, both ...program) *comparison {
	t.Helper()
	c := &comparison{stage: render.StageApplicationSets, directory: t.TempDir(), atOnce: 4,
		programs: [2]program{both[0], both[len(both)-1]}, argoCDs: map[string][]string{},
		filter: workshop.Filter{Group: "all"}, ofSets: func(string, string) map[string]string { return nil }}
	for i := range groups {
		c.argoCDs[fmt.Sprintf("group-%d", i)] = []string{"hub"}
	}
	return c
}

// used runs a comparison, and returns the groups in the order of what was used.
func used(t *testing.T, c *comparison) (groups []string, err error) {
	t.Helper()
	err = c.each(t.Context(), func(r workshop.Rendered) error {
		groups = append(groups, r.Group)
		return nil
	})
	left, readErr := os.ReadDir(c.directory)
	require.NoError(t, readErr)
	if err == nil {
		require.Empty(t, left, "what is compared is removed")
	}
	return groups, err
}

const writesSet = `
mkdir -p "$directory"
echo '{"kind": "ApplicationSet", "metadata": {"name": "set"}}' > "$directory/set.json"
`

// TestOrderOfRenders proves that programs run beside one another, and that what they render is used in the order of the
// groups. The first one does not end before the last one has.
func TestOrderOfRenders(t *testing.T) {
	marks := t.TempDir()
	c := comparisonOf(t, 3, script(t, writesSet+`
mark='`+marks+`'
if [ "$group" = group-0 ]; then while [ ! -e "$mark/group-2" ]; do sleep 0.01; done; fi
touch "$mark/$group"
`), script(t, writesSet))
	var shown []int
	c.show = func(done, total int) {
		require.Equal(t, 6, total)
		shown = append(shown, done)
	}
	groups, err := used(t, c)
	require.NoError(t, err)
	require.Equal(t, []string{"group-0", "group-1", "group-2"}, groups)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 6}, shown)
}

// TestMostProgramsAtOnce proves that no more run than may: each counts those that have begun and not ended.
func TestMostProgramsAtOnce(t *testing.T) {
	marks := t.TempDir()
	c := comparisonOf(t, 6, script(t, writesSet+`
mark=$(mktemp '`+marks+`/running.XXXXXX')
if [ $(ls '`+marks+`' | grep -c running) -gt 3 ]; then touch '`+marks+`/many'; fi
rm "$mark"
`))
	c.atOnce = 3
	_, err := used(t, c)
	require.NoError(t, err)
	require.NoFileExists(t, filepath.Join(marks, "many"))
}

// TestFirstFailureEndsAll: the others would take a minute.
func TestFirstFailureEndsAll(t *testing.T) {
	c := comparisonOf(t, 5, script(t, `[ "$group" = group-1 ] && exit 3; exec sleep 60`))
	groups, err := used(t, c)
	require.ErrorContains(t, err, "render --group group-1 --cluster hub: exit status 3")
	require.Empty(t, groups)
}

// TestCallerEnds proves that programs end with the context, and that its cause is the error.
func TestCallerEnds(t *testing.T) {
	c := comparisonOf(t, 2, script(t, `exec sleep 60`))
	ctx, cancel := context.WithCancel(t.Context())
	c.show = func(int, int) { cancel() }
	require.ErrorIs(t, c.each(ctx, nil), context.Canceled)
}

// TestFailuresOfBothSides keeps the order of the groups, whatever ends first.
func TestFailuresOfBothSides(t *testing.T) {
	c := comparisonOf(t, 4, script(t, `echo "Error: $group cannot be read" >&2; exit 1`))
	_, err := used(t, c)
	require.NoError(t, err)
	var messages []string
	for _, failure := range c.failures {
		require.True(t, failure.Known)
		messages = append(messages, failure.Message)
	}
	require.Equal(t, "group-0 cannot be read,group-1 cannot be read,group-2 cannot be read,group-3 cannot be read",
		strings.Join(messages, ","))
}
