package manifest

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// files are what a source can name files in: the repository, an artifact, or the archive of a chart. Names are
// slash-separated paths from its root, without "..".
type files interface {
	// read returns a file. The error names the file, unless it is fs.ErrNotExist since there is none.
	read(name string) ([]byte, error)
	// glob returns the names that match a pattern with **, in lexical order.
	glob(pattern string) ([]string, error)
	// names returns the names in the source's own directory, without those of directories, sorted.
	names() ([]string, error)
	// directory is the source's own directory.
	dir() string
	// label names a file in messages.
	label(name string) string
}

// repositoryFiles are the files of the repository, or of an artifact.
type repositoryFiles struct {
	fsys  fs.FS
	limit int64  // of the size of each
	name  string // of the artifact, in messages
}

func (f repositoryFiles) read(name string) ([]byte, error) {
	return hierarchy.ReadFile(f.fsys, name, f.label(name), f.limit)
}
func (f repositoryFiles) glob(pattern string) ([]string, error) {
	// what it may not look into is not left out in silence
	return doublestar.Glob(f.fsys, pattern, doublestar.WithFailOnIOErrors())
}
func (f repositoryFiles) label(name string) string { return path.Join(f.name, name) }

// directoryFiles are the files of the repository, for a source in one of its directories.
type directoryFiles struct {
	repositoryFiles
	path string
}

// artifactFiles are the files of an artifact, for a source in one of its directories.
type artifactFiles struct{ directoryFiles }

func (f directoryFiles) dir() string { return f.path }

func (f directoryFiles) names() ([]string, error) {
	entries, err := fs.ReadDir(f.fsys, f.path)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, entry := range entries {
		if !entry.IsDir() {
			out = append(out, entry.Name())
		}
	}
	return out, nil
}

// chartFiles are the files of a chart's archive.
type chartFiles struct {
	name string
	raw  []*helmchart.File
}

func (f chartFiles) read(name string) ([]byte, error) {
	for _, file := range f.raw {
		if file.Name == name {
			return file.Data, nil
		}
	}
	return nil, fs.ErrNotExist
}

func (f chartFiles) glob(pattern string) ([]string, error) {
	if !doublestar.ValidatePattern(pattern) {
		return nil, doublestar.ErrBadPattern
	}
	var out []string
	for _, file := range f.raw {
		if doublestar.MatchUnvalidated(pattern, file.Name) {
			out = append(out, file.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (f chartFiles) names() ([]string, error) {
	var out []string
	for _, file := range f.raw {
		if !strings.Contains(file.Name, "/") {
			out = append(out, file.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (f chartFiles) dir() string              { return "." }
func (f chartFiles) label(name string) string { return path.Join(f.name, name) }

// files returns the files of a source, after checking that there is such a directory in the repository or the artifact,
// or such a chart.
func (r *Renderer) files(ctx context.Context, s *source) (files, error) {
	if err := r.checkAddress(s); err != nil {
		return nil, err
	}
	switch {
	case s.Chart != "":
		prepared, err := r.prepared(ctx, s)
		if err != nil {
			return nil, err
		}
		return chartFiles{prepared.name, prepared.files}, nil
	case s.IsOCI():
		artifact, err := r.options.Charts.Artifact(ctx, chart.ReferenceOf(&s.ApplicationSource))
		if err != nil {
			return nil, err
		}
		s.fsys = artifact
		dir := directoryFiles{repositoryFiles{artifact, r.fileSize(), path.Base(s.RepoURL)}, s.dir()}
		return artifactFiles{dir}, dir.check(s.Path, "artifact")
	}
	s.fsys = r.options.Repository
	dir := directoryFiles{r.repositoryFiles(), s.dir()}
	return dir, dir.check(s.Path, "repository")
}

// check fails if there is no such directory in what it should be in, which the source names as given.
func (f directoryFiles) check(given, where string) error {
	info, err := fs.Stat(f.fsys, f.path)
	label := f.label(f.path)
	switch {
	case path.IsAbs(given):
		return problem.New("", 0, "the path %s is absolute", given).
			WithHint("paths are relative to the root of the %s", where)
	case !fs.ValidPath(f.path):
		return problem.New("", 0, "the path %s is outside the %s", given, where)
	case errors.Is(err, fs.ErrNotExist):
		return problem.New(label, 0, "there is no such directory in the %s", where)
	case err != nil:
		return problem.New(label, 0, "cannot be read: %w", cause(err))
	case !info.IsDir():
		return problem.New(label, 0, "is not a directory")
	}
	return nil
}

func (r *Renderer) repositoryFiles() repositoryFiles {
	return repositoryFiles{fsys: r.options.Repository, limit: r.fileSize()}
}

func (r *Renderer) fileSize() int64 { return cmp.Or(r.options.FileSize, hierarchy.MaxFileSize) }

// cause takes the name out of an error of a file system, which the message has already.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// directory is the path of a source in the repository.
func (s *source) dir() string {
	if s.located != "" {
		return s.located
	}
	return path.Clean(s.Path)
}
