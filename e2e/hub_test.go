package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

// kubernetesFolders hold kube-apiserver and etcd.
var kubernetesFolders = os.Getenv("CMP_E2E_KUBERNETES")

// hub is a whole Argo CD on a Kubernetes API server, with the ApplicationSet controller.
type hub struct {
	*argoCD
	client     dynamic.Interface
	folder     string
	programs   string
	kubeconfig string
	secrets    []any // of the clusters
}

var resources = map[string]schema.GroupVersionResource{
	"Namespace":                {Version: "v1", Resource: "namespaces"},
	"ConfigMap":                {Version: "v1", Resource: "configmaps"},
	"Secret":                   {Version: "v1", Resource: "secrets"},
	"CustomResourceDefinition": {Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"},
	"Application":              {Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"},
	"ApplicationSet":           {Group: "argoproj.io", Version: "v1alpha1", Resource: "applicationsets"},
	"AppProject":               {Group: "argoproj.io", Version: "v1alpha1", Resource: "appprojects"},
}

// objects are those of a kind, in Argo CD's namespace if the kind has one.
func (h *hub) objects(kind string) dynamic.ResourceInterface {
	if kind == "Namespace" || kind == "CustomResourceDefinition" {
		return h.client.Resource(resources[kind])
	}
	return h.client.Resource(resources[kind]).Namespace("argocd")
}

// create creates an object that is written as YAML.
func (h *hub) create(t *testing.T, text string) {
	t.Helper()
	var object unstructured.Unstructured
	require.NoError(t, yaml.Unmarshal([]byte(text), &object.Object))
	_, err := h.objects(object.GetKind()).Create(t.Context(), &object, metav1.CreateOptions{})
	require.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
}

// createProject creates a project that may do anything.
func (h *hub) createProject(t *testing.T, name string) {
	t.Helper()
	h.create(t, fmt.Sprintf(`
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: %s, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", name: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
`, name))
}

// patch merges YAML into an object.
func (h *hub) patch(t *testing.T, kind, name, text string) {
	t.Helper()
	patch, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	_, err = h.objects(kind).Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	require.NoError(t, err)
}

func (h *hub) list(t *testing.T, kind string) []unstructured.Unstructured {
	t.Helper()
	list, err := h.objects(kind).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	return list.Items
}

// eventually waits until there is no error any more.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	start := time.Now()
	for {
		err := check()
		if err == nil {
			t.Logf("%s: after %.1f s", what, time.Since(start).Seconds())
			return
		}
		if time.Since(start) > 3*time.Minute {
			require.NoError(t, err, what)
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// cluster is one of the fleet, as `cmp clusters` prints it.
type cluster struct {
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// clusters are those of the fleet.
func (r *repository) clusters(t *testing.T) (all []cluster) {
	t.Helper()
	output, message := r.cmp(t, ".", "clusters", "-o", "json")
	require.Empty(t, message)
	require.NoError(t, json.Unmarshal(output, &all))
	require.NotEmpty(t, all)
	return all
}

// startHub starts a hub, with the fleet's clusters registered. Only the hub itself can be reached.
func startHub(t *testing.T, clusters []cluster) *hub {
	t.Helper()
	newest := len(argocdFolders) - 1
	programs := argocdFolders[newest]
	n := newNetwork(true) // the application controller would otherwise listen at all addresses of the machine
	if n.private != nil {
		t.Logf("in the machine's network: %v", n.private)
	}
	folder, err := os.MkdirTemp("", "cmp-e2e-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	argo, err := startArgoCD(n, folder, newest)
	require.NoError(t, err)
	t.Cleanup(func() {
		argo.stop()
		if t.Failed() {
			for _, p := range argo.processes {
				if p.name == "redis-server" || p.name == "etcd" || p.name == "kube-apiserver" {
					continue
				}
				t.Logf("the end of the log of %s:\n%s", p.name, p.tail(5))
			}
		}
	})
	h := &hub{argoCD: argo, folder: folder, programs: programs}
	h.kubeconfig = h.startKubernetes(t, folder)

	crds, err := filepath.Glob(filepath.Join(programs, "crds", "*.yaml"))
	require.NoError(t, err)
	require.Len(t, crds, 3)
	for _, file := range crds {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		h.create(t, string(text))
	}
	h.create(t, "{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}")
	for _, name := range []string{"argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm", "argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm", "argocd-gpg-keys-cm"} {
		h.create(t, fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}}", name))
	}
	h.create(t, `{apiVersion: v1, kind: Secret, metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}},
		stringData: {server.secretkey: no-secret}}`)
	projects := []string{"default"}
	for i, c := range clusters {
		if tenant := c.Labels["tenant"]; !slices.Contains(projects, tenant) {
			projects = append(projects, tenant)
		}
		server := fmt.Sprintf("https://127.0.0.1:%d", i+1) // nobody listens
		if c.Labels["fleet_member"] == "hub-cluster" {
			server = "https://kubernetes.default.svc"
		}
		secret := map[string]any{
			"apiVersion": "v1", "kind": "Secret",
			"metadata":   map[string]any{"name": c.Name, "namespace": "argocd", "labels": c.secretLabels(), "annotations": c.Annotations},
			"stringData": map[string]any{"name": c.Name, "server": server, "config": "{}"},
		}
		text, err := json.Marshal(secret)
		require.NoError(t, err)
		h.create(t, string(text))
		h.secrets = append(h.secrets, secret)
	}
	eventually(t, "projects", func() error { // their definition was made a moment ago
		_, err := h.objects("AppProject").List(t.Context(), metav1.ListOptions{})
		return err
	})
	for _, project := range projects {
		h.createProject(t, project)
	}
	h.startController(t, "applicationset", func(ports []string) []string {
		return []string{"--argocd-repo-server", h.server, "--probe-addr", "127.0.0.1:" + ports[0], "--metrics-addr", "127.0.0.1:" + ports[1],
			"--webhook-addr", "127.0.0.1:" + ports[2]}
	})
	return h
}

// secretLabels are the labels of the cluster's Secret.
func (c cluster) secretLabels() map[string]string {
	all := map[string]string{"argocd.argoproj.io/secret-type": "cluster"}
	for key, value := range c.Labels {
		all[key] = value
	}
	return all
}

// startKubernetes starts etcd and an API server, which knows one user with all rights, and returns its kubeconfig.
func (h *hub) startKubernetes(t *testing.T, folder string) (kubeconfig string) {
	t.Helper()
	in := func(name string) string { return filepath.Join(folder, name) }
	folders := filepath.SplitList(kubernetesFolders)
	ports, err := h.network.freePorts(3)
	require.NoError(t, err)
	etcd, peer, secure := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1], ports[2]
	require.NoError(t, h.launch(func() error { return h.network.listening("tcp", "127.0.0.1:"+ports[0]) }, folder, []string{},
		filepath.Join(folders[1], "etcd"), "--data-dir", in("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer))

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	require.NoError(t, os.WriteFile(in("service-accounts.pem"), text, 0o600))
	require.NoError(t, os.WriteFile(in("tokens"), []byte("token,admin,admin,system:masters\n"), 0o600))
	config := &rest.Config{
		Host: "https://127.0.0.1:" + secure, BearerToken: "token", TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: 200, Burst: 200,
		Dial: func(ctx context.Context, kind, address string) (net.Conn, error) {
			return h.network.dial(ctx, kind, address)
		},
	}
	client, err := rest.HTTPClientFor(config)
	require.NoError(t, err)
	ready := func() error {
		answer, err := client.Get(config.Host + "/readyz")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	}
	require.NoError(t, h.launch(ready, folder, []string{"HOME=" + in("home"), "TMPDIR=" + in("tmp")},
		filepath.Join(folders[0], "kube-apiserver"), "--etcd-servers", etcd, "--cert-dir", in("certificates"),
		"--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", secure,
		"--token-auth-file", in("tokens"), "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24",
		"--disable-admission-plugins", "ServiceAccount", "--endpoint-reconciler-type", "none",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", in("service-accounts.pem"),
		"--service-account-signing-key-file", in("service-accounts.pem")))
	h.client, err = dynamic.NewForConfig(config)
	require.NoError(t, err)
	kubeconfig = in("kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: hub,
  clusters: [{name: hub, cluster: {server: %q, insecure-skip-tls-verify: true}}],
  users: [{name: admin, user: {token: token}}],
  contexts: [{name: hub, context: {cluster: hub, user: admin, namespace: argocd}}]}
`, config.Host), 0o600))
	return kubeconfig
}

// startSyncing starts the application controller, which syncs Applications.
func (h *hub) startSyncing(t *testing.T) {
	t.Helper()
	h.startController(t, "application", func(ports []string) []string {
		return []string{"--redis", h.redis, "--repo-server", h.server, "--metrics-port", ports[0], "--app-resync", "10"}
	})
}

// startController starts a controller with its own arguments, made from free ports, at the first of which it listens.
func (h *hub) startController(t *testing.T, name string, own func(ports []string) []string) {
	t.Helper()
	ports, err := h.network.freePorts(3)
	require.NoError(t, err)
	env := []string{
		"PATH=" + h.programs + ":" + os.Getenv("PATH"), "HOME=" + filepath.Join(h.folder, "home"), "TMPDIR=" + filepath.Join(h.folder, "tmp"),
		"ARGOCD_FAKE_IN_CLUSTER=true", "KUBECONFIG=" + h.kubeconfig, "HOSTNAME=hub-0", "NAMESPACE=argocd",
	}
	args := append([]string{"--kubeconfig", h.kubeconfig, "-n", "argocd", "--repo-server-plaintext"}, own(ports)...)
	listening := func() error { return h.network.listening("tcp", "127.0.0.1:"+ports[0]) }
	require.NoError(t, h.launch(listening, h.folder, env, filepath.Join(h.programs, "argocd-"+name+"-controller"), args...))
}
