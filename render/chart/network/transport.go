package network

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/cloudmetadata"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

const (
	userAgent   = "fleet-cmp"
	dialTimeout = 30 * time.Second
)

// newTransport returns a transport with the limits of this package. Archives must arrive as they are stored, so it does
// not ask for compression, as Helm does not.
func newTransport(t *tls.Config) http.RoundTripper {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: dialTimeout, Control: cloudmetadata.CheckConnection}
	return listener{&http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        t,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        dialTimeout,
		MaxResponseHeaderBytes: 1 << 20,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}}
}

// checkRedirect follows at most ten redirects, and only to where HTTP is spoken. The next server does not learn the URL
// before, whose query may be secret, nor what is posted for a token.
func checkRedirect(next *http.Request, via []*http.Request) error {
	if next.URL.Scheme != schemeHTTP && next.URL.Scheme != schemeHTTPS {
		return problem.Hinted("", "the server redirects to the scheme %q", next.URL.Scheme)
	}
	if len(via) >= 10 {
		return problem.Hinted("", "the server redirects more than ten times")
	}
	if next.Method == http.MethodPost && !sameOrigin(next.URL, via[0].URL) {
		return problem.Hinted("", "the server redirects credentials to another server, which does not get them")
	}
	next.Header.Del("Referer")
	return nil
}

// repositoryTransport adds credentials to requests of one chart repository. It decides for each request, so that a
// redirect to another host loses them: the standard library alone would keep them for subdomains and other ports.
type repositoryTransport struct {
	origin             *url.URL
	username, password string
	everywhere         bool // pass_credentials_all
	trusted            http.RoundTripper
	others             http.RoundTripper // without the client certificate
}

// RoundTrip implements [http.RoundTripper].
func (t *repositoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	redirected := r.Response != nil
	if !sameOrigin(r.URL, t.origin) && (!t.everywhere || redirected) {
		return t.others.RoundTrip(r)
	}
	if t.username != "" && t.password != "" {
		r = r.Clone(r.Context())
		r.SetBasicAuth(t.username, t.password)
	}
	return t.trusted.RoundTrip(r)
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == schemeHTTP:
		return "80"
	}
	return "443"
}

// get reads what a URL names. It fails with errTooLong for more than some bytes.
func get(ctx context.Context, client *http.Client, target string, most int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, errURL
	}
	request.Header.Set("User-Agent", userAgent)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response.StatusCode)
	}
	if response.ContentLength > most {
		return nil, errTooLong
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, errTooLong
	}
	return data, nil
}

var errURL = problem.Hinted("", "the repository names a URL that cannot be understood")

var errTooLong = problem.Hinted("", "the server sends more than %d MiB, which is the most that is accepted",
	DownloadBytes>>20)
