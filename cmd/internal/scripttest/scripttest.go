// Package scripttest runs testscripts of the command line, for the tests of the two executables.
package scripttest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Run runs the scripts in testdata/script, as a user runs the commands that the test's TestMain has registered. root is
// the root of this repository. In the scripts, $FLEET is a copy of the example fleet that a script may change,
// $WRAPPER one of a fleet with a chart in the place of cmp, and $MANIFESTS the folder of the manifests, to read only.
func Run(t *testing.T, root string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			for variable, name := range map[string]string{"FLEET": "fleet", "WRAPPER": "wrapper"} {
				directory := filepath.Join(env.WorkDir, name)
				env.Setenv(variable, directory)
				if err := os.CopyFS(directory, os.DirFS(filepath.Join(root, "testdata", name))); err != nil {
					return err
				}
			}
			manifests, err := filepath.Abs(filepath.Join(root, "manifests"))
			env.Setenv("MANIFESTS", manifests)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"oneline": oneLine,
			"same":    same,
			"large":   large,
			"alike":   alike,
			"ignore":  ignore,

			"alike-stage": alikeStage,
			"secrets":     serveSecrets,
			"charts":      serveCharts,
			"artifacts":   serveArtifacts,
			"gitserver":   serveGit,
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

// alike checks that `render DIRECTORY --group GROUP --cluster CLUSTER` and, in that directory, generate fail with the
// same line, which is then the script's standard error.
func alike(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: alike DIRECTORY GROUP CLUSTER")
	}
	directory := ts.MkAbs(args[0])
	failAlike(ts, directory, []string{directory, "--group", args[1], "--cluster", args[2]}, map[string]string{
		"ARGOCD_APP_SOURCE_PATH": filepath.Base(directory), "ARGOCD_ENV_GROUP": args[1], "ARGOCD_ENV_CLUSTER": args[2],
	})
}

// alikeStage checks the same of a stage that is of no group, in the directory of the script.
func alikeStage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: alike-stage STAGE CLUSTER")
	}
	failAlike(ts, ts.MkAbs("."), []string{"--stage", args[0], "--cluster", args[1]}, map[string]string{
		"ARGOCD_ENV_STAGE": args[0], "ARGOCD_ENV_CLUSTER": args[1],
	})
}

func failAlike(ts *testscript.TestScript, directory string, flags []string, environment map[string]string) {
	fails := func(args ...string) string {
		if ts.Exec("cmp", args...) == nil {
			ts.Fatalf("cmp %s does not fail", strings.Join(args, " "))
		}
		oneLine(ts, false, nil)
		return ts.ReadFile("stderr")
	}
	rendered := fails(append([]string{"render"}, flags...)...)
	for name, value := range environment {
		ts.Setenv(name, value)
	}
	back := ts.MkAbs(".")
	ts.Check(ts.Chdir(directory))
	generated := fails("generate")
	ts.Check(ts.Chdir(back))
	for name := range environment {
		ts.Setenv(name, "")
	}
	if rendered != generated {
		ts.Fatalf("render and generate fail with different lines:\n%s%s", rendered, generated)
	}
}

// ignore makes fleet.yaml of the fleet that of original.yaml with one more entry in spec.lint.ignore, on line 4.
func ignore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ignore RULE PATH")
	}
	original := ts.ReadFile("original.yaml")
	others := ""
	if before, ignored, found := strings.Cut(original, "\n  lint:\n    ignore:\n"); found {
		original, others = before+"\n", ignored // the example's own, at the end
	}
	entry := "spec:\n  lint: {ignore: [{rule: " + args[0] + ", path: " + args[1] + ", reason: it is meant}"
	for _, other := range strings.Split("\n"+others, "\n      - ")[1:] {
		entry += ", {" + strings.Join(strings.Fields(strings.ReplaceAll(other, "\n", ", ")), " ") + "}"
	}
	entry = strings.ReplaceAll(entry, ", }", "}") + "]}\n"
	before, after, _ := strings.Cut(original, "spec:\n")
	header := "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n"
	if !strings.HasSuffix(before, header) {
		ts.Fatalf("original.yaml is no fleet.yaml")
	}
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("FLEET"), "fleet.yaml"), []byte(header+entry+after), 0o644))
}

// large makes a YAML file of a string and a comment, which together have a number of bytes.
func large(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: large FILE BYTES TEXT")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := args[2] + "\n#"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+strings.Repeat("x", size-len(text))), 0o644))
}
