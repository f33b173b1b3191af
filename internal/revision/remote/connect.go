package remote

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/plumbing/transport/ssh"

	"github.com/eks-fleet-management/fleet-cmp/internal/cloudmetadata"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

const (
	dialTimeout = 10 * time.Second
	maxHeader   = 1 << 20
	maxBody     = MaxPack + 16<<20 // a pack, and what is around it
)

// connect asks a server which branches and tags it has: over HTTP first without credentials, and with them if the
// server wants some. SSH has the agent's, and known_hosts.
func (s Source) connect(ctx context.Context) (transport.UploadPackSession, *packp.AdvRefs, error) {
	endpoint, err := transport.NewEndpoint(s.URL.String())
	if err != nil {
		return nil, nil, errors.New("its address cannot be understood")
	}
	if endpoint.Protocol == "ssh" {
		return openSSH(ctx, endpoint)
	}
	session, advertised, err := open(ctx, newClient(githttp.FollowInitialRedirects), endpoint, nil)
	private := errors.Is(err, transport.ErrAuthenticationRequired) ||
		errors.Is(err, transport.ErrAuthorizationFailed) || errors.Is(err, transport.ErrRepositoryNotFound)
	if !private || s.Credential == nil || s.URL.Scheme != "https" && !s.onThisMachine() {
		return session, advertised, err
	}
	user, password, found := s.Credential(ctx, s.URL)
	if !found {
		return nil, nil, err
	}
	// Credentials are for this server: redirects are not followed.
	return open(ctx, newClient(githttp.NoFollowRedirects), endpoint,
		&githttp.BasicAuth{Username: user, Password: password})
}

func (s Source) onThisMachine() bool {
	ip := net.ParseIP(s.URL.Hostname())
	return s.URL.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

func open(ctx context.Context, client transport.Transport, endpoint *transport.Endpoint,
	auth transport.AuthMethod) (transport.UploadPackSession, *packp.AdvRefs, error) {
	session, err := client.NewUploadPackSession(endpoint, auth)
	if err != nil {
		return nil, nil, err
	}
	advertised, err := session.AdvertisedReferencesContext(ctx)
	if err != nil {
		_ = session.Close()
		return nil, nil, err
	}
	return session, advertised, nil
}

// openSSH is open over SSH, which does not heed the context while it connects.
func openSSH(ctx context.Context, endpoint *transport.Endpoint) (transport.UploadPackSession, *packp.AdvRefs, error) {
	type opened struct {
		session    transport.UploadPackSession
		advertised *packp.AdvRefs
		err        error
	}
	done := make(chan opened, 1)
	go func() {
		session, advertised, err := open(ctx, ssh.NewClient(nil), endpoint, nil)
		done <- opened{session, advertised, err}
	}()
	select {
	case o := <-done:
		return o.session, o.advertised, o.err
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// sshFailure says what SSH wants, as far as it is known. The errors of the libraries have no types for it.
func sshFailure(err error) error {
	const check = "connect once with ssh, and check the key that it shows"
	for _, known := range []struct{ part, message, hint string }{
		{"known_hosts", "no file says which servers are known", check},
		{"knownhosts: ", "its key is not the one in known_hosts", check},
		{"unable to authenticate", "the server accepts no key of the SSH agent", "add one that it knows with ssh-add"},
		{"SSH agent", "there is no SSH agent", "start one, and add a key with ssh-add, or give an https address"},
	} {
		if strings.Contains(err.Error(), known.part) {
			return problem.Hinted(known.hint, "%s", known.message)
		}
	}
	return err
}

// newClient returns a client of HTTP with bounds.
func newClient(redirects githttp.RedirectPolicy) transport.Transport {
	bounds := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, Control: cloudmetadata.CheckConnection}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
	}
	return githttp.NewClientWithOptions(&http.Client{Transport: boundedTransport{bounds}},
		&githttp.ClientOptions{RedirectPolicy: redirects})
}

// boundedTransport bounds which servers are asked, and what one may send.
type boundedTransport struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := cloudmetadata.CheckHost(r.URL.Hostname()); err != nil {
		return nil, err
	}
	response, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = body{&bounded{reader: response.Body, left: maxBody}, response.Body}
	return response, nil
}

type body struct {
	io.Reader
	io.Closer
}
