package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// privateServer serves a repository over HTTP to those who know the password of its users.
type privateServer struct {
	git       http.Handler
	passwords map[string]string // by user
	lock      sync.Mutex
	readers   map[string]int // requests of each user; "" for those who were refused
}

// servePrivately serves a repository in a network, and changes its URL to that.
func servePrivately(t *testing.T, n *network, r *repository, passwords map[string]string) *privateServer {
	t.Helper()
	program, err := exec.LookPath("git")
	require.NoError(t, err)
	bare := strings.TrimPrefix(r.url, "file://")
	s := &privateServer{passwords: passwords, readers: map[string]int{}, git: &cgi.Handler{
		Path: program, Args: []string{"http-backend"}, Dir: filepath.Dir(bare),
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
	}}
	var listener net.Listener
	n.do(func() { listener, err = net.Listen("tcp", "127.0.0.1:0") })
	require.NoError(t, err)
	server := &http.Server{Handler: s}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	r.url = fmt.Sprintf("http://%s/%s", listener.Addr(), filepath.Base(bare))
	return s
}

func (s *privateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	known := s.passwords[user] != "" && s.passwords[user] == password
	if !known {
		user = ""
	}
	s.lock.Lock()
	s.readers[user]++
	s.lock.Unlock()
	if !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	s.git.ServeHTTP(w, r)
}

// readBy reports whether a user has read the repository.
func (s *privateServer) readBy(user string) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.readers[user] > 0
}

// TestPrivateRepository has a spoke whose member says githubSecret: only with what the hub makes of it on the spoke can
// the spoke's Argo CD read the fleet. The secret for it is in the hub's region only.
func TestPrivateRepository(t *testing.T) {
	const forHub, forSpoke = "hub", "git"
	var private *privateServer
	l := startEmptyLifeOf(t, func(t *testing.T, n *network) *repository {
		r := newRepository(t)
		private = servePrivately(t, n, r, map[string]string{forHub: "hubs-" + canary, forSpoke: "password-" + canary})
		r.fillLife(t)
		// In place of the credentials that all clusters have. The password might be base64, but is not.
		r.write(t, "addons/bootstrap/defaults/fleet/fleet-secret/values.yaml", `
global:
  gitExternalSecrets:
    useHttp: "true"
    externalSecrets: {addons: {decodingStrategy: None}, resources: {decodingStrategy: None}}
`)
		r.push(t)
		return r
	})
	require.NoError(t, os.Remove(filepath.Join(l.secrets, "eu-central-1", "fleet", "git")))
	l.hub.create(t, fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata: {name: fleet, namespace: argocd, labels: {argocd.argoproj.io/secret-type: repository}}
stringData: {type: git, url: %q, username: %q, password: %q}
`, l.url, forHub, private.passwords[forHub]))
	l.bootstrap(t)
	l.member = []string{"githubSecret=true", "githubSecretName=fleet/git"}
	l.commitMember(t, whole)
	l.startSpoke(t)
	eventually(t, "the spoke deploys all", func() error { return l.settled(t, whole) })
	l.registered(t)
	require.True(t, private.readBy(forHub))
	require.True(t, private.readBy(forSpoke))

	for store, region := range map[string]string{"fleet-eks-secret-store": "eu-central-1",
		"fleet-git-eks-secret-store": "eu-west-1"} {
		object, err := l.spokeHub.objects("SecretStore").Get(t.Context(), store, metav1.GetOptions{})
		require.NoError(t, err)
		actual, _, _ := unstructured.NestedString(object.Object, "spec", "provider", "aws", "region")
		require.Equal(t, region, actual, "%s", store)
	}
	var repositories []string
	for _, secret := range l.spokeHub.list(t, "Secret") {
		if secret.GetLabels()["argocd.argoproj.io/secret-type"] == "repository" {
			repositories = append(repositories, secret.GetName())
			require.Equal(t, "ExternalSecret", secret.GetOwnerReferences()[0].Kind)
		}
	}
	require.Equal(t, []string{"git-addons", "git-resources"}, repositories)
	l.checkSecrecy(t)
}
