package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

// What one run may use: cmp and the worker that it starts together, whatever its input is. The limit of 400 MiB is seen
// to be exceeded a moment later, the more so with the race detector on a busy machine.
const (
	hostileCPU    = 10 * time.Second
	hostileMemory = 576 << 20
	hostileEnd    = 2 * time.Minute // a run that has not ended by then never will
)

// A hostile is one input that tries to take more than it should.
type hostile struct {
	name    string
	files   map[string]string      // besides those of the fleet, or in their place; "" is none
	prepare func(dir string) error // makes what is no plain file
	in      string                 // the working directory, below the root of the repository
	env     []string
	stdin   string
	serve   http.HandlerFunc // answers at the address that stands in apps.yaml as repoURL: ""
	command string           // flags that every command has are added
	// what the line on standard error names, a file or an Application; alternatives have a | between them
	want    string
	may     bool   // it may also succeed: what is merely large can be legitimate
	printed string // what is printed nevertheless; "": nothing
	others  bool   // there are other clusters, whose Applications may be printed
}

// traces are what the Go runtime prints of a crash. Messages may quote an input that says so.
var traces = regexp.MustCompile(`(?m)^(goroutine \d|panic: |fatal error: |runtime: )`)

// nothingToRender is the error where an input selects nothing, of which no file is to blame.
const nothingToRender = "there is nothing to render"

// hostileInputs are all tables. Each is of one kind of file or stage.
func hostileInputs() []hostile {
	return slices.Concat(
		hostileFleetFiles(), hostileMembers(), hostileNumbers(), hostileInvocations(), hostileSpecialFiles(),
		hostileTemplates(), hostileCharts(), hostileSchemas(), hostileValues(),
		hostileKustomizations(), hostileDirectories(),
		hostileGenerators(), hostileSetTemplates(), hostileArtifacts(), hostileParts(),
	)
}

// TestHostileInputs runs cmp on each of the inputs, as a process of its own, and measures what it takes.
func TestHostileInputs(t *testing.T) {
	programs := t.TempDir()
	buildPrograms(t, programs)
	inputs := hostileInputs()
	require.GreaterOrEqual(t, len(inputs), 300)
	seen := map[string]bool{}
	for _, input := range inputs {
		require.False(t, seen[input.name], "%s is there twice", input.name)
		seen[input.name] = true
	}
	for _, input := range inputs {
		t.Run(input.name, func(t *testing.T) {
			t.Parallel()
			input.check(t, programs)
		})
	}
}

// buildPrograms builds cmp, as in a release, and what measures it, into a directory.
func buildPrograms(t *testing.T, directory string) {
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", directory, "./cmd/cmp",
		"./cmd/cmp-stages", "./cmd/cmp-stages/internal/measure")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
}

// check runs cmp on the input, and fails if it does not end as it should. programs is the directory with it.
func (h hostile) check(t *testing.T, programs string) {
	dir := t.TempDir()
	if h.serve != nil {
		server := httptest.NewServer(h.serve)
		defer server.Close()
		h.files["apps.yaml"] = strings.Replace(h.files["apps.yaml"], "repoURL: ,", "repoURL: "+server.URL+",", 1)
	}
	require.NoError(t, h.write(dir))
	ctx, cancel := context.WithTimeout(t.Context(), hostileEnd)
	defer cancel()
	arguments := strings.Fields(expanded(h.command))
	measured := filepath.Join(dir, ".measured")
	arguments = slices.Concat([]string{measured, filepath.Join(programs, "cmp")}, arguments,
		[]string{"--memory-limit", "400Mi"})
	command := exec.CommandContext(ctx, filepath.Join(programs, "measure"), arguments...)
	command.Dir = filepath.Join(dir, h.in)
	command.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, ".cache"))
	for _, variable := range h.env {
		command.Env = append(command.Env, expanded(variable))
	}
	require.NoError(t, writeFile(filepath.Join(dir, ".stdin"), h.stdin))
	stdin, err := os.Open(filepath.Join(dir, ".stdin"))
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := os.Create(filepath.Join(dir, ".stdout"))
	require.NoError(t, err)
	defer stdout.Close()
	var stderr bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, &stderr
	err = command.Run()
	require.NoError(t, ctx.Err(), "it does not end")
	var cpu time.Duration
	var memory int64
	took, readErr := os.ReadFile(measured)
	require.NoError(t, readErr)
	_, readErr = fmt.Sscan(string(took), &cpu, &memory)
	require.NoError(t, readErr)
	t.Logf("cpu %v, memory %d MiB: %.300s", cpu.Round(time.Millisecond), memory>>20, stderr.String())
	require.LessOrEqual(t, cpu, hostileCPU)
	require.LessOrEqual(t, memory, int64(hostileMemory))
	require.NotRegexp(t, traces, stderr.String())
	if err == nil {
		require.True(t, h.may, "it should fail")
		return
	}
	require.Contains(t, []int{1, 2}, command.ProcessState.ExitCode())
	var errorLines []string
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(strings.TrimPrefix(line, "# "), "Warning: ") { // Kustomize begins its own with #
			errorLines = append(errorLines, line)
		}
	}
	if !strings.HasPrefix(h.command, "member check") { // which has a line for each finding
		require.Len(t, errorLines, 1, "%.2000s", stderr.String())
	}
	require.True(t, strings.HasPrefix(errorLines[0], "Error: "), "%.2000s", errorLines[0])
	named := func(name string) bool { return strings.Contains(errorLines[0], name) }
	require.True(t, named(nothingToRender) || slices.ContainsFunc(strings.Split(h.want, "|"), named),
		"%.2000s does not name %s", errorLines[0], h.want)
	require.Less(t, len(errorLines[0]), 64<<10)
	printed, err := os.ReadFile(stdout.Name())
	require.NoError(t, err)
	switch {
	case h.others:
	case h.printed == "":
		require.Empty(t, string(printed))
	default:
		require.Contains(t, string(printed), h.printed)
	}
}

