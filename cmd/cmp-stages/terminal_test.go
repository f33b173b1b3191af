package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

// overwritten matches the part of a line that a terminal no longer shows: progress, which depends on time.
var overwritten = regexp.MustCompile(`[^\n]*\r`)

// onTerminal runs a command line on a terminal, and returns what that shows at the end.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	terminal, process, err := pty.Open()
	require.NoError(t, err)
	defer terminal.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(terminal) // it ends with an error of input and output where a process has closed its side
		shown <- string(text)
	}()
	cli.Program{Stages: linked.New()}.Run(args, strings.NewReader(""), process, process)
	require.NoError(t, process.Close())
	return overwritten.ReplaceAllString(strings.ReplaceAll(<-shown, "\r\n", "\n"), "")
}

// TestColors proves that what has colors on a terminal is the same text as without, and who can do without them.
func TestColors(t *testing.T) {
	fleet := filepath.Join("..", "..", "testdata", "fleet")
	misspelt := filepath.Join(t.TempDir(), "misspelt.yaml")
	require.NoError(t, os.WriteFile(misspelt, []byte(`karpenter: {chartVerison: "1"}`), 0o644))
	wrong := t.TempDir()
	require.NoError(t, os.CopyFS(wrong, os.DirFS(fleet)))
	require.NoError(t, os.WriteFile(filepath.Join(wrong, "addons", "unread.yaml"), []byte("a: b"), 0o644))
	changed := filepath.Join(wrong, "charts", "application-sets", "values", "addons.yaml")
	text, err := os.ReadFile(changed)
	require.NoError(t, err)
	text = bytes.Replace(text, []byte(`defaultVersion: "2.45.1"`), []byte(`defaultVersion: "2.46.0"`), 1)
	require.NoError(t, os.WriteFile(changed, text, 0o644))
	sequence := regexp.MustCompile("\x1b\\[[0-9]*m")
	render := []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "-f", misspelt}
	for name, test := range map[string]struct {
		args []string
		has  string
	}{
		"an error":              {[]string{"lint", fleet, "--group", "addon"}, "\x1b[31mError:\x1b[0m fleet.yaml"},
		"an error of the flags": {[]string{"lint", "--groop", "addon"}, "\x1b[31mError:\x1b[0m unknown flag"},
		"a warning":             {render, "\x1b[33mWarning:\x1b[0m "},
		"findings":              {[]string{"lint", wrong}, "addons/unread.yaml: \x1b[33mwarning\x1b[0m: "},
		"marks":                 {[]string{"matrix", fleet, "--group", "addons"}, "cert_manager\x1b[33m R\x1b[0m"},
		"what differs": {[]string{"diff", fleet, wrong, "--stage", "applicationsets"},
			"\x1b[32m+"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TERM", "xterm")
			t.Setenv("NO_COLOR", "")
			colored := onTerminal(t, test.args...)
			require.Contains(t, colored, test.has)
			plain := onTerminal(t, append(test.args, "--no-color")...)
			require.Equal(t, plain, sequence.ReplaceAllString(colored, ""))
			t.Setenv("NO_COLOR", "1")
			require.Equal(t, plain, onTerminal(t, test.args...))
			t.Setenv("NO_COLOR", "")
			t.Setenv("TERM", "dumb")
			require.Equal(t, plain, onTerminal(t, test.args...))
			require.NotContains(t, plain, "\x1b")
		})
	}
}
