package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// hub is a cluster with a whole Argo CD, the ApplicationSet controller included.
type hub struct {
	*argoCD
	*kubernetes
	programs string
	secrets  []any // of the clusters
}

// createProject creates a project that may do anything.
func (k *kubernetes) createProject(t *testing.T, name string) {
	t.Helper()
	k.create(t, fmt.Sprintf(`
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: %s, namespace: %s}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", name: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
`, name, k.namespace))
}

// patience is how long a test waits for Argo CD. An ApplicationSet whose cluster is not known yet where destinations
// are checked, since that is another cache than the generator's, is looked at again after three minutes
// (ReconcileRequeueOnValidationError in Argo CD's applicationset/controllers).
const patience = 8 * time.Minute

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
		if time.Since(start) > patience {
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

// startHub starts a hub with a plugin server, with the fleet's clusters registered. Only the hub itself can be reached.
func startHub(t *testing.T, clusters []cluster, server string) *hub {
	t.Helper()
	n, etcd := startEtcd(t)
	k := startKubernetes(t, n, etcd, "hub")
	k.installArgoCD(t, newest())
	h := startArgoCDOn(t, k, newest(), server)
	for i, c := range clusters {
		server := fmt.Sprintf("https://127.0.0.1:%d", i+1) // nobody listens
		if c.Labels["fleet_member"] == "hub-cluster" {
			server = "https://kubernetes.default.svc"
		}
		secret := map[string]any{
			"apiVersion": "v1", "kind": "Secret",
			"metadata": map[string]any{"name": c.Name, "namespace": "argocd", "labels": c.secretLabels(),
				"annotations": c.Annotations},
			"stringData": map[string]any{"name": c.Name, "server": server, "config": "{}"},
		}
		text, err := json.Marshal(secret)
		require.NoError(t, err)
		h.create(t, string(text))
		h.secrets = append(h.secrets, secret)
	}
	projects := []string{"default"}
	for _, c := range clusters {
		if tenant := c.Labels["tenant"]; !slices.Contains(projects, tenant) {
			projects = append(projects, tenant)
			h.createProject(t, tenant)
		}
	}
	return h
}

// newest is the newest version, as counted from the oldest.
func newest() int { return len(argocdDirectories) - 1 }

// installArgoCD makes what Argo CD of a version, as counted from the oldest, finds in its cluster.
func (k *kubernetes) installArgoCD(t *testing.T, index int) {
	t.Helper()
	crds, err := filepath.Glob(filepath.Join(argocdDirectories[index], "crds", "*.yaml"))
	require.NoError(t, err)
	require.Len(t, crds, 3)
	for _, file := range crds {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		k.create(t, string(text))
	}
	k.create(t, "{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}")
	for _, name := range []string{"argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm", "argocd-ssh-known-hosts-cm",
		"argocd-tls-certs-cm", "argocd-gpg-keys-cm"} {
		k.create(t, fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: argocd, labels: "+
			"{app.kubernetes.io/part-of: argocd}}}", name))
	}
	k.create(t, `{apiVersion: v1, kind: Secret, metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}},
		stringData: {server.secretkey: no-secret}}`)
}

// startArgoCDOn starts a version of Argo CD on a cluster that has what it needs, but for the controller that syncs,
// with a plugin server. The project "default" is there, as argocd-server makes it.
func startArgoCDOn(t *testing.T, k *kubernetes, index int, server string) *hub {
	t.Helper()
	directory := temporary(t)
	argo, err := startArgoCD(k.network, directory, index, server)
	require.NoError(t, err)
	h := &hub{argoCD: argo, kubernetes: k, programs: argocdDirectories[index]}
	t.Cleanup(func() {
		argo.stop()
		if t.Failed() {
			argo.logEnds(t, k.name, 10)
			k.logEnds(t, k.name, 10)
			h.logConditions(t)
		}
	})
	// they were made a moment ago, and a controller would end
	eventually(t, "the definitions of Argo CD are known", func() error {
		h.mapper.Reset()
		var problems []error
		for _, kind := range []string{"Application", "ApplicationSet", "AppProject"} {
			_, err := h.mapper.RESTMapping(schema.GroupKind{Group: "argoproj.io", Kind: kind}, "v1alpha1")
			problems = append(problems, err)
		}
		return errors.Join(problems...)
	})
	h.createProject(t, "default")
	h.startController(t, "applicationset", func(ports []string) []string {
		return []string{"--argocd-repo-server", h.server, "--probe-addr", "127.0.0.1:" + ports[0], "--metrics-addr",
			"127.0.0.1:" + ports[1],
			"--webhook-addr", "127.0.0.1:" + ports[2]}
	})
	return h
}

// logConditions logs what the ApplicationSet controller says of each ApplicationSet that is in trouble.
func (h *hub) logConditions(t *testing.T) {
	t.Helper()
	// the test's context is over
	list, err := h.objects("ApplicationSet").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Log(err)
		return
	}
	for _, set := range list.Items {
		conditions, _, _ := unstructured.NestedSlice(set.Object, "status", "conditions")
		for _, condition := range conditions {
			if c := condition.(map[string]any); c["type"] == "ErrorOccurred" && c["status"] == "True" {
				t.Logf("ApplicationSet %s of %s: %v", set.GetName(), h.name, c["message"])
			}
		}
	}
}

// secretLabels are the labels of the cluster's Secret.
func (c cluster) secretLabels() map[string]string {
	all := map[string]string{"argocd.argoproj.io/secret-type": "cluster"}
	for key, value := range c.Labels {
		all[key] = value
	}
	return all
}

// startSyncing starts the application controller, which syncs Applications.
func (h *hub) startSyncing(t *testing.T) {
	t.Helper()
	h.startController(t, "application", func(ports []string) []string {
		return []string{"--redis", h.redis, "--repo-server", h.server, "--metrics-port", ports[0],
			"--app-resync", "10", "--app-resync-jitter", "0"}
	})
}

// startController starts a controller with its own arguments, made from free ports, at the first of which it listens.
func (h *hub) startController(t *testing.T, name string, own func(ports []string) []string) {
	t.Helper()
	n := h.argoCD.network
	ports, err := n.freePorts(3)
	require.NoError(t, err)
	env := []string{
		"PATH=" + h.programs + ":" + os.Getenv("PATH"), "HOME=" + filepath.Join(h.directory, "home"), "TMPDIR=" +
			filepath.Join(h.directory, "tmp"),
		"ARGOCD_FAKE_IN_CLUSTER=true", "KUBECONFIG=" + h.kubeconfig, "HOSTNAME=hub-0", "NAMESPACE=" + h.namespace,
	}
	args := append([]string{"--kubeconfig", h.kubeconfig, "-n", h.namespace, "--repo-server-plaintext"}, own(ports)...)
	listening := func() error { return n.listening("tcp", "127.0.0.1:"+ports[0]) }
	require.NoError(t, h.argoCD.launch(listening, h.directory, env, filepath.Join(h.programs, "argocd-"+name+
		"-controller"), args...))
}
