package daemon

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// TestConfig: a plugin.yaml is taken, with the socket that argocd-cmp-server has (Address in cmpserver/plugin/config.go
// of Argo CD), or refused for what only that does.
func TestConfig(t *testing.T) {
	const begin = "kind: ConfigManagementPlugin\nmetadata: {name: test}\nspec:\n"
	const generates = begin + "  generate: {command: [cmp, generate]}\n"
	for name, test := range map[string]struct {
		text  string
		wrong string // "" if nothing is
	}{
		"least":     {text: pluginYAML},
		"version":   {text: generates + "  version: v2\n"},
		"arguments": {text: begin + "  generate: {command: [cmp], args: [generate]}\n"},
		"all": {text: generates + "  discover: {find: {command: [cmp, discover]}}\n  parameters: " +
			"{dynamic: {command: [cmp, parameters]}}\n  preserveFileMode: true\n  provideGitCreds: true\n"},
		"other kind": {"kind: Plugin\nmetadata: {name: test}", `kind is ConfigManagementPlugin, not "Plugin"`},
		"no name": {"kind: ConfigManagementPlugin\nspec:\n  generate: {command: [cmp, generate]}\n",
			"metadata.name is missing"},
		"a path as its name": {strings.Replace(generates, "name: test", "name: ../test", 1),
			"cannot be that of a socket"},
		"a path as version": {generates + "  version: ../../x\n", "cannot be that of a socket"},
		"no command":        {begin + "  version: v1\n", "spec.generate is not [cmp, generate]"},
		"another command": {begin + "  generate: {command: [sh, -c, cmp generate]}\n",
			"run argocd-cmp-server for others"},
		"init":                {generates + "  init: {command: [true]}\n", "spec.init"},
		"static parameters":   {generates + "  parameters: {static: [{name: a}]}\n", "spec.parameters.static"},
		"a file to discover":  {generates + "  discover: {fileName: fleet.yaml}\n", "spec.discover.fileName"},
		"a glob":              {generates + "  discover: {find: {glob: '**/*.yaml'}}\n", "find.glob"},
		"another discovery":   {generates + "  discover: {find: {command: [ls]}}\n", "[cmp, discover]"},
		"other announcements": {generates + "  parameters: {dynamic: {command: [ls]}}\n", "[cmp, parameters]"},
		"not YAML":            {"\t", "plugin.yaml"},
		"too large":           {strings.Repeat("# comment\n", maxConfig/10+1), "plugin.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			t.Setenv("ARGOCD_PLUGINSOCKFILEPATH", directory)
			require.NoError(t, os.WriteFile(filepath.Join(directory, "plugin.yaml"), []byte(test.text), 0o600))
			c, err := readConfig(directory)
			if test.wrong != "" {
				require.ErrorContains(t, err, test.wrong)
				require.ErrorContains(t, err, directory)
				return
			}
			require.NoError(t, err)
			require.Equal(t, filepath.Join(directory, map[bool]string{true: "test-v2.sock", false: "test.sock"}[name ==
				"version"]), c.socket())
			require.Equal(t, name == "all", c.discovers())
			require.Equal(t, name == "all", c.Spec.ProvideGitCreds)
		})
	}
	_, err := readConfig(t.TempDir())
	require.ErrorContains(t, err,
		"plugin.yaml does not exist: mount it there, or name its directory with --config-dir-path")
	c := config{}
	c.Metadata.Name = "test"
	t.Setenv("ARGOCD_PLUGINSOCKFILEPATH", "")
	require.Equal(t, "/home/argocd/cmp-server/plugins/test.sock", c.socket())
}

// TestImage: the server takes the plugin.yaml of the image.
func TestImage(t *testing.T) {
	c, err := readConfig("../../..")
	require.NoError(t, err)
	require.Equal(t, "fleet-cmp", c.name())
}

