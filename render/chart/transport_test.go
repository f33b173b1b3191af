package chart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTLS(t *testing.T) {
	authority, certificate := newAuthority(t)
	s := unstartedChartServer()
	s.Server = httptest.NewUnstartedServer(s)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.StartTLS()
	t.Cleanup(s.Close)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))

	file := writeFile(t, t.TempDir(), "ca.pem", authority)
	for _, trusted := range []string{fmt.Sprintf("caFile: %q", file), "insecure_skip_tls_verify: true"} {
		_, err := fetch(newTestCache(t, repositoriesYAML(t, s.URL, trusted)), s.URL, "web", "1.0.0")
		require.NoError(t, err)
	}
	_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "index.yaml: the certificate of the server is not trusted",
		"caFile in Helm's repositories.yaml")
	_, err = fetch(newTestCache(t), strings.Replace(s.URL, "https:", "http:", 1), "web", "1.0.0")
	requireOneLine(t, err, "the server answered 400 Bad Request")
	_, err = fetch(newTestCache(t, repositoriesYAML(t, s.URL, `caFile: "/does/not/exist"`)), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "/does/not/exist")
	_, err = fetch(newTestCache(t, repositoriesYAML(t, s.URL, fmt.Sprintf("caFile: %q", writeFile(t, t.TempDir(), "x",
		"x")))), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "holds no certificate")

	plain := newChartServer(t)
	_, err = fetch(newTestCache(t), strings.Replace(plain.URL, "http:", "https:", 1), "web", "1.0.0")
	requireOneLine(t, err, "index.yaml: the server does not speak TLS")
}

func TestClientCertificate(t *testing.T) {
	authority, certificate := newAuthority(t)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM([]byte(authority)))
	start := func() *chartServer {
		s := unstartedChartServer()
		s.Server = httptest.NewUnstartedServer(s)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: pool,
			ClientAuth: tls.VerifyClientCertIfGiven}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	own, other := start(), start()
	data := pack(t, chartFiles("web", "1.0.0"))
	own.addLink("web", "1.0.0", other.URL+"/web.tgz", digestOf(data))
	other.archives["/web.tgz"] = data
	var ownSaw, otherSaw int
	own.before = func(_ http.ResponseWriter, r *http.Request) bool {
		ownSaw = len(r.TLS.PeerCertificates)
		return false
	}
	other.before = func(_ http.ResponseWriter, r *http.Request) bool {
		otherSaw = len(r.TLS.PeerCertificates)
		return false
	}

	dir := t.TempDir()
	key, err := x509.MarshalECPrivateKey(certificate.PrivateKey.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	more := fmt.Sprintf("caFile: %q, certFile: %q, keyFile: %q", writeFile(t, dir, "ca", authority),
		writeFile(t, dir, "cert", authority),
		writeFile(t, dir, "key", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key}))))
	_, err = fetch(newTestCache(t, repositoriesYAML(t, own.URL, more)), own.URL, "web", "1.0.0")
	require.NoError(t, err)
	require.Equal(t, 1, ownSaw)
	require.Zero(t, otherSaw)

	_, err = fetch(newTestCache(t, repositoriesYAML(t, own.URL, `certFile: "/no/cert", keyFile: "/no/key"`)), own.URL, "web", "1.0.0")
	requireOneLine(t, err, "/no/cert and /no/key are no client certificate and key")
}

// newAuthority returns a certificate for 127.0.0.1 that is its own authority, as PEM and with its key.
func newAuthority(t *testing.T) (string, tls.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return text, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
