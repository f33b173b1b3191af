package network

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"sync"

	"helm.sh/helm/v3/pkg/repo"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// configuration is what Helm's two files say. They are read when they are first needed. What is wrong with them is said
// without their text, because they hold credentials.
type configuration struct {
	repositoriesFile, registryFile string

	repositoriesOnce sync.Once
	repositories     []*repo.Entry
	repositoriesErr  error

	registryOnce sync.Once
	credential   auth.CredentialFunc
	registryErr  error
}

// entries returns the repositories of repositories.yaml.
func (c *configuration) entries() ([]*repo.Entry, error) {
	c.repositoriesOnce.Do(func() {
		data, err := readOptional(c.repositoriesFile)
		if err != nil {
			c.repositoriesErr = err
			return
		}
		var file repo.File
		if safeyaml.Unmarshal(data, c.repositoriesFile, &file) != nil {
			c.repositoriesErr = problem.Hinted("see helm repo list", "%s is no valid repositories.yaml of Helm",
				c.repositoriesFile)
			return
		}
		for _, e := range file.Repositories {
			if e != nil {
				c.repositories = append(c.repositories, e)
			}
		}
	})
	return c.repositories, c.repositoriesErr
}

// entryFor returns the first entry with a URL; nil if there is none.
func (c *configuration) entryFor(u *url.URL) (*repo.Entry, error) {
	entries, err := c.entries()
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if sameRepository(e.URL, u) {
			return e, nil
		}
	}
	return nil, nil
}

// sameRepository compares as Helm does, that is apart from a trailing slash, and apart from user information.
func sameRepository(raw string, u *url.URL) bool {
	other, err := url.Parse(raw)
	if err != nil || !sameOrigin(other, u) {
		return false
	}
	return path.Clean("/"+other.Path) == path.Clean("/"+u.Path) && other.RawQuery == u.RawQuery
}

// entryNamed returns the entry with a name; nil if there is none.
func (c *configuration) entryNamed(name string) (*repo.Entry, error) {
	entries, err := c.entries()
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name == name {
			return e, nil
		}
	}
	return nil, nil
}

// registryCredential returns what finds the credentials for a registry. As with Helm, registry/config.json may name
// credential helpers, which are then run; but none is run that it does not name.
func (c *configuration) registryCredential() (auth.CredentialFunc, error) {
	c.registryOnce.Do(func() {
		data, err := readOptional(c.registryFile)
		if err != nil || len(data) == 0 {
			c.registryErr = err
			return
		}
		found, err := credentials.NewStore(c.registryFile, credentials.StoreOptions{})
		if err != nil {
			c.registryErr = problem.Hinted("see helm registry login", "%s is no valid registry/config.json of Helm",
				c.registryFile)
			return
		}
		c.credential = credentials.Credential(found)
	})
	return c.credential, c.registryErr
}

// readOptional reads a file; a file that is not given or does not exist is empty.
func readOptional(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	data, err := worktree.ReadPath(name, configurationBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// client returns an HTTP client for a repository of repositories.yaml. The authority and insecure_skip_tls_verify count
// for every host that the repository links to, as with Helm; user, password and client certificate only for its own.
func client(e *repo.Entry, origin *url.URL) (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: e.InsecureSkipTLSverify} //nolint:gosec // the user's own setting, as in Helm
	if e.CAFile != "" {
		data, err := worktree.ReadPath(e.CAFile, configurationBytes)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, problem.Hinted("", "%s holds no certificate", e.CAFile)
		}
	}
	others := newTransport(config.Clone())
	trusted := others
	if e.CertFile != "" || e.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(e.CertFile, e.KeyFile)
		if err != nil {
			return nil, problem.Hinted("", "%s and %s are no client certificate and key", e.CertFile, e.KeyFile)
		}
		config.Certificates = []tls.Certificate{pair}
		trusted = newTransport(config)
	}
	return &http.Client{CheckRedirect: checkRedirect, Transport: &repositoryTransport{
		origin: origin, username: e.Username, password: e.Password, everywhere: e.PassCredentialsAll, trusted: trusted,
		others: others,
	}}, nil
}
