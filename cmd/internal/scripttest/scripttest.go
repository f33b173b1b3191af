// Package scripttest runs testscripts of the command line, for the tests of the two executables.
package scripttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Run runs the scripts in testdata/script, as a user runs the commands that the test's TestMain has registered. root is the
// root of this repository. In the scripts, $FLEET is a copy of the example fleet that a script may change.
func Run(t *testing.T, root string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			fleet := filepath.Join(env.WorkDir, "fleet")
			env.Setenv("FLEET", fleet)
			return os.CopyFS(fleet, os.DirFS(filepath.Join(root, "testdata", "fleet")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"oneline": oneLine,
			"same":    same,
			"zeros":   zeros,
			"secrets": serveSecrets,
			"charts":  serveCharts,
		},
	})
}

// oneLine checks that standard output is empty and standard error is exactly one line.
func oneLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: oneline")
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output is not empty:\n%s", out)
	}
	if lines := strings.Count(ts.ReadFile("stderr"), "\n"); lines != 1 {
		ts.Fatalf("standard error has %d lines", lines)
	}
}

// same compares the standard output of the last command, or a file, with a file of the script.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same stdout|FILE FILE")
	}
	got, want := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if got != want {
		ts.Fatalf("%s and %s differ; the first is:\n%s", args[0], args[1], got)
	}
}

// zeros makes a file of 10 MiB and one byte.
func zeros(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("#", 10<<20+1)), 0o644))
}
