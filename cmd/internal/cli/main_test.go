package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

func TestMain(m *testing.M) {
	program := func(p Program) func() {
		return func() { os.Exit(p.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
	}
	testscript.Main(m, map[string]func(){"cmp": program(Program{}), "cmp-stages": program(Program{Stages: linked.New()})})
}

// TestScripts runs the command line as a user does. In the scripts, $FLEET is a copy of the example fleet that a script may
// change, and `exec cmp` is this program.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			fleet := filepath.Join(env.WorkDir, "fleet")
			env.Setenv("FLEET", fleet)
			return os.CopyFS(fleet, os.DirFS(filepath.Join("..", "..", "..", "testdata", "fleet")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"oneline": oneLine,
			"same":    same,
			"zeros":   zeros,
			"secrets": serveSecrets,
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

// TestExitStatus pins down the three exit statuses, which scripts only see as failure.
func TestExitStatus(t *testing.T) {
	fleet := filepath.Join("..", "..", "..", "testdata", "fleet")
	for name, tt := range map[string]struct {
		status int
		args   []string
	}{
		"success":                {0, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod"}},
		"help":                   {0, nil},
		"failure":                {1, []string{"render", fleet, "--group", "nope", "--cluster", "hub-prod"}},
		"unknown cluster":        {1, []string{"render", fleet, "--group", "addons", "--cluster", "nope"}},
		"no such app path":       {1, []string{"render", "nope", "--group", "addons", "--cluster", "hub-prod"}},
		"unknown command":        {2, []string{"nope"}},
		"unknown flag":           {2, []string{"render", "--nope"}},
		"two paths":              {2, []string{"render", "a", "b"}},
		"nothing to render from": {2, []string{"render", fleet}},
		"group without cluster":  {2, []string{"render", fleet, "--group", "addons"}},
		"cluster without group":  {2, []string{"render", fleet, "--cluster", "hub-prod"}},
		"unknown stage":          {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "--stage", "nope"}},
		"unknown format":         {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "-o", "xml"}},
		"two components":         {2, []string{"values", fleet, "--group", "addons", "--cluster", "hub-prod", "--component", "a", "--component", "b"}},
		"bad selector":           {2, []string{"clusters", fleet, "-l", "a in b"}},
		"version with argument":  {2, []string{"version", "x"}},
		"path outside root":      {2, []string{"render", fleet, "--repo-root", "testdata", "--group", "addons", "--cluster", "hub-prod"}},
		"standard input twice":   {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "-f", "-", "--cluster-file", "-"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			status := Program{Stages: linked.New()}.Run(tt.args, strings.NewReader(""), &stdout, &stderr)
			require.Equal(t, tt.status, status, stderr.String())
			if status != 0 {
				require.Empty(t, stdout.String())
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %s", stderr.String())
			}
		})
	}
}