// write writes the fleet with the input.
func (h hostile) write(dir string) error {
	files := map[string]string{"apps.yaml": applicationFor("victim", "charts/app", ""),
		".git/HEAD": "ref: refs/heads/main\n"}
	for _, file := range txtar.Parse([]byte(watched)).Files {
		files[file.Name] = places.ReplaceAllString(string(file.Data), "https://example.com/a")
	}
	// So that what has no end ends sooner; the limits that are measured are those without this.
	files["fleet.yaml"] = strings.Replace(files["fleet.yaml"], "spec:\n", "spec:\n  limits: {applicationTimeout: 6s}\n",
		1)
	for name, data := range h.files {
		if files[name] = data; data == "" {
			delete(files, name)
		}
	}
	for name, data := range files {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), data); err != nil {
			return err
		}
	}
	if h.prepare != nil {
		return h.prepare(dir)
	}
	return nil
}

// Commands of the tables.
const (
	renderGroup     = "render --group core --cluster hub --repo-root ."
	renderSpoke     = "render --group core --cluster spoke --stage applications --repo-root ."
	renderManifests = "render --group core --cluster spoke --stage manifests --offline --repo-root ."
	renderFiles     = "render --from apps.yaml -A --stage manifests --offline --repo-root ."
	expandFiles     = "render --from apps.yaml -A --stage applications --offline --repo-root ."
	generate        = "generate"
)

// applicationFor returns an Application with a path, and more fields of its source in flow style.
func applicationFor(name, path, source string) string {
	return fmt.Sprintf(`apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s}
spec:
  project: default
  destination: {name: hub, namespace: victim}
  source: {repoURL: https://git.example.com/fleet, targetRevision: main, path: %s%s}
`, name, path, source)
}

// Texts of the tables are written with marks around what is repeated, so that all of them together are small: what this
// process has in memory counts for those that it starts. What is written out is [expanded].
const (
	markStart, markBody, markEnd = "\u27ea", "\u27eb", "\u27ec"
	number                       = "%d"
)

// repeated returns a string that [expanded] repeats.
func repeated(text string, count int) string {
	return markStart + strconv.Itoa(count) + markBody + text + markEnd
}

// lines is repeated for a line with its number in the place of %d.
func lines(count int, format string) string { return repeated(format+"\n", count) }

// expanded returns a string as it is meant.
func expanded(text string) string {
	var out strings.Builder
	_ = expand(&out, text)
	return out.String()
}

// expand writes a string as it is meant.
func expand(w io.Writer, text string) error {
	for {
		before, rest, found := strings.Cut(text, markStart)
		if _, err := io.WriteString(w, before); err != nil || !found {
			return err
		}
		digits, rest, _ := strings.Cut(rest, markBody)
		count, _ := strconv.Atoi(digits)
		body, after, _ := strings.Cut(rest, markEnd)
		numbered := strings.Contains(body, number)
		for i := range count {
			line := body
			if numbered {
				line = strings.ReplaceAll(body, number, strconv.Itoa(i))
			}
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
		}
		text = after
	}
}

// writeFile writes a string as it is meant.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := expand(w, text); err != nil {
		return err
	}
	return w.Flush()
}
