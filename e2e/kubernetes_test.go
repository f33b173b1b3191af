package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/yaml"
)

// kubernetesDirectories hold kube-apiserver, etcd and the garbage collector.
var kubernetesDirectories = filepath.SplitList(os.Getenv("CMP_E2E_KUBERNETES"))

// kubernetes is a Kubernetes cluster without nodes: an API server, and the garbage collector.
type kubernetes struct {
	name      string
	namespace string // of its Argo CD
	*servers
	client     dynamic.Interface
	mapper     meta.ResettableRESTMapper
	directory  string
	address    string // URL
	token      string // of a user who may do anything
	kubeconfig string
}

// startEtcd starts the store of clusters in a network of their own, and returns its URL.
func startEtcd(t *testing.T) (*network, string) {
	t.Helper()
	require.Len(t, kubernetesDirectories, 3, "CMP_E2E_KUBERNETES is not set: run internal/tools/e2e.sh")
	n := newNetwork(true) // the application controller would otherwise listen at all addresses of the machine
	if n.private != nil {
		t.Logf("in the machine's network: %v", n.private)
	}
	s := &servers{network: n}
	t.Cleanup(s.stop)
	directory := temporary(t)
	ports, err := n.freePorts(2)
	require.NoError(t, err)
	etcd, peer := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]
	require.NoError(t, s.launch(func() error { return n.listening("tcp", "127.0.0.1:"+ports[0]) }, directory,
		[]string{},
		filepath.Join(kubernetesDirectories[1], "etcd"), "--data-dir", filepath.Join(directory, "etcd"),
		"--unsafe-no-fsync",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer))
	return n, etcd
}

// temporary makes a directory with a short name, since those of sockets cannot be long.
func temporary(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "cmp-e2e-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	return directory
}

// startKubernetes starts a cluster. Its API server knows one user, by a token.
func startKubernetes(t *testing.T, n *network, etcd, name string) *kubernetes {
	t.Helper()
	k := &kubernetes{name: name, namespace: "argocd", servers: &servers{network: n}, directory: temporary(t),
		token: "token-of-" + name + "-" + canary}
	t.Cleanup(k.stop)
	in := func(name string) string { return filepath.Join(k.directory, name) }
	ports, err := n.freePorts(1)
	require.NoError(t, err)
	k.address = "https://127.0.0.1:" + ports[0]
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	require.NoError(t, os.WriteFile(in("service-accounts.pem"), text, 0o600))
	require.NoError(t, os.WriteFile(in("tokens"), []byte(k.token+",admin,admin,system:masters\n"), 0o600))
	config := &rest.Config{
		Host: k.address, BearerToken: k.token, TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: 200,
		Burst:          200,
		WarningHandler: rest.NoWarnings{}, // what a test needs of them it asks for itself
		Dial: func(ctx context.Context, kind, address string) (net.Conn, error) {
			return n.dial(ctx, kind, address)
		},
	}
	client, err := rest.HTTPClientFor(config)
	require.NoError(t, err)
	client.Timeout = 5 * time.Second
	ready := func() error {
		answer, err := client.Get(k.address + "/readyz")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	}
	env := []string{"HOME=" + in("home"), "TMPDIR=" + in("tmp")}
	require.NoError(t, k.launch(ready, k.directory, env,
		filepath.Join(kubernetesDirectories[0], "kube-apiserver"), "--etcd-servers", etcd, "--etcd-prefix", "/"+name,
		"--cert-dir", in("certificates"), "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1",
		"--secure-port", ports[0],
		"--token-auth-file", in("tokens"), "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24",
		"--disable-admission-plugins", "ServiceAccount", "--endpoint-reconciler-type", "none",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file",
		in("service-accounts.pem"),
		"--service-account-signing-key-file", in("service-accounts.pem")))
	k.client, err = dynamic.NewForConfig(config)
	require.NoError(t, err)
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	require.NoError(t, err)
	k.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered))
	k.kubeconfig = in("kubeconfig")
	require.NoError(t, os.WriteFile(k.kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: it,
  clusters: [{name: it, cluster: {server: %q, insecure-skip-tls-verify: true}}],
  users: [{name: admin, user: {token: %q}}],
  contexts: [{name: it, context: {cluster: it, user: admin}}]}
`, k.address, k.token), 0o600))
	started := func() error { return nil }
	require.NoError(t, k.launch(started, k.directory, env, filepath.Join(kubernetesDirectories[2], "garbagecollector"),
		k.kubeconfig))
	return k
}

var resources = map[string]schema.GroupVersionResource{
	"Namespace":                {Version: "v1", Resource: "namespaces"},
	"ConfigMap":                {Version: "v1", Resource: "configmaps"},
	"Secret":                   {Version: "v1", Resource: "secrets"},
	"CustomResourceDefinition": {Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"},
	"Application":              {Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"},
	"ApplicationSet":           {Group: "argoproj.io", Version: "v1alpha1", Resource: "applicationsets"},
	"AppProject":               {Group: "argoproj.io", Version: "v1alpha1", Resource: "appprojects"},
	"ExternalSecret":           {Group: "external-secrets.io", Version: "v1", Resource: "externalsecrets"},
	"SecretStore":              {Group: "external-secrets.io", Version: "v1", Resource: "secretstores"},
}

// objects are those of a kind, in Argo CD's namespace if the kind has one.
func (k *kubernetes) objects(kind string) dynamic.ResourceInterface {
	if kind == "Namespace" || kind == "CustomResourceDefinition" {
		return k.client.Resource(resources[kind])
	}
	return k.client.Resource(resources[kind]).Namespace(k.namespace)
}

// create creates an object that is written as YAML.
func (k *kubernetes) create(t *testing.T, text string) {
	t.Helper()
	var object unstructured.Unstructured
	require.NoError(t, yaml.Unmarshal([]byte(text), &object.Object))
	_, err := k.objects(object.GetKind()).Create(t.Context(), &object, metav1.CreateOptions{})
	require.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
}

// patch merges YAML into an object.
func (k *kubernetes) patch(t *testing.T, kind, name, text string) {
	t.Helper()
	patch, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	_, err = k.objects(kind).Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	require.NoError(t, err)
}

// list returns the objects of a kind. A server that is too busy for the moment is asked again.
func (k *kubernetes) list(t *testing.T, kind string) []unstructured.Unstructured {
	t.Helper()
	var list *unstructured.UnstructuredList
	patient := wait.Backoff{Steps: 6, Duration: 500 * time.Millisecond, Factor: 2}
	require.NoError(t, retry.OnError(patient, func(error) bool { return true }, func() (err error) {
		list, err = k.objects(kind).List(t.Context(), metav1.ListOptions{})
		return err
	}))
	return list.Items
}

// get returns an object of any kind.
func (k *kubernetes) get(ctx context.Context, o objectID) (*unstructured.Unstructured, error) {
	gvk := schema.GroupVersionKind{Group: o.Group, Version: o.Version, Kind: o.Kind}
	mapping, err := k.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if meta.IsNoMatchError(err) {
		k.mapper.Reset()
		mapping, err = k.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	}
	if err != nil {
		return nil, err
	}
	return k.client.Resource(mapping.Resource).Namespace(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{})
}
