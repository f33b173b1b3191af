package e2e

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/tls"
	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

// canary is in the environment of the plugin server, and must never be in an answer.
const canary = "canary-2c1f6f3c"

// excludedDirectory is what this repo-server does not send to plugins.
const excludedDirectory = "excluded"

// callTimeout is that of Argo CD's controller.
const callTimeout = time.Minute

// argoCD is one version of Argo CD, as far as plugins have to do with it.
type argoCD struct {
	servers
	version    string
	serving    []string          // the plugin servers
	discovers  bool              // plugin.yaml has the command that finds Applications
	plugins    map[string]string // the plugin's name in an Application, by its server
	plugin     string            // that of the first server, which our plugin.yaml has
	native     string            // that of our own server
	operations string            // the address of our server's metrics
	client     apiclient.RepoServerServiceClient
	connection *grpc.ClientConn
	redis      string // addresses
	server     string
	work       string // where the plugin server unpacks repositories
}

// startArgoCD starts the servers of one version, as counted from the oldest, in a directory of their own.
// They have the plugin servers that are named.
func startArgoCD(n *network, directory string, index int, serving ...string) (*argoCD, error) {
	return startArgoCDWith(argoCD{servers: servers{network: n}, serving: serving}, directory, index)
}

// startArgoCDWith is startArgoCD with settings.
func startArgoCDWith(settings argoCD, directory string, index int) (*argoCD, error) {
	programs := argocdDirectories[index]
	version, err := os.ReadFile(filepath.Join(programs, "version"))
	if err != nil {
		return nil, err
	}
	var problems []error
	for range 3 { // since a free port may be taken by somebody else
		argo := new(settings)
		argo.version = strings.TrimSpace(string(version))
		err := argo.start(directory, programs, index)
		if err == nil {
			return argo, nil
		}
		argo.stop()
		problems = append(problems, err)
	}
	return nil, fmt.Errorf("Argo CD %s does not start: %w", strings.TrimSpace(string(version)),
		errors.Join(problems...))
}

func (a *argoCD) start(directory, programs string, index int) error {
	// The recommended place for the work directory is memory.
	memory := "/dev/shm"
	if info, err := os.Stat(memory); err != nil || !info.IsDir() {
		memory = ""
	}
	var err error
	if a.work, err = os.MkdirTemp(memory, "cmp-e2e-"); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(directory, name) }
	for _, name := range []string{"bin", "config", "home", "plugins", "plugin-tmp", "tmp", "tls", "ssh", "gnupg",
		"gpg"} {
		if err := os.MkdirAll(in(name), 0o700); err != nil {
			return err
		}
	}
	ports, err := a.network.freePorts(4)
	if err != nil {
		return err
	}
	a.redis, a.server = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	launch := func(kind, address string, env []string, program string, args ...string) error {
		return a.launch(func() error { return a.network.listening(kind, address) }, directory, env, program, args...)
	}

	redisServer, err := exec.LookPath("redis-server")
	if err != nil {
		return err
	}
	err = launch("tcp", a.redis, []string{}, redisServer, "--port", ports[0], "--bind", "127.0.0.1", "--save", "",
		"--appendonly", "no", "--dir", in("tmp"))
	if err != nil {
		return err
	}

	if err := a.startPlugins(directory, programs, "127.0.0.1:"+ports[3]); err != nil {
		return err
	}

	args := []string{
		"--address", "127.0.0.1", "--port", ports[1], "--metrics-address", "127.0.0.1", "--metrics-port", ports[2],
		"--redis", a.redis, "--disable-tls",
		"--plugin-use-manifest-generate-paths", "--plugin-tar-exclude", excludedDirectory,
	}
	if strings.HasPrefix(a.version, "v3.") {
		args = append(args, "--client-ca-path=")
	}
	a.connection, err = apiclient.NewConnection(a.server, int(patience.Seconds()), &tls.Configuration{DisableTLS: true})
	if err != nil {
		return err
	}
	a.client = apiclient.NewRepoServerServiceClient(a.connection)
	return launch("tcp", a.server, []string{
		"PATH=" + strings.Join([]string{programs, helmDirectories[index], kustomizeDirectories[index],
			os.Getenv("PATH")}, ":"),
		"SSL_CERT_FILE=" + trusted.file,
		"HOME=" + in("home"),
		"TMPDIR=" + in("tmp"),
		"GIT_CONFIG_NOSYSTEM=1",
		"ARGOCD_PLUGINSOCKFILEPATH=" + in("plugins"),
		"ARGOCD_GPG_ENABLED=false",
		"ARGOCD_TLS_DATA_PATH=" + in("tls"),
		"ARGOCD_SSH_DATA_PATH=" + in("ssh"),
		"ARGOCD_GNUPGHOME=" + in("gnupg"),
		"ARGOCD_GPG_DATA_PATH=" + in("gpg"),
		"ARGOCD_ASK_PASS_SOCK=" + in("ask-pass.sock"),
		"ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS=0",
	}, filepath.Join(programs, "argocd-repo-server"), args...)
}