// TestOptions: flags, those of argocd-cmp-server among them.
func TestOptions(t *testing.T) {
	const mebi = int64(1 << 20)
	usual := []string{"cmp-stages", "work", "--max-repository", "2Gi", "--max-files", "200000",
		"--disk-limit", "1073741824"}
	for name, test := range map[string]struct {
		args    string
		want    bounds
		workers []string
		wrong   string
	}{
		"default": {want: bounds{128 * mebi, 1024 * mebi, 2048 * mebi, 4096 * mebi}, workers: usual},
		"what argocd-cmp-server takes": {
			args: "--config-dir-path x --loglevel warn --logformat text --otlp-address a:1 " +
				"--otlp-headers a=b,c=d --otlp-attrs a:b --otlp-insecure=false", want: bounds{128 * mebi, 1024 * mebi,
				2048 * mebi, 4096 * mebi},
			workers: usual},
		"sizes": {args: "--archive-memory 64MiB --max-archive 2Gi", want: bounds{64 * mebi, 2048 * mebi, 2048 * mebi,
			4096 * mebi}, workers: usual},
		"of workers": {args: "--worker-memory 300Mi --max-repository 1Gi --max-files 5", want: bounds{128 * mebi,
			1024 * mebi, 1024 * mebi, 4096 * mebi},
			workers: []string{"cmp-stages", "work", "--max-repository", "1Gi", "--max-files", "5",
				"--disk-limit", "1073741824", "--memory-limit", "300Mi"}},
		"disk": {args: "--disk-limit 1Gi", want: bounds{128 * mebi, 1024 * mebi, 2048 * mebi, 1024 * mebi},
			workers: append(slices.Clone(usual[:7]), "268435456")},
		"no disk":         {args: "--disk-limit 0", wrong: "--disk-limit must be at least 64 MiB"},
		"no workers":      {args: "--workers 0", wrong: "--workers, --max-concurrent and --max-files are at least 1"},
		"no requests":     {args: "--max-concurrent 0", wrong: "--max-concurrent"},
		"no files":        {args: "--max-files 0", wrong: "--max-files"},
		"fewer than none": {args: "--max-waiting -1", wrong: "--max-waiting"},
		"no time":         {args: "--request-timeout 0s", wrong: "--request-timeout"},
		"no size":         {args: "--archive-memory lots", wrong: `--archive-memory must be a size, such as 400Mi or 1Gi, not "lots"`},
		"too little":      {args: "--worker-memory 1Mi", wrong: "--worker-memory must be at least 64 MiB"},
		"too small":       {args: "--max-repository 1", wrong: "--max-repository must be at least 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			var o options
			f := pflag.NewFlagSet("", pflag.ContinueOnError)
			o.addFlags(f)
			require.NoError(t, f.Parse(strings.Fields("--workers 3 "+test.args)))
			got, err := o.read()
			if test.wrong != "" {
				require.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Equal(t, test.workers, o.arguments(got))
		})
	}
}

// TestVariables: what argocd-cmp-server takes from variables, this server does too; flags win.
func TestVariables(t *testing.T) {
	t.Setenv("ARGOCD_CMP_SERVER_LOGLEVEL", "error")
	t.Setenv("ARGOCD_CMP_SERVER_LOGFORMAT", "text")
	t.Setenv("ARGOCD_CMP_SERVER_OTLP_ADDRESS", "collector:4317")
	t.Setenv(variableOperations, "")
	var o options
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.addFlags(f)
	require.NoError(t, f.Parse([]string{"--loglevel", "debug"}))
	require.Equal(t, []string{"debug", "text", "collector:4317", ""}, []string{o.logLevel, o.logFormat, o.traces,
		o.operations})
	require.Equal(t, 25*time.Second, o.stopTimeout)
}

