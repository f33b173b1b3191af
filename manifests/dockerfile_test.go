package manifests_test

import (
	"debug/elf"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// fromBase are the files that the final stage takes from the base image of another: Debian's ca-certificates.
var fromBase = []string{"/etc/ssl/certs/ca-certificates.crt"}

// TestDockerfile follows the stages of the Dockerfile without a container engine: files are copied from what
// .dockerignore leaves, and commands run as written, in the directory that stands for the stage.
func TestDockerfile(t *testing.T) {
	before := syscall.Umask(0o022) // as where an image is built
	t.Cleanup(func() { syscall.Umask(before) })
	stages := follow(t, parseDockerfile(t), buildContext(t), map[string]string{
		"VERSION": "v1.2.3", "REVISION": "0123abc", "TARGETOS": "linux", "TARGETARCH": runtime.GOARCH,
	})
	require.Len(t, stages, 2)
	build, final := stages[0], stages[1]
	require.Regexp(t, `^golang:`+goVersion(t)+`$`, build.base)
	require.Equal(t, "scratch", final.base)

	require.Equal(t, []string{
		"etc/ssl/certs/ca-certificates.crt", "home/argocd/cmp-server/config/plugin.yaml", "usr/local/bin/cmp",
		"usr/local/bin/cmp-server", "usr/local/bin/cmp-stages", "usr/local/bin/fleet-cmp",
		"usr/share/doc/fleet-cmp/LICENSE", "usr/share/doc/fleet-cmp/NOTICE",
	}, files(t, final.root))
	require.Equal(t, "999", final.user)
	require.Equal(t, []string{serverFile}, final.entrypoint, "what the sidecar runs")
	for label, value := range map[string]string{"title": "fleet-cmp", "version": "v1.2.3", "revision": "0123abc",
		"source":   "https://github.com/eks-fleet-management/fleet-cmp",
		"licenses": "Apache-2.0"} {
		require.Contains(t, final.labels, "org.opencontainers.image."+label+`="`+value+`"`)
	}

	// Argo CD reads plugin.yaml there, and looks for the commands in PATH.
	manifest := read(t, final.path("/home/argocd/cmp-server/config/plugin.yaml"))
	require.Equal(t, string(read(t, "../plugin.yaml")), string(manifest))
	var config struct {
		Spec struct {
			Generate   struct{ Command []string }
			Parameters struct{ Dynamic struct{ Command []string } }
		}
	}
	require.NoError(t, yaml.Unmarshal(manifest, &config))
	binary := final.path(path.Join(final.env["PATH"], "cmp"))
	link, err := os.Readlink(binary)
	require.NoError(t, err)
	require.Equal(t, "fleet-cmp", link)
	for _, command := range [][]string{config.Spec.Generate.Command, config.Spec.Parameters.Dynamic.Command} {
		require.Equal(t, filepath.Base(binary), command[0])
	}

	for _, binary := range []string{binary, binary + "-stages", binary + "-server"} {
		program, err := elf.Open(binary)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(program.Progs,
			func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC }), "not static")
		require.NoError(t, program.Close())
		info, err := os.Stat(binary)
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&0o001, "user 999 must be able to run it")
		if runtime.GOOS == "linux" {
			version := "version"
			if strings.HasSuffix(binary, "-server") {
				version = "--version"
			}
			out, err := exec.Command(binary, version).Output()
			require.NoError(t, err)
			require.Regexp(t, `^cmp(-server version)? v1\.2\.3\b`, string(out))
		}
	}
}

// An instruction is one of the Dockerfile, with its continuation lines.
type instruction struct{ name, args string }

