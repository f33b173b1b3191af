package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

var directory = filepath.Join("..", "..", "..", "docs", "commands")

// TestPagesAreCurrent: docs/commands has the page of each command as the command is now, and no other page.
func TestPagesAreCurrent(t *testing.T) {
	want := Markdown(Commands("cmp"))
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	for _, entry := range entries {
		require.Contains(t, want, entry.Name(), "docs/commands has a page of no command: make docs removes it")
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(directory, name))
		require.NoError(t, err, "make docs writes it")
		require.Equal(t, text, strings.ReplaceAll(string(got), "\r\n", "\n"), "%s is stale: make docs writes it anew",
			name)
	}
}

// TestEachCommandAndFlag: each has its page, in Markdown and for man, with a row or an entry for each flag.
func TestEachCommandAndFlag(t *testing.T) {
	root := Commands("fleet-cmp")
	markdown, man := Markdown(root), Man(root, "v1.2.3", "2026-01-31")
	var visit func(*cobra.Command) int
	visit = func(c *cobra.Command) int {
		if c.Hidden || c.Name() == "help" {
			return 0
		}
		page, manPage := markdown[pageName(c)], man[fileName(c)+".1"]
		require.Contains(t, page, "# `"+c.CommandPath()+"`\n")
		require.Contains(t, markdown["README.md"], "| [`"+c.CommandPath()+"`]("+pageName(c)+") |")
		require.Contains(t, manPage, `"2026\-01\-31" "fleet\-cmp v1.2.3" "User Commands"`)
		check := func(f *pflag.Flag) {
			if !f.Hidden {
				require.Contains(t, page, "`--"+f.Name+"` |", "the flag --%s of %s", f.Name, c.CommandPath())
				require.Contains(t, manPage, `\fB`+roff("--"+f.Name)+`\fR`)
			}
		}
		c.LocalFlags().VisitAll(check)
		if !ofServer(c) {
			c.InheritedFlags().VisitAll(check)
		}
		commands := 1
		for _, below := range c.Commands() {
			commands += visit(below)
		}
		return commands
	}
	commands := visit(root)
	require.Greater(t, commands, 25)
	require.Len(t, markdown, commands+1)
	require.Len(t, man, commands)
}

// TestGuides: the pages that say more are of commands.
func TestGuides(t *testing.T) {
	for name := range guides {
		command, _, err := Commands("cmp").Find([]string{name})
		require.NoError(t, err)
		require.Equal(t, name, command.Name())
	}
}

// TestProse: what is code in a text of a command is marked, pages are linked, and the rest is as it is.
func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"See docs/matrix.md.":                               "See [docs/matrix.md](../matrix.md).",
		"with --stage (or -l), a page":                      "with `--stage` (or `-l`), a page",
		"a file HUB/NAME.yaml, or fleet.yaml":               "a file `HUB/NAME.yaml`, or `fleet.yaml`",
		"'cmp render -f a.yaml' does; a hub's is another's": "`cmp render -f a.yaml` does; a hub's is another's",
		`shown as "(removed)", with "helm template CHART"`:  "shown as \"(removed)\", with `helm template CHART`",
		"githubSecret of ApplicationSets":                   "`githubSecret` of ApplicationSets",
		"ARGOCD_ENV_* and <none>":                           "`ARGOCD_ENV_*` and `<none>`",
		"text - and more -":                                 "text - and more -",
	} {
		require.Equal(t, want, prose(text))
	}
}

// TestCalled: pages of a program of another name call it by that.
func TestCalled(t *testing.T) {
	root := Commands("fleet-cmp")
	require.Equal(t, "fleet-cmp render x | fleet-cmp --version; cmp does, cmp-stages and fleet-cmp lint too",
		called(root, "cmp render x | cmp --version; cmp does, cmp-stages and fleet-cmp lint too"))
	require.Contains(t, Man(root, "", "")["fleet-cmp-render.1"], `fleet\-cmp render \-\-from`)
}

// TestRoff: nothing of a text is taken for a request or an escape.
func TestRoff(t *testing.T) {
	require.Equal(t, "\\&.TH\n\\(aqa\\(aq \\e \\-x \\(dqb\\(dq\\[u2026].", roff(".TH\n'a' \\ -x \"b\"…."))
	groff, err := exec.LookPath("groff")
	if err != nil {
		return
	}
	for name, page := range Man(Commands("fleet-cmp"), "v1", "2026-01-31") {
		command := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z")
		command.Stdin = strings.NewReader(page)
		out, err := command.CombinedOutput()
		require.NoError(t, err, name)
		require.Empty(t, string(out), name)
	}
}

// TestWrite: pages of commands that are gone are removed, other files stay, and the same call gives the same bytes.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"gone.md", "cmp-gone.1", "other.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1769817600")
	require.NoError(t, run([]string{"-markdown", dir, "-man", dir}))
	require.NoFileExists(t, filepath.Join(dir, "gone.md"))
	require.NoFileExists(t, filepath.Join(dir, "cmp-gone.1"))
	require.FileExists(t, filepath.Join(dir, "other.txt"))
	page, err := os.ReadFile(filepath.Join(dir, "cmp-lint.1"))
	require.NoError(t, err)
	require.Contains(t, string(page), `.TH "CMP\-LINT" "1" "2026\-01\-31" "cmp" "User Commands"`)
	require.Contains(t, string(page), "\ncmp lint \\-\\-stage manifests")
}

// TestWrongUsage says what is wrong.
func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, run(nil), "give -markdown DIRECTORY or -man DIRECTORY")
	require.ErrorContains(t, run([]string{"-man", dir, "more"}), "no arguments")
	require.ErrorContains(t, run([]string{"-man", dir, "-date", "yesterday"}), "yesterday")
	t.Setenv("SOURCE_DATE_EPOCH", "soon")
	require.ErrorContains(t, run([]string{"-man", dir}), "SOURCE_DATE_EPOCH")
}
