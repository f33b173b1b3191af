package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

// TestUnknownGroup proves that every command with --group ends in the same way for one that the fleet does not have:
// one line, nothing on standard output, and the exit status of wrong usage.
func TestUnknownGroup(t *testing.T) {
	fleet := filepath.Join("..", "..", "testdata", "fleet")
	hub := []string{fleet, "--cluster", "hub-prod"}
	arguments := map[string][][]string{ // of each command, besides the group
		"render":   {hub, {fleet, "-A", "--stage", "applications"}, {fleet, "-A", "--stage", "manifests", "--strict"}},
		"values":   {hub, append(hub, "--component", "karpenter")},
		"lint":     {{fleet}},
		"diff":     {{fleet, fleet}},
		"affected": {{fleet, fleet}},
		"matrix":   {{fleet}},
		"page":     {{fleet, "--output-dir", t.TempDir()}},
		"outdated": {{fleet, "--offline"}},
		"images":   {{fleet, "--offline"}},
		"why":      {append([]string{"karpenter"}, hub...)},
		"releases": {{fleet}},
	}
	for _, name := range complete(t, "") {
		if len(complete(t, name, "--group")) > 0 {
			require.Contains(t, arguments, name, "a command with --group that is not tested")
		}
	}
	for name, all := range arguments {
		require.NotEmpty(t, complete(t, name, "--group"), name)
		for _, args := range all {
			t.Run(strings.Join(append([]string{name}, args...), " "), func(t *testing.T) {
				var stdout, stderr strings.Builder
				status := cli.Program{Stages: linked.New()}.Run(append([]string{name, "--group", "addon"}, args...),
					strings.NewReader(""), &stdout, &stderr)
				require.Equal(t, 2, status, stderr.String())
				require.Empty(t, stdout.String())
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
				require.Contains(t, stderr.String(), `group "addon"`)
				require.Contains(t, stderr.String(), "did you mean addons?")
			})
		}
	}
}

// complete returns what the shell would propose for the last of some arguments.
func complete(t *testing.T, args ...string) []string {
	t.Helper()
	var stdout, stderr strings.Builder
	require.Zero(t, cli.Program{Stages: linked.New()}.Run(append([]string{"__complete"}, args...),
		strings.NewReader(""), &stdout, &stderr))
	var found []string
	for line := range strings.Lines(stdout.String()) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if name != "" && !strings.HasPrefix(name, ":") {
			found = append(found, name)
		}
	}
	return found
}

// TestApps proves that the column APPS of clusters is how many components cmp matrix says that a cluster has.
func TestApps(t *testing.T) {
	fleet := filepath.Join("..", "..", "testdata", "fleet")
	run := func(args ...string) []string {
		var stdout, stderr strings.Builder
		require.Zero(t, cli.Program{Stages: linked.New()}.Run(append(args, fleet), strings.NewReader(""), &stdout,
			&stderr))
		require.Empty(t, stderr.String())
		return strings.Split(strings.TrimSpace(stdout.String()), "\n")[1:]
	}
	deployed := map[string]int{}
	for _, line := range run("matrix", "-o", "csv") {
		if cell := strings.Split(line, ","); cell[6] == "deployed" {
			deployed[cell[2]]++
		}
	}
	shown := map[string]int{}
	for _, line := range run("clusters") {
		columns := strings.Fields(line)
		apps, err := strconv.Atoi(columns[len(columns)-1])
		require.NoError(t, err)
		shown[columns[0]] = apps
	}
	require.Len(t, shown, 6)
	require.Equal(t, deployed, shown)
}