// TestExitStatus: 1 for a failure, 2 for wrong usage, each with one line.
func TestExitStatus(t *testing.T) {
	directory := place(t, pluginYAML)
	require.NoError(t, os.WriteFile(filepath.Join(directory, "taken.sock"), nil, 0o600))
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "plugin.yaml"),
		[]byte(strings.Replace(pluginYAML, "name: test", "name: taken", 1)), 0o600))
	places := strings.NewReplacer("DIRECTORY", directory, "OTHER", other) // whose names may have blanks
	for args, test := range map[string]struct {
		status int
		says   string
	}{
		"--version":                            {0, ""},
		"--help":                               {0, ""},
		"check --help":                         {0, ""},
		"--nope":                               {2, "unknown flag: --nope; see cmp-server --help"},
		"server":                               {2, `cmp-server takes no argument "server"`},
		"--loglevel loud":                      {2, `--loglevel is debug, info, warn or error, not "loud"`},
		"--logformat xml":                      {2, `--logformat is json or text, not "xml"`},
		"--workers 0":                          {2, "--workers, --max-concurrent"},
		"--archive-memory 1":                   {2, "--archive-memory must be at least 64 MiB"},
		"check livez":                          {2, "ask for healthz or readyz"},
		"check --operations-address :9094":     {2, "unknown flag: --operations-address"},
		"check --config-dir-path DIRECTORY":    {1, "healthz: "},
		"check --config-dir-path OTHER/none":   {1, "none/plugin.yaml does not exist"},
		"--config-dir-path OTHER/none":         {1, "none/plugin.yaml"},
		"--config-dir-path OTHER":              {1, "taken.sock is no socket: remove it"},
		"--operations-address 127.0.0.1:99999": {1, "--operations-address"},
	} {
		t.Run(args, func(t *testing.T) {
			if !strings.Contains(args, "--config-dir-path") && !strings.HasPrefix(args, "check") {
				args += " --config-dir-path DIRECTORY"
			}
			words := strings.Fields(args)
			for i := range words {
				words[i] = places.Replace(words[i])
			}
			var stdout, stderr strings.Builder
			require.Equal(t, test.status, Run("v1.2.3", words, &stdout, &stderr), stderr.String())
			if test.status == 0 {
				require.Empty(t, stderr.String())
				require.NotEmpty(t, stdout.String())
				return
			}
			require.Regexp(t, `\AError: [^\n]+\n\z`, stderr.String())
			require.Contains(t, stderr.String(), test.says)
			require.Empty(t, stdout.String())
			_, err := os.Lstat(filepath.Join(directory, "test.sock"))
			require.ErrorIs(t, err, os.ErrNotExist, "the socket of a server that does not serve")
		})
	}
	var stdout strings.Builder
	require.Zero(t, Run("v1.2.3", []string{"--version"}, &stdout, &stdout))
	require.Equal(t, "cmp-server version v1.2.3\n", stdout.String())
	t.Setenv("PATH", "")
	require.Equal(t, 1, Run("v1", []string{"--config-dir-path", directory}, &stdout, &stdout))
	require.Contains(t, stdout.String(), "this needs cmp-stages, which belongs beside cmp-server")
}

// TestLog: levels and formats are those of Argo CD's other servers.
func TestLog(t *testing.T) {
	for name, test := range map[string]struct{ level, format, want string }{
		"info":    {"info", "text", "level=info msg=i\nlevel=warn msg=w\nlevel=error msg=e\n"},
		"warning": {"Warning", "text", "level=warn msg=w\nlevel=error msg=e\n"},
		"error":   {"error", "text", "level=error msg=e\n"},
		"trace":   {"trace", "text", "level=debug msg=d\nlevel=info msg=i\nlevel=warn msg=w\nlevel=error msg=e\n"},
		"json":    {"error", "json", `"level":"error","msg":"e"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			log, err := newLog(test.level, test.format, &text)
			require.NoError(t, err)
			log.Debug("d")
			log.Info("i")
			log.Warn("w")
			log.Error("e")
			var said strings.Builder
			for line := range strings.Lines(text.String()) {
				_, line, _ = strings.Cut(line, map[string]string{"text": " ", "json": ","}[test.format]) // the time
				said.WriteString(line)
			}
			require.Equal(t, test.want, said.String())
		})
	}
	require.Equal(t, "abc", beginning("abc", 3))
	require.Equal(t, "ab…", beginning("abcd", 2))
	require.Equal(t, "a…", beginning("aé…", 2), "no half of a character")
}
