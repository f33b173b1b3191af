package network

import (
	"net/http/httptest"
	"testing"
	"time"

	ociregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/require"
)

func TestRegistriesElsewhereNeedTLS(t *testing.T) {
	for hostport, want := range map[string]bool{"localhost": true, "localhost:5000": true, "127.1.2.3:5000": true,
		"[::1]:5000": true,
		"[::1]":      true, "10.0.0.1:5000": false, "localhost.example.com": false,
		"127.0.0.1.example.com:5000": false} {
		require.Equal(t, want, isLoopback(hostport), hostport)
	}
	server := httptest.NewServer(ociregistry.New())
	defer server.Close()
	host := server.Listener.Addr().String()
	r, err := New(Options{Timeout: time.Minute, Pause: time.Millisecond}).Registry(host)
	require.NoError(t, err)
	r.loopback = false
	_, err = r.Download(t.Context(), Release{URL: host + "/charts/web:1.0.0"})
	require.EqualError(t, err, "its manifest: the server does not speak TLS")
}