func parseDockerfile(t *testing.T) []instruction {
	t.Helper()
	var all []instruction
	line := ""
	for _, text := range strings.Split(string(read(t, "../Dockerfile")), "\n") {
		if strings.HasPrefix(strings.TrimSpace(text), "#") || strings.TrimSpace(text) == "" {
			continue
		}
		if before, more := strings.CutSuffix(text, `\`); more {
			line += before
			continue
		}
		name, args, _ := strings.Cut(line+text, " ")
		all = append(all, instruction{name, strings.TrimSpace(args)})
		line = ""
	}
	require.Empty(t, line)
	return all
}

// A stage is one that was followed. root is a directory in place of its file system, without that of the base image.
type stage struct {
	base, name, root, workdir, user, labels string
	args, env                               map[string]string
	entrypoint                              []string
}

func (s *stage) path(name string) string {
	if !path.IsAbs(name) {
		name = path.Join(s.workdir, name)
	}
	return filepath.Join(s.root, filepath.FromSlash(name))
}

var fromLine = regexp.MustCompile(`^(?:--platform=\$BUILDPLATFORM )?(\S+)(?: AS (\S+))?$`)

func follow(t *testing.T, instructions []instruction, context string, buildArgs map[string]string) []*stage {
	t.Helper()
	var stages []*stage
	var s *stage
	for _, i := range instructions {
		switch i.name {
		case "FROM":
			parts := fromLine.FindStringSubmatch(i.args)
			require.NotNil(t, parts, i.args)
			s = &stage{base: parts[1], name: parts[2], root: t.TempDir(), workdir: "/", args: map[string]string{},
				env: map[string]string{}}
			stages = append(stages, s)
		case "ARG":
			for _, arg := range strings.Fields(i.args) {
				name, value, given := strings.Cut(arg, "=")
				if v, ok := buildArgs[name]; ok {
					value, given = v, true
				}
				if given {
					s.args[name] = value
				}
			}
		case "ENV":
			name, value, _ := strings.Cut(i.args, "=")
			s.env[name] = value
		case "WORKDIR":
			s.workdir = i.args
			require.NoError(t, os.MkdirAll(s.path("."), 0o755))
		case "COPY":
			s.copy(t, i.args, context, stages)
		case "RUN":
			s.run(t, i.args)
		case "USER":
			s.user = i.args
		case "LABEL":
			s.labels = os.Expand(i.args, func(name string) string { return s.args[name] })
		case "ENTRYPOINT":
			require.NoError(t, json.Unmarshal([]byte(i.args), &s.entrypoint), "there is no shell: give a list")
		default:
			t.Fatalf("instruction %s is new to this test", i.name)
		}
	}
	return stages
}

// copy copies files, or the whole context.
func (s *stage) copy(t *testing.T, args, context string, stages []*stage) {
	t.Helper()
	from, found := strings.CutPrefix(args, "--from=")
	fields := strings.Fields(from)
	find := func(name string) string { return filepath.Join(context, filepath.FromSlash(name)) }
	if found {
		n := slices.IndexFunc(stages, func(other *stage) bool { return other.name == fields[0] })
		require.GreaterOrEqual(t, n, 0, "no stage %s", fields[0])
		fields = fields[1:]
		find = stages[n].path
	}
	require.GreaterOrEqual(t, len(fields), 2, args)
	target := fields[len(fields)-1]
	for _, name := range fields[:len(fields)-1] {
		source, to := find(name), target
		if slices.Contains(fromBase, name) {
			require.NoError(t, os.MkdirAll(filepath.Dir(source), 0o755))
			require.NoError(t, os.WriteFile(source, nil, 0o644))
		}
		if strings.HasSuffix(target, "/") && !strings.HasSuffix(name, "/") { // of a directory, what is in it
			to = path.Join(target, path.Base(name))
		}
		copyTo(t, source, s.path(to))
	}
}

func copyTo(t *testing.T, source, target string) {
	t.Helper()
	info, err := os.Stat(source)
	require.NoError(t, err)
	if info.IsDir() {
		require.NoError(t, os.CopyFS(target, os.DirFS(source)))
		return
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
	data, err := os.ReadFile(source)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(target, data, info.Mode().Perm()))
}

// run runs a command with the stage's arguments. The caches that it mounts are those of this machine.
func (s *stage) run(t *testing.T, command string) {
	t.Helper()
	for strings.HasPrefix(command, "--mount=type=cache,") {
		_, command, _ = strings.Cut(command, " ")
		command = strings.TrimSpace(command)
	}
	require.False(t, strings.HasPrefix(command, "--"), command)
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Dir = s.path(".")
	cmd.Env = os.Environ()
	for name, value := range s.args {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", command, out)
}

// buildContext returns a directory with what .dockerignore leaves of the repository.
func buildContext(t *testing.T) string {
	t.Helper()
	type rule struct {
		pattern *regexp.Regexp
		keep    bool
	}
	var rules []rule
	for _, line := range strings.Fields(regexp.MustCompile(`(?m)^#.*`).
		ReplaceAllString(string(read(t, "../.dockerignore")), "")) {
		pattern, keep := strings.CutPrefix(line, "!")
		expression := regexp.QuoteMeta(pattern)
		expression = strings.ReplaceAll(expression, `\*\*/`, `(.*/)?`)
		expression = strings.ReplaceAll(expression, `\*`, `[^/]*`)
		rules = append(rules, rule{regexp.MustCompile(`^` + expression + `(/.*)?$`), keep})
	}
	keep := func(name string) bool {
		kept := true
		for _, r := range rules { // the last one that matches decides
			if r.pattern.MatchString(name) {
				kept = r.keep
			}
		}
		return kept
	}
	context := t.TempDir()
	repository := os.DirFS("..")
	require.NoError(t, fs.WalkDir(repository, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == ".git" && d.IsDir() {
			return fs.SkipDir
		}
		if d.IsDir() || !keep(name) {
			return nil
		}
		data, err := fs.ReadFile(repository, name)
		require.NoError(t, err)
		target := filepath.Join(context, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
		return os.WriteFile(target, data, 0o644)
	}))
	for _, name := range files(t, context) {
		require.NotRegexp(t, `_test\.go$|(^|/)testdata/`, name, "not needed for the image")
	}
	return context
}

// files returns the files below a directory, sorted.
func files(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	}))
	return all
}

// goVersion returns the minor version of Go that go.mod asks for.
func goVersion(t *testing.T) string {
	t.Helper()
	parts := regexp.MustCompile(`(?m)^go (\d+)\.(\d+)`).FindSubmatch(read(t, "../go.mod"))
	require.NotNil(t, parts)
	return string(parts[1]) + `\.` + string(parts[2])
}
