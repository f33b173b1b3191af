package chart

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

const (
	// Links to directories above them can make a directory endless; these are the bounds at which that is noticed.
	directoryDepth   = 64
	directoryEntries = 20_000
)

// readDirectory reads a chart from a directory of the repository, without adding dependencies. A chart that was read
// before with the same content is not parsed again.
func (c *Cache) readDirectory(fsys fs.FS, directory string) (*helmchart.Chart, error) {
	info, err := fs.Stat(fsys, directory)
	if err != nil || !info.IsDir() {
		return nil, missingDirectory(directory, err)
	}
	r := directoryReader{fsys: fsys, root: directory}
	if err := r.readIgnoreRules(); err != nil {
		return nil, err
	}
	if err := r.walk("", 0); err != nil {
		return nil, err
	}
	digest := contentDigest(r.files)
	if ch := c.remembered(digest); ch != nil {
		return ch, nil
	}
	for _, f := range r.files {
		if isParsed(f.Name) {
			if err := safeyaml.Check(f.Data, path.Join(directory, f.Name)); err != nil {
				return nil, err
			}
		}
	}
	if err := inspectFiles(r.files); err != nil {
		return nil, err
	}
	ch, err := parse(r.files)
	if err != nil {
		return nil, err
	}
	return c.remember(digest, ch), nil
}

func missingDirectory(directory string, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return problem.New(directory, 0, "there is no such directory, but it should hold a Helm chart").
			WithHint("check the path")
	}
	return unreadable(directory, err)
}

func unreadable(file string, err error) error {
	var in *fs.PathError
	if errors.As(err, &in) { // the path is said already
		err = in.Err
	}
	return problem.New(file, 0, "cannot be read: %w", err).
		WithHint("if it is a link, it must lead to a file of the repository")
}

// directoryReader reads the files of a chart as Helm's loader.LoadDir does, but through an fs.FS.
type directoryReader struct {
	fsys    fs.FS
	root    string
	rules   *ignore.Rules
	files   []*loader.BufferedFile
	entries int
	bytes   int64
}

func (r *directoryReader) readIgnoreRules() error {
	file := path.Join(r.root, ignore.HelmIgnore)
	data, err := worktree.ReadFile(r.fsys, file, loader.MaxDecompressedFileSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreadable(file, err)
	}
	if r.rules, err = ignore.Parse(bytes.NewReader(data)); err != nil {
		return problem.New(file, 0, "%w", err)
	}
	r.rules.AddDefaults()
	return nil
}

// walk reads what is in a directory, given relative to the chart's.
func (r *directoryReader) walk(directory string, depth int) error {
	entries, err := fs.ReadDir(r.fsys, path.Join(r.root, directory))
	if err != nil {
		return unreadable(path.Join(r.root, directory), err)
	}
	for _, e := range entries {
		name := path.Join(directory, e.Name())
		file := path.Join(r.root, name)
		if r.entries++; r.entries > directoryEntries || depth > directoryDepth {
			return problem.New(file, 0, "is in a chart of more than %d files, or %d directories deep", directoryEntries,
				directoryDepth).
				WithHint("look for a link to a directory above it")
		}
		info, err := fs.Stat(r.fsys, file) // what a link points to counts
		if err != nil {
			return unreadable(file, err)
		}
		if r.rules.Ignore(name, info) {
			continue
		}
		if info.IsDir() {
			err = r.walk(name, depth+1)
		} else {
			err = r.read(name, file, info)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *directoryReader) read(name, file string, info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return problem.New(file, 0, "is no regular file, but lies in a chart").
			WithHint("remove it, or name it in .helmignore")
	case info.Size() > loader.MaxDecompressedFileSize, r.bytes+info.Size() > loader.MaxDecompressedChartSize:
		return problem.New(file, 0, "makes the chart too large: it may hold 100 MiB, and 5 MiB in one file").
			WithHint("remove it, or name it in .helmignore")
	}
	data, err := worktree.ReadFile(r.fsys, file, loader.MaxDecompressedFileSize)
	if err != nil {
		return unreadable(file, err)
	}
	r.bytes += int64(len(data))
	r.files = append(r.files, &loader.BufferedFile{Name: name, Data: bytes.TrimPrefix(data, []byte("\uFEFF"))})
	return nil
}

// contentDigest stands for the names and content of files.
func contentDigest(files []*loader.BufferedFile) string {
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%q %d\n", f.Name, len(f.Data))
		sum.Write(f.Data)
	}
	return "directory:" + hex.EncodeToString(sum.Sum(nil))
}
