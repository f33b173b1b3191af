package gitcatalog

import (
	"net"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// scp matches an address as scp writes it: git@host:path.
var scp = regexp.MustCompile(`^(?:([A-Za-z0-9._-]+)@)?([A-Za-z0-9.-]+):([^/:][^:]*)$`)

var errAddress = problem.Hinted("write https://HOST/PATH or ssh://HOST/PATH",
	"its address cannot be understood")

// parse returns the canonical form of the address of a Git repository. Only HTTPS and SSH are spoken, and HTTP with
// this machine: file:// and paths would read files of the machine, and git:// is not protected. It fails for
// credentials. Errors do not repeat the address.
func parse(raw string) (*url.URL, error) {
	if address.CheckURL(raw) != nil {
		return nil, address.ErrCredential
	}
	if parts := scp.FindStringSubmatch(raw); parts != nil && !strings.Contains(raw, "://") {
		raw = "ssh://" + parts[2] + "/" + parts[3]
		if parts[1] != "" {
			raw = "ssh://" + parts[1] + "@" + strings.TrimPrefix(raw, "ssh://")
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || strings.HasPrefix(u.Host, "-") {
		return nil, errAddress
	}
	switch {
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		u.User = nil
	case u.Scheme == "ssh" && (u.User == nil || !strings.HasPrefix(u.User.Username(), "-")):
	default:
		return nil, problem.Hinted("use https or ssh", "Git is not spoken with %s://", u.Scheme)
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimSuffix(path.Clean("/"+u.Path), "/"), ""
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isReserved tells whether a host is one of those that nobody can have, for examples and tests (RFC 2606, RFC 6761).
func isReserved(host string) bool {
	for _, name := range []string{"example", "invalid", "example.com", "example.net", "example.org"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	return false
}

// checkAllowed fails unless the repository is one of the allowed addresses or below one. Without any, all are.
func checkAllowed(u *url.URL, allowed []string) error {
	if len(allowed) == 0 {
		return nil
	}
	for _, text := range allowed {
		if a, err := parse(text); err == nil {
			own, other := without(u), without(a)
			if own == other || strings.HasPrefix(own, other+"/") {
				return nil
			}
		}
	}
	return problem.Hinted("add the repository to spec.chartRepositories in fleet.yaml",
		"nothing may be fetched from there")
}

// without returns an address without the user, and without .git at its end.
func without(u *url.URL) string {
	plain := *u
	plain.User = nil
	return strings.TrimSuffix(plain.String(), ".git")
}
