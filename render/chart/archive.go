package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

const (
	// Charts in charts/ of charts may be nested this deep, as directories or as archives.
	nestingDepth = 16
	archiveDepth = 4
)

var errTooLarge = problem.Hinted("it may hold at most 100 MiB, and 5 MiB in one file",
	"it is too large when it is unpacked")

const (
	packAgain = "package it again"
	tgz       = ".tgz of a chart"
)

// loadArchive parses the archive of a chart.
func loadArchive(data []byte) (*helmchart.Chart, error) {
	if len(data) == 0 {
		return nil, problem.Hinted(packAgain, "the archive is empty")
	}
	left := loader.MaxDecompressedChartSize
	if err := inspect(bytes.NewReader(data), &left, 0); err != nil {
		return nil, err
	}
	files, err := loader.LoadArchiveFiles(bytes.NewReader(data))
	if err != nil {
		return nil, problem.Hinted(packAgain, "the archive cannot be unpacked: %w", err)
	}
	return parse(files)
}

// parse makes a chart of files that were inspected.
func parse(files []*loader.BufferedFile) (*helmchart.Chart, error) {
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, problem.Hinted("", "it is no valid chart: %w", err)
	}
	sortDependencies(c)
	return c, nil
}

// inspect reads an archive once before Helm does, to hold back what Helm lets through. That is archives in archives,
// each of which may be unpacked to 100 MiB, links, which it takes for empty files, and YAML that explodes. Nothing is
// ever written to disk, but archives that try to get out of their directory are refused all the same, since other tools
// would follow them. left is how much may still be unpacked.
func inspect(in io.Reader, left *int64, depth int) error {
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return unpackable(err, tgz)
	}
	files := tar.NewReader(&limited{unzipped, left})
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unpackable(err, tgz)
		}
		if err := checkEntry(header); err != nil {
			return err
		}
		_, name, _ := strings.Cut(slashed(header.Name), "/")
		if isParsed(name) {
			data, err := io.ReadAll(files)
			if err != nil {
				return unpackable(err, tgz)
			}
			if err := safeyaml.Check(data, name); err != nil {
				return unhinted(err)
			}
		}
		if !isNestedArchive(name) {
			continue
		}
		if depth == archiveDepth {
			return problem.Hinted("", "the archive has charts in charts more than %d deep", archiveDepth)
		}
		if err := inspect(files, left, depth+1); err != nil {
			return problem.Hinted(problem.HintOf(err), "%s: %w", name, err)
		}
	}
}

// inspectFiles does for the files of a directory what inspect does for an archive.
func inspectFiles(files []*loader.BufferedFile) error {
	left := loader.MaxDecompressedChartSize
	for _, f := range files {
		left -= int64(len(f.Data))
		if left < 0 {
			return errTooLarge
		}
	}
	for _, f := range files {
		if strings.Count(f.Name, "charts/") > nestingDepth {
			return problem.Hinted("", "the chart has charts in charts more than %d deep", nestingDepth)
		}
		if !isNestedArchive(f.Name) {
			continue
		}
		if err := inspect(bytes.NewReader(f.Data), &left, 1); err != nil {
			return problem.Hinted(problem.HintOf(err), "%s: %w", f.Name, err)
		}
	}
	return nil
}

// nestedArchive is what Helm unpacks as a dependency, at any depth of directories.
var nestedArchive = regexp.MustCompile(`^(charts/[^/._][^/]*/)*charts/[^/._][^/]*\.tgz$`)

// isNestedArchive tells whether a file, named relative to its chart, is the archive of a dependency.
func isNestedArchive(name string) bool { return nestedArchive.MatchString(path.Clean(name)) }

// parsed is what Helm parses of a chart, and of those in it, when it loads them.
var parsed = regexp.MustCompile(
	`^(charts/[^/]+/)*(Chart\.yaml|Chart\.lock|values\.yaml|requirements\.yaml|requirements\.lock)$`)

// isParsed tells whether a file, named relative to its chart, is YAML that loading the chart parses.
func isParsed(name string) bool { return parsed.MatchString(path.Clean(name)) }

// slashed returns a name as Helm reads it: archives that were made on Windows may have backslashes.
func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }

func checkEntry(h *tar.Header) error {
	name := slashed(h.Name)
	switch {
	case path.IsAbs(name), slices.Contains(strings.Split(name, "/"), ".."):
		return problem.Hinted("do not use this archive", "the archive has a file that lies outside of it: %q", h.Name)
	case h.Typeflag == tar.TypeSymlink, h.Typeflag == tar.TypeLink:
		return problem.Hinted("package it again, with files in place of links", "the archive has a link: %q", h.Name)
	case strings.Count(name, "charts/") > nestingDepth:
		return problem.Hinted("", "the archive has charts in charts more than %d deep", nestingDepth)
	case h.Size > loader.MaxDecompressedFileSize:
		return errTooLarge
	}
	return nil
}

// unpackable says why an archive cannot be unpacked that should be what.
func unpackable(err error, what string) error {
	switch {
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return problem.Hinted(packAgain, "the archive is truncated")
	}
	return problem.Hinted(packAgain, "the archive is not the %s: %w", what, err)
}

// limited counts down what is read, and fails when nothing is left.
type limited struct {
	in   io.Reader
	left *int64
}

// Read implements [io.Reader].
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	if *l.left -= int64(n); *l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
