package fleet

import (
	"errors"
	"io/fs"
	"strings"
)

// A ChartReader returns the files of a chart in a chart repository or registry. allowed are the addresses that charts
// may come from, and their dependencies; none stands for all.
type ChartReader func(c Chart, allowed []string) (fs.FS, error)

// A GitReader returns the files of a directory in a revision of a Git repository; "" stands for HEAD. own tells that it
// is the fleet's own repository. allowed are the addresses that others may come from; none stands for all.
type GitReader func(c Chart, own bool, allowed []string) (fs.FS, error)

// ErrNoChartReader is the cause when a catalog is a chart in a chart repository, or in Git, and nothing was given that
// could read it, but another program can.
var ErrNoChartReader = errors.New("charts cannot be fetched here")

// ErrNoSubstitute is the cause when a catalog in Git cannot be had yet, since the Git repository has not been received:
// the fleet's catalog in its place would be another answer.
var ErrNoSubstitute = errors.New("is in the Git repository of the checkout, which has not been received")

// A Chart says where a release's chart comes from: a directory in Git, or, if Name is set, a chart in a repository.
// Parts of the directory that are "" are those of the fleet's own repository and catalog.
type Chart struct {
	RepoURL  string `json:"chartRepoUrl,omitempty"`
	Path     string `json:"chartRepoPath,omitempty"`
	Revision string `json:"chartRepoRevision,omitempty"`

	// https://… or oci://…; without a scheme an OCI registry, such as ECR
	Repository string `json:"chartRepo,omitempty"`
	Name       string `json:"ecrChartName,omitempty"`
	Version    string `json:"version,omitempty"`
}

// InRepository tells whether the chart is one in a chart repository, and not a directory in Git.
func (c Chart) InRepository() bool { return c.Name != "" }

// String returns the chart on one line: URL//PATH@REVISION of a directory, REPOSITORY/NAME:VERSION of a chart in a
// repository.
func (c Chart) String() string {
	if c.InRepository() {
		return strings.TrimSuffix(c.Repository, "/") + "/" + c.Name + ":" + c.Version
	}
	text := c.RepoURL
	if c.Path != "" {
		if text != "" {
			text += "//"
		}
		text += c.Path
	}
	if c.Revision != "" {
		text += "@" + c.Revision
	}
	return text
}
