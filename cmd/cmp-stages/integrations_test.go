package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// action is what action.yml has of a GitHub Action.
type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, If, Uses, Shell, Run string
			Env                        map[string]string
			With                       map[string]string
		}
	}
}

func readStrict(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalStrict(data, into), name)
}

// fleetWithFinding is a copy of the example fleet in a directory, with one file that nothing reads.
func fleetWithFinding(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, os.DirFS(filepath.Join("..", "..", "testdata", "fleet"))))
	stray := filepath.Join(directory, "addons", "tenants", "defaults", "application-sets", "adons.yaml")
	require.NoError(t, os.WriteFile(stray, []byte("karpenter: {}\n"), 0o600))
	return directory
}

// runIn runs a script in a directory, and returns what it prints, and whether it succeeds. It has nothing of a hook of
// Git that runs the tests.
func runIn(directory, script string, env ...string) (string, error) {
	shell := exec.Command("bash", "-c", script)
	shell.Dir = directory
	shell.Env = append(slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "GIT_")
	}), env...)
	out, err := shell.CombinedOutput()
	return string(out), err
}

// TestAction runs the steps of the GitHub Action as far as that goes without GitHub: go is one that puts this test's
// cmp where it is asked to build cmp.
func TestAction(t *testing.T) {
	const lint = "inputs.command == 'lint'"
	var a action
	readStrict(t, "action.yml", &a)
	require.Equal(t, "composite", a.Runs.Using)
	fleet, runner := fleetWithFinding(t), t.TempDir()
	fake := filepath.Join(runner, "go")
	require.NoError(t, os.WriteFile(fake, []byte("#!/bin/sh\n[ \"$1\" = build ] && [ -d cmd/cmp-stages ] || exit 1\n"+
		"while [ \"$1\" != -o ]; do shift; done\ncp \"$(command -v cmp)\" \"$2/cmp\"\n"), 0o700))
	inputs := map[string]string{"sarif-file": "out.sarif"}
	expression := regexp.MustCompile(`\$\{\{ *([a-z_.-]+) *\}\}`)
	source, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	evaluate := func(text string) string {
		return expression.ReplaceAllStringFunc(text, func(found string) string {
			name := expression.FindStringSubmatch(found)[1]
			if name == "github.action_path" {
				return source
			}
			input, is := strings.CutPrefix(name, "inputs.")
			require.True(t, is, name)
			require.Contains(t, a.Inputs, input)
			if given, is := inputs[input]; is {
				return given
			}
			return a.Inputs[input].Default
		})
	}
	paths := filepath.Join(runner, "path")
	ran := 0
	for _, step := range a.Runs.Steps {
		if step.Run == "" || step.If != "inputs.binaries == ''" && step.If != lint {
			continue
		}
		require.Equal(t, "bash", step.Shell, step.Name)
		require.NotContains(t, step.Run, "${{", "text of others must not become part of a script")
		added, _ := os.ReadFile(paths) // of the steps before
		env := []string{"RUNNER_TEMP=" + runner, "GITHUB_PATH=" + paths,
			"PATH=" + strings.TrimSpace(string(added)) + ":" + runner + ":" + os.Getenv("PATH")}
		for name, value := range step.Env {
			env = append(env, name+"="+evaluate(value))
		}
		out, err := runIn(fleet, step.Run, env...)
		ran++
		if step.Name != "cmp lint" {
			require.NoError(t, err, out)
			continue
		}
		require.Error(t, err, "there are findings")
		require.Contains(t, out, "::warning file=addons/tenants/defaults/application-sets/adons.yaml")
		log, err := os.ReadFile(filepath.Join(fleet, "out.sarif"))
		require.NoError(t, err)
		require.Contains(t, string(log), `"ruleId": "unread-file"`)
	}
	require.Equal(t, 2, ran)
	require.FileExists(t, filepath.Join(runner, "fleet-cmp", "cmp"))
}

