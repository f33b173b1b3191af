package kustomize

import (
	"net/url"
	"regexp"
	"strings"
)

// scp is the short form of an SSH address, user@host:path, which Kustomize also takes with a slash.
var scp = regexp.MustCompile(`^[a-z][a-z0-9-]*@[^/:]*[/:]`)

// remote tells whether Kustomize (api/internal/git.NewRepoSpecFromURL, api/internal/loader.IsRemoteFile) would clone or
// download what a reference names, or whether it looks as if the author meant that. It asks nobody whether there is a
// local file of this name, because Kustomize does not either.
func remote(reference string) bool {
	r := strings.ToLower(strings.TrimSpace(reference))
	for _, prefix := range []string{"git::", "github.com/", "github.com:", "ssh:", "git:", "file:", "oci:"} {
		if strings.HasPrefix(r, prefix) {
			return true
		}
	}
	return strings.Contains(r, "://") || scp.MatchString(r) || download(reference)
}

// download tells whether Kustomize would fetch a file over HTTP: where it expects a file, no other form is remote, and
// text which is no URL may stand in its place.
func download(reference string) bool {
	u, err := url.Parse(reference)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}
