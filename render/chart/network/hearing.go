package network

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/cloudmetadata"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// hearing is what is known of the answers to one question.
type hearing struct {
	from string        // the host that is asked first
	any  bool          // there was an answer, whatever it is
	wish time.Duration // how long the server wants to be left alone, as it said last; 0 if it did not
}

type hearingKey struct{}

// in returns a context for one try, in which the answers of servers are heard.
func (h *hearing) in(ctx context.Context) context.Context {
	h.wish = 0
	return context.WithValue(ctx, hearingKey{}, h)
}

// listener hears answers. It asks this machine only where that is the machine that was to be asked: neither redirects
// nor links, nor the places where tokens are had, lead others here.
type listener struct{ *http.Transport }

// RoundTrip implements [http.RoundTripper].
func (l listener) RoundTrip(r *http.Request) (*http.Response, error) {
	h, _ := r.Context().Value(hearingKey{}).(*hearing)
	if h != nil && isHere(r.URL.Host) && !isHere(h.from) {
		return nil, errLeadsHere(r.URL.Host)
	}
	if err := cloudmetadata.CheckHost(r.URL.Hostname()); err != nil {
		return nil, err
	}
	response, err := l.Transport.RoundTrip(r)
	if h != nil && err == nil {
		h.any, h.wish = true, wishOf(response, time.Now())
	}
	return response, err
}

// isHere tells whether a host is this machine by its name. Who names it otherwise is whoever answers for names.
func isHere(hostport string) bool {
	host := strings.ToLower(hostport)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return ip.Unmap().IsLoopback() || ip.Unmap().IsUnspecified()
}

func errLeadsHere(host string) error {
	return problem.Hinted("if that is meant, give the address of this machine as the repository itself",
		"the server leads to %s, which is this machine", host)
}

// wishOf returns how long a server that is busy wants to be left alone, by its own clock if it tells that; 0 if it does
// not say.
func wishOf(response *http.Response, now time.Time) time.Duration {
	if code := response.StatusCode; code != http.StatusTooManyRequests && code != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(response.Header.Get("Retry-After"))
	const bits = 32 // of seconds: more than a century
	if seconds, err := strconv.ParseUint(text, 10, bits); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if own, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		now = own
	}
	return max(0, at.Sub(now).Round(time.Second))
}

// lost are hosts that are not asked again, with why.
type lost struct {
	mu    sync.Mutex
	hosts map[string]error
}

func (l *lost) why(host string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hosts[host]
}

func (l *lost) add(host string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hosts[host] == nil {
		l.hosts[host] = err
	}
}