// TestActionWithBinaries downloads an archive in the place of the build, and refuses one without its digest.
func TestActionWithBinaries(t *testing.T) {
	var a action
	readStrict(t, "action.yml", &a)
	runner := t.TempDir()
	archive := filepath.Join(runner, "archive.tar.gz")
	out, err := runIn(runner, `cp "$(command -v cmp)" cmp && cp cmp cmp-stages && tar -czf archive.tar.gz cmp cmp-stages`)
	require.NoError(t, err, out)
	digest, err := runIn(runner, "sha256sum archive.tar.gz | cut -d ' ' -f 1")
	require.NoError(t, err)
	// As curl -fsSL --retry 3 -o FILE file://ARCHIVE does, on machines without it, too.
	programs := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(programs, "curl"), []byte("#!/bin/sh\n"+
		`[ "$1 $2 $3 $4" = "-fsSL --retry 3 -o" ] && exec cp "${6#file://}" "$5"`+"\n"), 0o700))
	for _, step := range a.Runs.Steps {
		if step.Run == "" || step.If != "inputs.binaries != ''" {
			continue
		}
		env := []string{"RUNNER_TEMP=" + runner, "GITHUB_PATH=" + filepath.Join(runner, "path"), "BINARIES=file://" +
			archive, "PATH=" + programs + ":" + os.Getenv("PATH")}
		for sha, succeeds := range map[string]bool{strings.TrimSpace(digest): true, "": false,
			strings.Repeat("0", 64): false} {
			out, err := runIn(runner, step.Run, append(env, "SHA256="+sha)...)
			require.Equal(t, succeeds, err == nil, out)
		}
		require.FileExists(t, filepath.Join(runner, "fleet-cmp", "cmp-stages"))
	}
}

// TestPreCommitHooks runs the hooks' commands in a fleet.
func TestPreCommitHooks(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Entry, Language, Files string
		PassFilenames                                 *bool `json:"pass_filenames"`
	}
	readStrict(t, ".pre-commit-hooks.yaml", &hooks)
	require.Len(t, hooks, 2)
	fleet := fleetWithFinding(t)
	for _, hook := range hooks {
		require.NotNil(t, hook.PassFilenames, hook.ID)
		require.False(t, *hook.PassFilenames, hook.ID)
		require.Regexp(t, hook.Files, "addons/values.yml")
		out, err := runIn(fleet, hook.Entry)
		require.Error(t, err, hook.ID)
		require.Contains(t, out, "(unread-file)")
		out, err = runIn(filepath.Join("..", "..", "testdata", "fleet"), hook.Entry)
		require.NoError(t, err, out)
	}
}

// gitLabJobs returns the jobs of the example for GitLab.
func gitLabJobs(t *testing.T) map[string]gitLabJob {
	t.Helper()
	var jobs map[string]gitLabJob
	readStrict(t, filepath.Join("docs", "examples", "gitlab-ci.yml"), &jobs)
	require.NotEmpty(t, jobs[".cmp"].BeforeScript)
	return jobs
}

type gitLabJob struct {
	Extends, Stage, Image string
	Variables             map[string]string
	Cache, Artifacts      map[string]any
	Rules                 []map[string]string
	BeforeScript          []string `json:"before_script"`
	Script                []string
}

// TestGitLabExample runs the script of the job in a fleet.
func TestGitLabExample(t *testing.T) {
	job := gitLabJobs(t)["cmp-lint"]
	require.Equal(t, ".cmp", job.Extends)
	// Without what needs the network: the charts of the stage manifests.
	script := strings.ReplaceAll(strings.Join(job.Script, "\n"), "--stage manifests", "--stage applications")
	fleet := fleetWithFinding(t)
	out, err := runIn(fleet, "set -e\n"+script)
	require.Error(t, err)
	require.Contains(t, out, "\n0 errors, ")
	require.FileExists(t, filepath.Join(fleet, "lint.json"))
}
