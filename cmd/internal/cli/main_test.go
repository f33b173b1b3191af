package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/scripttest"
)

func TestMain(m *testing.M) {
	cmp := func() { os.Exit(Program{}.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
	if filepath.Base(os.Args[0]) == stagesProgram { // by a link to cmp, see TestHandOver
		cmp()
	}
	if filepath.Base(os.Args[0]) != called.Name() { // which scripts run, with the PATH that they give it
		hideInstalled()
	}
	testscript.Main(m, map[string]func(){"cmp": cmp, "fleet-cmp": cmp})
}

// hideInstalled takes from PATH where the executables are that cmp starts: the README says to put them there.
func hideInstalled() {
	kept := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(directory string) bool {
		return slices.ContainsFunc([]string{stagesProgram, "cmp-server"}, func(name string) bool {
			_, err := os.Stat(filepath.Join(directory, name))
			return err == nil
		})
	})
	if err := os.Setenv("PATH", strings.Join(kept, string(filepath.ListSeparator))); err != nil {
		panic(err)
	}
}

// TestScripts runs the command line as a user does, with cmp and without cmp-stages.
func TestScripts(t *testing.T) { scripttest.Run(t, filepath.Join("..", "..", "..")) }

// fullWriter is a disk without space.
type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestOutputThatCannotBeWritten is a failure, whatever it is.
func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help", "render"}, {"member"}, {"version"}, {"completion", "bash"},
		{"explain"}, {"explain", "spec"}, {"schema", "fleet"},
		{"clusters", filepath.Join("..", "..", "..", "testdata", "fleet")}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var stderr strings.Builder
			require.Equal(t, 1, Program{}.Run(args, strings.NewReader(""), fullWriter{}, &stderr))
			require.Equal(t, "Error: no space left on device\n", stderr.String())
		})
	}
}

// TestExitStatus pins down the three exit statuses, which scripts only see as failure.
func TestExitStatus(t *testing.T) {
	fleet := filepath.Join("..", "..", "..", "testdata", "fleet")
	hub := func(command string, flags ...string) []string {
		return append([]string{command, fleet, "--group", "addons", "--cluster", "hub-prod"}, flags...)
	}
	for name, tt := range map[string]struct {
		status int
		args   []string
	}{
		"success":                {0, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod"}},
		"help":                   {0, []string{}},
		"unknown group":          {2, []string{"render", fleet, "--group", "nope", "--cluster", "hub-prod"}},
		"likewise, no cluster":   {2, []string{"render", fleet, "--group", "nope"}},
		"of its values":          {2, []string{"values", fleet, "--group", "nope", "--cluster", "hub-prod"}},
		"of its releases":        {2, []string{"releases", fleet, "--group", "nope"}},
		"unknown cluster":        {2, []string{"render", fleet, "--group", "addons", "--cluster", "nope"}},
		"unknown component":      {2, hub("render", "--component", "nope")},
		"unknown release":        {2, hub("render", "--release", "nxt")},
		"of its values, too":     {2, hub("values", "--release", "nxt")},
		"no such app path":       {1, []string{"render", "nope", "--group", "addons", "--cluster", "hub-prod"}},
		"unknown command":        {2, []string{"nope"}},
		"unknown flag":           {2, []string{"render", "--nope"}},
		"two paths":              {2, []string{"render", "a", "b"}},
		"nothing to render from": {2, []string{"render", fleet}},
		"group without cluster":  {2, []string{"render", fleet, "--group", "addons"}},
		"cluster without group":  {2, []string{"render", fleet, "--cluster", "hub-prod"}},
		"unknown stage": {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "--stage",
			"nope"}},
		"unknown format": {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "-o",
			"xml"}},
		"bad selector":          {2, []string{"clusters", fleet, "-l", "a in b"}},
		"removal without --yes": {2, []string{"member", "remove", "retail-np-1", "--repo-root", fleet}},
		"help for no command":   {2, []string{"help", "nope"}},
		"unknown shell":         {2, []string{"completion", "nope"}},
		"unknown member":        {2, []string{"member", "set", "nope", "--set", "tenant=a", "--repo-root", fleet}},
		"removal of it":         {2, []string{"member", "remove", "nope", "--yes", "--repo-root", fleet}},
		"unknown hub": {2, []string{"member", "add", "a", "--tenant", "retail", "--environment", "np", "--hub",
			"nope", "--repo-root", fleet}},
		"version with argument": {2, []string{"version", "x"}},
		"path outside root": {2, []string{"render", fleet, "--repo-root", "testdata", "--group", "addons",
			"--cluster", "hub-prod"}},
		"labels on two lines":  {2, hub("render", "--labels", "a=b\nc=d")},
		"annotations likewise": {2, hub("values", "--annotations", "a=b,c=d\ne=f")},
		"settings likewise":    {2, hub("render", "--set-setting", "chartType=b\r\n")},
		"standard input twice": {2, []string{"render", fleet, "--group", "addons", "--cluster", "hub-prod", "-f", "-",
			"--cluster-file", "-"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			status := Program{}.Run(tt.args, strings.NewReader(""), &stdout, &stderr)
			require.Equal(t, tt.status, status, stderr.String())
			if status != 0 {
				require.Empty(t, stdout.String())
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %s", stderr.String())
			}
		})
	}
}
