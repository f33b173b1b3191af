package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// certificate is trusted by the servers and by cmp; it is for 127.0.0.1.
type certificate struct{ file, key string }

// newCertificate makes a certificate in a directory.
func newCertificate(directory string) (c certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "e2e"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return c, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return c, err
	}
	c = certificate{file: filepath.Join(directory, "certificate.pem"), key: filepath.Join(directory, "key.pem")}
	return c, errors.Join(
		os.WriteFile(c.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o600),
		os.WriteFile(c.key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600),
	)
}

// shelf holds charts: in a chart repository with HTTP, whose paths are any, and in an OCI registry with TLS.
type shelf struct {
	directory string // of the chart repository: below it PATH/NAME-VERSION.tgz and PATH/index.yaml
	http      string // URL of the chart repository, to which PATH is added
	registry  string // HOST:PORT
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{directory: t.TempDir()}
	server := httptest.NewServer(http.FileServer(http.Dir(s.directory)))
	t.Cleanup(server.Close)
	s.http = server.URL
	for range 3 { // since a free port may be taken by somebody else
		ports, err := host.freePorts(1)
		require.NoError(t, err)
		s.registry = "127.0.0.1:" + ports[0]
		registry, err := startProcess(host, t.TempDir(), []string{}, registryProgram, s.registry, trusted.file,
			trusted.key)
		require.NoError(t, err)
		t.Cleanup(registry.stop)
		if err = registry.wait(func() error { return host.listening("tcp", s.registry) }); err == nil {
			return s
		}
		t.Log(err)
	}
	t.Fatal("the registry does not start")
	return nil
}

// chartKinds are the charts in testdata/charts, under another name each.
var chartKinds = []string{"plain", "crds", "parent", "strict"}

// put makes a chart of a kind in a repository of the shelf: of the registry if the repository begins with its address.
func (s *shelf) put(t *testing.T, repository, name, version, kind string) {
	t.Helper()
	chart := filepath.Join(t.TempDir(), path.Base(name))
	copyDirectory(t, filepath.Join("testdata", "charts", kind), chart)
	file := filepath.Join(chart, "Chart.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var metadata map[string]any
	require.NoError(t, yaml.Unmarshal(text, &metadata))
	metadata["name"], metadata["version"] = path.Base(name), version
	text, err = yaml.Marshal(metadata)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))

	inRegistry := strings.HasPrefix(repository, s.registry)
	directory := filepath.Join(s.directory, strings.TrimPrefix(repository, s.http))
	if inRegistry {
		directory = t.TempDir()
	}
	require.NoError(t, os.MkdirAll(directory, 0o755))
	s.helm(t, "package", chart, "--destination", directory)
	if inRegistry {
		s.helm(t, "push", filepath.Join(directory, fmt.Sprintf("%s-%s.tgz", path.Base(name), version)), "oci://"+
			path.Join(repository, path.Dir(name)))
		return
	}
	s.helm(t, "repo", "index", directory)
}

func (s *shelf) helm(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(helmDirectories[0], "helm"), args...)
	command.Env = []string{"HOME=" + t.TempDir(), "SSL_CERT_FILE=" + trusted.file}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "helm %s: %s", strings.Join(args, " "), output)
}

// fill puts a chart for each that Applications name, of all kinds in turn.
func (s *shelf) fill(t *testing.T, applications []any) {
	t.Helper()
	seen := map[[3]string]bool{}
	var all [][3]string
	for _, app := range applications {
		for _, source := range applicationOf(t, app).Spec.GetSources() {
			chart := [3]string{source.RepoURL, source.Chart, source.TargetRevision}
			if source.Chart != "" && !seen[chart] {
				seen[chart] = true
				all = append(all, chart)
			}
		}
	}
	require.NotEmpty(t, all)
	slices.SortFunc(all, func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })
	for i, chart := range all {
		s.put(t, chart[0], chart[1], chart[2], chartKinds[i%len(chartKinds)])
	}
	t.Logf("%d charts", len(all))
}
