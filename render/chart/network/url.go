package network

import (
	"net/url"
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// SchemeOCI is the scheme of the URLs of registries.
const SchemeOCI = "oci"

const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"
)

var errRepositoryURL = problem.Hinted("write https://HOST/PATH, or oci://HOST/PATH",
	"its repository URL cannot be understood")

// ParseURL returns the canonical form of the URL of a chart repository (https://, http://) or registry (oci://, or no
// scheme at all). Errors do not repeat the URL, since it may hold credentials.
func ParseURL(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, problem.Hinted("write https://HOST/PATH, or oci://HOST/PATH", "no repository is given")
	}
	if !strings.Contains(raw, "://") {
		raw = SchemeOCI + "://" + raw
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errRepositoryURL
	case u.Scheme != schemeHTTP && u.Scheme != schemeHTTPS && u.Scheme != SchemeOCI:
		return nil, problem.Hinted("use https, http or oci", "its repository URL has the unknown scheme %q", u.Scheme)
	case u.Hostname() == "":
		return nil, errRepositoryURL
	case u.User != nil:
		return nil, problem.Hinted("put them into Helm's repositories.yaml (or registry/config.json)",
			"its repository URL has credentials in it")
	case u.Scheme == SchemeOCI && u.RawQuery != "":
		return nil, problem.Hinted("remove it", "its registry URL has a query")
	}
	u.Host = strings.ToLower(u.Host)
	switch u.Scheme {
	case schemeHTTPS:
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case schemeHTTP:
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	u.Path, u.RawPath, u.Fragment, u.RawFragment = strings.TrimSuffix(path.Clean("/"+u.Path), "/"), "", "", ""
	return u, nil
}

// ErrRepository is what is wrong with the name of a repository in a registry.
var ErrRepository = problem.Hinted(
	"a registry's repository is HOST/PATH/CHART in lower case; the version is said apart",
	"it is not the name of a repository in a registry")