// What serves the plugin: Argo CD's own plugin server, which starts cmp, and ours.
const (
	execServer   = "argocd-cmp-server"
	nativeServer = "cmp-server"
)

// startPlugins starts the plugin servers. Nothing but cmp is on their PATH, as in the image. Applications that call the
// plugin as our plugin.yaml does get the first.
func (a *argoCD) startPlugins(directory, programs, operations string) error {
	in := func(name string) string { return filepath.Join(directory, name) }
	for _, name := range executables {
		if err := copyFile(filepath.Join(filepath.Dir(cmpProgram), name), in("bin/"+name)); err != nil {
			return err
		}
	}
	memory, err := workerMemory()
	if err != nil {
		return err
	}
	commands := map[string][]string{
		execServer: {filepath.Join(programs, execServer)},
		nativeServer: {in("bin/" + nativeServer), "--operations-address=" + operations, fmt.Sprintf("--workers=%d",
			workers), "--worker-memory=" + memory},
	}
	a.plugins = map[string]string{}
	a.operations = operations
	for i, server := range a.serving {
		called := "" // as our plugin.yaml does
		if i > 0 {
			called = "of-" + server
		}
		name, err := configure(in("config/"+server), called, a.discovers)
		if err != nil {
			return err
		}
		a.plugins[server] = name
		ready := func() error { return a.network.listening("unix", in("plugins/"+name+".sock")) }
		err = a.launch(ready, directory, []string{
			"PATH=" + in("bin"),
			"HOME=" + in("home"),
			"TMPDIR=" + in("plugin-tmp"),
			"ARGOCD_PLUGINSOCKFILEPATH=" + in("plugins"),
			"ARGOCD_CMP_WORKDIR=" + a.work,
			"CANARY_SECRET=" + canary,
			"CANARY_" + canary + "=x",
		}, commands[server][0], append(commands[server][1:], "--config-dir-path", in("config/"+server))...)
		if err != nil {
			return err
		}
	}
	a.plugin, a.native = a.plugins[a.serving[0]], a.plugins[nativeServer]
	return nil
}

func (a *argoCD) stop() {
	if a.connection != nil {
		_ = a.connection.Close()
	}
	a.servers.stop()
	_ = os.RemoveAll(a.work)
}

// minor is the version as cmp's flag takes it: 2.14 of v2.14.21.
func (a *argoCD) minor() string {
	parts := strings.Split(strings.TrimPrefix(a.version, "v"), ".")
	return strings.Join(parts[:2], ".")
}

// configure writes our plugin.yaml to a directory, under another name if there is one and with what finds Applications
// if that is asked for. It returns what an Application calls the plugin.
func configure(directory, called string, discovers bool) (string, error) {
	content, err := os.ReadFile("../plugin.yaml")
	if err != nil {
		return "", err
	}
	var plugin map[string]any
	if err := yaml.Unmarshal(content, &plugin); err != nil {
		return "", err
	}
	metadata, spec := plugin["metadata"].(map[string]any), plugin["spec"].(map[string]any)
	if called != "" {
		metadata["name"] = called
	}
	if discovers {
		spec["discover"] = map[string]any{"find": map[string]any{"command": []string{"cmp", "discover"}}}
	}
	if content, err = yaml.Marshal(plugin); err != nil {
		return "", err
	}
	if err := errors.Join(os.MkdirAll(directory, 0o700), os.WriteFile(filepath.Join(directory, "plugin.yaml"), content,
		0o600)); err != nil {
		return "", err
	}
	name := fmt.Sprint(metadata["name"])
	if version := spec["version"]; version != nil {
		name += fmt.Sprintf("-%v", version)
	}
	return name, nil
}

// workers is how many our server has: its container has two CPUs.
const workers = 2

// sidecarFile has the container of our server.
const sidecarFile = "../manifests/kustomize/sidecar.yaml"

// containerMemory is what the container of our server may take, in bytes.
func containerMemory() (int64, error) {
	content, err := os.ReadFile(sidecarFile)
	if err != nil {
		return 0, err
	}
	var patches []struct {
		Value struct {
			Name      string
			Resources struct{ Limits map[string]string }
		}
	}
	if err := yaml.Unmarshal(content, &patches); err != nil {
		return 0, err
	}
	for _, p := range patches {
		if limit := p.Value.Resources.Limits["memory"]; limit != "" {
			quantity, err := resource.ParseQuantity(limit)
			return quantity.Value(), err
		}
	}
	return 0, fmt.Errorf("%s has no limit of memory", sidecarFile)
}

