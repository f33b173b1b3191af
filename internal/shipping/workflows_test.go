package shipping_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// pinned is an action by its commit, with the version that this is.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// writing are the rights that jobs have beyond reading the repository.
var writing = map[string][]string{
	"release.yml publish": {"attestations: write", "contents: write", "id-token: write"},
	"image.yml image":     {"attestations: write", "id-token: write", "packages: write"},
	"scan.yml image":      {"security-events: write"},
}

// TestWorkflows: actions are commits that nobody can move, jobs have the rights that they need, and no checkout leaves
// its token behind.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	seen := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(data)) {
			if _, action, found := strings.Cut(line, "uses: "); found {
				require.Regexp(t, pinned, strings.TrimSpace(action), file)
			}
		}
		var workflow struct {
			Permissions map[string]string
			Jobs        map[string]struct {
				Permissions map[string]string
				Timeout     int `json:"timeout-minutes"`
				Steps       []struct {
					Uses string
					With map[string]any
				}
			}
		}
		require.NoError(t, yaml.Unmarshal(data, &workflow), file)
		require.Equal(t, map[string]string{"contents": "read"}, workflow.Permissions, file)
		for name, job := range workflow.Jobs {
			where := filepath.Base(file) + " " + name
			seen[where] = true
			var rights []string
			for what, right := range job.Permissions {
				if right != "read" {
					rights = append(rights, fmt.Sprint(what, ": ", right))
				}
			}
			slices.Sort(rights)
			require.Equal(t, writing[where], rights, where)
			require.NotZero(t, job.Timeout, where)
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") {
					require.Equal(t, false, step.With["persist-credentials"], where)
				}
			}
		}
	}
	for where := range writing {
		require.True(t, seen[where], where)
	}
}
