package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mergedFleet is a clone of a fleet's repository, as jobs for a pull request have it: its last commit merges a change
// of the quota of each team. It returns the directory, and the commit before the merge.
func mergedFleet(t *testing.T) (directory, base string) {
	t.Helper()
	origin := t.TempDir()
	require.NoError(t, os.CopyFS(origin, os.DirFS(filepath.Join("..", "..", "testdata", "fleet"))))
	git := func(args string) { gitHere(t, origin, strings.Fields(args)...) }
	git("init -q -b main .")
	git("add -A")
	git("commit -q -m before")
	git("checkout -q -b change")
	changed := filepath.Join(origin, "resources", "tenants", "defaults", "resources", "namespace-baseline",
		"values.yaml")
	text, err := os.ReadFile(changed)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(changed, bytes.ReplaceAll(text, []byte(`cpu: "8"`), []byte(`cpu: "99"`)), 0o600))
	git("commit -q -a -m change")
	git("checkout -q main")
	git("merge -q --no-ff -m merge change")
	directory = filepath.Join(t.TempDir(), "clone")
	gitHere(t, origin, "clone", "-q", "--depth", "2", "file://"+origin, directory)
	return directory, gitHere(t, origin, "rev-parse", "HEAD^1")
}

// fake writes a program that stands for another one, and says what it was called with in a file.
func fake(t *testing.T, directory, name, script string) {
	t.Helper()
	text := "#!/bin/sh\n" + script + "\necho \"$*\" >> '" + directory + "/calls'\n"
	require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte(text), 0o700))
}

// TestActionDiff runs the step of the GitHub Action that compares: it writes a comment, or writes the one again that it
// has written, and fails only as it is asked to.
func TestActionDiff(t *testing.T) {
	var a action
	readStrict(t, "action.yml", &a)
	fleet, _ := mergedFleet(t)
	require.Equal(t, "HEAD^1", a.Inputs["base"].Default)
	script, kept := "", ""
	for _, step := range a.Runs.Steps {
		if step.Name == "cmp diff" {
			script = step.Run
			require.NotContains(t, script, "${{", "text of others must not become part of a script")
		}
		if strings.HasPrefix(step.Uses, "actions/upload-artifact@") {
			kept = step.With["path"]
		}
	}
	require.Equal(t, "${{ runner.temp }}/cmp-diff/diff.html", kept)
	for _, test := range []struct {
		name, ids, base, failOn, number, call string
		fails, written                        bool
	}{
		{name: "first", base: "HEAD^1", number: "7", call: "--method POST repos/me/fleet/issues/7/comments",
			written: true},
		{name: "again", ids: "12\n13\n", base: "HEAD^1", number: "7",
			call: "--method PATCH repos/me/fleet/issues/comments/12", written: true},
		{name: "no pull request", base: "HEAD^1", written: true},
		{name: "asked to fail", base: "HEAD^1", failOn: "change", number: "7", call: "--method POST", fails: true,
			written: true},
		{name: "no such base", base: "nowhere", number: "7", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			runner := t.TempDir()
			fake(t, runner, "gh", `case "$*" in *--jq*) printf '`+test.ids+`'; exit;; esac`)
			summary := filepath.Join(runner, "summary")
			out, err := runIn(fleet, script, "FLEET=.", "STAGE=", "FAIL_ON="+test.failOn, "BASE="+test.base,
				"GH_TOKEN=x",
				"REPOSITORY=me/fleet", "NUMBER="+test.number, "RUNNER_TEMP="+runner, "GITHUB_STEP_SUMMARY="+summary,
				"PATH="+runner+":"+os.Getenv("PATH"))
			require.Equal(t, test.fails, err != nil, out)
			calls, _ := os.ReadFile(filepath.Join(runner, "calls"))
			require.Contains(t, string(calls), test.call)
			require.Equal(t, test.call != "", len(calls) > 0)
			if !test.written {
				require.NoFileExists(t, summary)
				return
			}
			comment, err := os.ReadFile(summary)
			require.NoError(t, err)
			require.Contains(t, string(comment), "+    requests.cpu: \"99\"")
			require.FileExists(t, filepath.Join(runner, "cmp-diff", "diff.html"))
		})
	}
}

// TestGitLabDiff runs the script of the job that compares: curl is one that knows the notes of a merge request.
func TestGitLabDiff(t *testing.T) {
	job := gitLabJobs(t)["cmp-diff"]
	require.Equal(t, ".cmp", job.Extends)
	require.Equal(t, "none", job.Variables["CMP_DIFF_FAIL_ON"])
	fleet, base := mergedFleet(t)
	const others = `[{"id":5,"type":null,"body":"see \"body\":\"<!-- cmp diff -->","author":{"id":9,"name":"a"}}`
	for _, test := range []struct{ name, notes, token, failOn, call, fails string }{
		{name: "first", notes: others + "]", token: "x", failOn: "none",
			call: "--request POST https://gitlab/projects/1/merge_requests/2/notes "},
		{name: "again", notes: others + `,{"id":6,"type":null,"body":"\u003c!-- cmp diff --\u003e\n###","author":{"id":9}}]`,
			token: "x", failOn: "none", call: "--request PUT https://gitlab/projects/1/merge_requests/2/notes/6 "},
		{name: "without a token", failOn: "none"},
		{name: "asked to fail", failOn: "change", fails: "exit status 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			programs := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(programs, "notes"), []byte(test.notes), 0o600))
			fake(t, programs, "curl", `case "$*" in *--request*) ;; *) cat '`+programs+`/notes'; exit;; esac`)
			out, err := runIn(fleet, "set -eo pipefail\n"+strings.Join(job.Script, "\n"),
				"CI_MERGE_REQUEST_DIFF_BASE_SHA="+base,
				"CI_API_V4_URL=https://gitlab", "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=2", "CMP_DIFF_TOKEN="+
					test.token,
				"CMP_DIFF_FAIL_ON="+test.failOn, "PATH="+programs+":"+os.Getenv("PATH"))
			if test.fails != "" {
				require.ErrorContains(t, err, test.fails, out)
			} else {
				require.NoError(t, err, out)
			}
			calls, _ := os.ReadFile(filepath.Join(programs, "calls"))
			require.Contains(t, string(calls), test.call)
			require.Equal(t, test.call != "", len(calls) > 0)
			for _, kept := range job.Artifacts["paths"].([]any) {
				require.FileExists(t, filepath.Join(fleet, kept.(string)))
			}
		})
	}
}
