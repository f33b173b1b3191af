package shipping_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
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
	seen := map[string]bool{}
	for file, data := range workflows(t) {
		requirePinned(t, file, data)
		var workflow workflow
		require.NoError(t, yaml.Unmarshal(data, &workflow), file)
		require.NotEmpty(t, workflow.Concurrency["group"], file)
		require.Equal(t, map[string]string{"contents": "read"}, workflow.Permissions, file)
		for name, job := range workflow.Jobs {
			where := file + " " + name
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
				// What arrives from outside would become part of the script: it comes as a variable.
				require.NotContains(t, step.Run, "${{", where)
				switch action, _, _ := strings.Cut(step.Uses, "@"); {
				case action == "actions/checkout":
					require.Equal(t, false, step.With["persist-credentials"], where)
				case strings.HasPrefix(action, "actions/cache"), strings.HasPrefix(file, "release") &&
					action == "actions/setup-go":
					require.Equal(t, false, step.With["cache"],
						"%s: what other runs wrote into a cache reaches no release", where)
				case action == "docker/build-push-action":
					require.NotContains(t, step.With, "cache-from", where)
				}
			}
		}
	}
	for where := range writing {
		require.True(t, seen[where], where)
	}
}

// A workflow is what these tests look at in one.
type workflow struct {
	On          any `json:"true"` // in YAML 1.1, "on" is a boolean
	Permissions map[string]string
	Concurrency map[string]any
	Jobs        map[string]struct {
		Permissions map[string]string
		Timeout     int `json:"timeout-minutes"`
		Steps       []struct {
			Uses, Run string
			With      map[string]any
		}
	}
}

// workflows returns the files of the workflows by their names.
func workflows(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = data
	}
	return all
}

func requirePinned(t *testing.T, file string, data []byte) {
	t.Helper()
	for line := range strings.Lines(string(data)) {
		if _, action, found := strings.Cut(line, "uses: "); found {
			require.Regexp(t, pinned, strings.TrimSpace(action), file)
		}
	}
}

// TestAction: the action that others use is pinned as ours are, and its scripts take what arrives as variables.
func TestAction(t *testing.T) {
	data, err := os.ReadFile("../../action.yml")
	require.NoError(t, err)
	requirePinned(t, "action.yml", data)
	var action struct {
		Runs struct{ Steps []struct{ Run string } }
	}
	require.NoError(t, yaml.Unmarshal(data, &action))
	require.NotEmpty(t, action.Runs.Steps)
	for _, step := range action.Runs.Steps {
		require.NotContains(t, step.Run, "${{")
	}
}

// TestForks: what a fork asks to have merged runs without secrets, and without rights to write.
func TestForks(t *testing.T) {
	for file, data := range workflows(t) {
		require.NotContains(t, string(data), "pull_request_target", file)
		require.NotContains(t, string(data), "workflow_run", file)
		require.NotRegexp(t, `\bsecrets\b`, string(data), "%s: the token of the run is all that is needed", file)
		var workflow workflow
		require.NoError(t, yaml.Unmarshal(data, &workflow), file)
		require.IsType(t, map[string]any{}, workflow.On, file)
		events := workflow.On.(map[string]any)
		for name, job := range workflow.Jobs {
			if _, asked := events["pull_request"]; asked &&
				slices.Contains(slices.Collect(maps.Values(job.Permissions)), "write") {
				require.Contains(t, string(data), "  "+name+":\n    if: github.event_name != 'pull_request'\n", file)
			}
		}
	}
}

// TestDependabot: each go.mod is looked after, and so are actions and the base of the image.
func TestDependabot(t *testing.T) {
	data, err := os.ReadFile("../../.github/dependabot.yml")
	require.NoError(t, err)
	var config struct {
		Updates []struct {
			Ecosystem   string `json:"package-ecosystem"`
			Directory   string
			Directories []string
		}
	}
	require.NoError(t, yaml.Unmarshal(data, &config))
	directories := map[string][]string{}
	for _, update := range config.Updates {
		directories[update.Ecosystem] = append(directories[update.Ecosystem], update.Directories...)
		if update.Directory != "" {
			directories[update.Ecosystem] = append(directories[update.Ecosystem], update.Directory)
		}
	}
	require.Equal(t, []string{"/"}, directories["github-actions"])
	require.Equal(t, []string{"/"}, directories["docker"])
	var modules []string
	require.NoError(t, fs.WalkDir(os.DirFS("../.."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (name == "bin" || name == ".git") {
			return fs.SkipDir
		}
		if path.Base(name) == "go.mod" {
			modules = append(modules, name)
		}
		return err
	}))
	require.Greater(t, len(modules), 5)
	for _, file := range modules {
		directory := "/" + strings.TrimSuffix(strings.TrimSuffix(file, "go.mod"), "/")
		require.True(t, slices.ContainsFunc(directories["gomod"], func(pattern string) bool {
			matches, err := path.Match(pattern, directory)
			return err == nil && matches
		}), "no update of %s", file)
	}
}