// workerMemory is what each worker may take in that container: its part of four fifths.
func workerMemory() (string, error) {
	bytes, err := containerMemory()
	return fmt.Sprintf("%dMi", bytes/5*4/workers>>20), err
}

// request is what Argo CD's controller asks the repo-server for.
type request struct {
	repository string // a URL
	path       string // the app path
	parameters v1alpha1.ApplicationSourcePluginParameters
	env        v1alpha1.Env
	app        string // the Application's name
	paths      string // its annotation argocd.argoproj.io/manifest-generate-paths
}

// source returns the source of an Application of one of the two plugins.
func (r request) source(plugin string) *v1alpha1.ApplicationSource {
	return &v1alpha1.ApplicationSource{
		RepoURL: r.repository, Path: r.path, TargetRevision: "main",
		Plugin: &v1alpha1.ApplicationSourcePlugin{Name: plugin, Parameters: r.parameters, Env: r.env},
	}
}

// generateSource asks for the objects of a source, past all caches.
func (a *argoCD) generateSource(ctx context.Context, app, paths string, source *v1alpha1.ApplicationSource) ([]string,
	error) {
	answer, err := a.client.GenerateManifest(ctx, &apiclient.ManifestRequest{
		Repo:              &v1alpha1.Repository{Repo: source.RepoURL, Type: "git"},
		Revision:          source.TargetRevision,
		NoCache:           true,
		NoRevisionCache:   true,
		AppName:           cmp.Or(app, "app"),
		Namespace:         "argocd",
		ProjectName:       "default",
		ApplicationSource: source,
		KubeVersion:       "1.36.1",
		ApiVersions:       []string{"v1", "apps/v1", "argoproj.io/v1alpha1"},
		TrackingMethod:    "annotation",

		AnnotationManifestGeneratePaths: paths,
	})
	if err != nil {
		return nil, err
	}
	return answer.Manifests, nil
}

// generate asks for the objects of an Application with the plugin, as JSON strings. Each plugin server is asked, and
// all have to answer the same.
func (a *argoCD) generate(t *testing.T, r request) ([]string, error) {
	t.Helper()
	objects, err := a.generateWith(t, r, a.plugin)
	for _, server := range a.serving[1:] {
		again, failed := a.generateWith(t, r, a.plugins[server])
		assert.Equal(t, objects, again, "the objects of %s and %s", a.serving[0], server)
		assert.Equal(t, fmt.Sprint(err), fmt.Sprint(failed), "the errors of %s and %s", a.serving[0], server)
	}
	return objects, err
}

func (a *argoCD) generateWith(t *testing.T, r request, plugin string) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	objects, err := a.generateSource(ctx, r.app, r.paths, r.source(plugin))
	if err != nil {
		assert.NotContains(t, err.Error(), canary, "the sidecar's environment is in a message")
	}
	for _, object := range objects {
		assert.NotContains(t, object, canary, "the sidecar's environment is in an object")
	}
	return objects, err
}

// announced asks for the parameters of an Application with the plugin. Each plugin server is asked, and all have to
// answer the same.
func (a *argoCD) announced(t *testing.T, r request) ([]*apiclient.ParameterAnnouncement, error) {
	t.Helper()
	announcements, err := a.announcedWith(t, r, a.plugin)
	for _, server := range a.serving[1:] {
		again, failed := a.announcedWith(t, r, a.plugins[server])
		assert.Equal(t, fmt.Sprint(announcements), fmt.Sprint(again), "the parameters of %s and %s", a.serving[0],
			server)
		assert.Equal(t, fmt.Sprint(err), fmt.Sprint(failed), "the errors of %s and %s", a.serving[0], server)
	}
	return announcements, err
}

func (a *argoCD) announcedWith(t *testing.T, r request, plugin string) ([]*apiclient.ParameterAnnouncement, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	source := r.source(plugin)
	details, err := a.client.GetAppDetails(ctx, &apiclient.RepoServerAppDetailsQuery{
		Repo: &v1alpha1.Repository{Repo: source.RepoURL, Type: "git"}, Source: source, AppName: "app",
		NoCache: true, NoRevisionCache: true, TrackingMethod: "annotation",
	})
	if err != nil {
		assert.NotContains(t, err.Error(), canary, "the sidecar's environment is in a message")
		return nil, err
	}
	assert.NotContains(t, details.String(), canary, "the sidecar's environment is in an announcement")
	return details.GetPlugin().GetParametersAnnouncement(), nil
}
