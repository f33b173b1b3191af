package directory

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// maxSize is the size of all manifests together above which Argo CD refuses a directory
// (reposerver.max.combined.directory.manifests.size).
const maxSize = 10 << 20

// skipMarker, anywhere in a file, makes Argo CD ignore it
// (https://argo-cd.readthedocs.io/en/stable/user-guide/directory/#skipping-file-rendering).
const skipMarker = "+argocd:skip-file-rendering"

// Options are what an Application says about a directory source, spec.source.directory.
type Options struct {
	Recurse          bool
	Include, Exclude string
	// DisableExtensionFilter makes all files count that Include and Exclude leave, whatever their names end with. Argo
	// CD has it since 3.6, the linked type does not.
	DisableExtensionFilter bool
}

// An Object is one object, with the name of its file in the repository.
type Object struct {
	File  string
	Value map[string]any
}

// Read returns the objects in a directory of the repository, given by its path with slashes, as a version of Argo CD
// does (reposerver/repository.findManifests, https://argo-cd.readthedocs.io/en/stable/user-guide/directory/):
//
//   - Files ending in .yaml, .yml and .json count (with DisableExtensionFilter all, as YAML), in the order of their
//     names; those in directories below only with Recurse.
//   - Exclude, and then Include, are glob patterns over the path below the directory, where * also matches slashes and
//     {a,b} gives alternatives. A pattern that is wrong is an error, where Argo CD only logs it.
//   - Files with the marker +argocd:skip-file-rendering are left out, and so are links to nothing or to directories.
//   - YAML files may hold several documents. One that cannot be read is ignored, unless it looks like a manifest (holds
//     apiVersion:, kind: and metadata:) or objects stand before the mistake. JSON files hold one object.
//   - Files that belong to other tools, such as Chart.yaml and kustomization.yaml, are treated as any other.
//   - Lists are taken apart. Numbers are float64.
//
// It fails, with one line that names file and line, on manifests that cannot be read, on links that leave the
// repository, above 10 MiB in total, and on .jsonnet files that are not excluded: Argo CD evaluates them, here no
// Jsonnet is linked.
func Read(fsys fs.FS, dir string, options Options, of argocd.Version) ([]Object, error) {
	r, err := newReader(fsys, dir, options)
	if err != nil {
		return nil, err
	}
	r.marker = of.SkipMarker
	var files []manifest
	err = fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(name, err)
		case !entry.IsDir():
			file, err := r.read(name, entry)
			if file != nil {
				files = append(files, *file)
			}
			return err
		case name != dir && !options.Recurse:
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, file := range files {
		file.braceIsJSON = of.BraceIsJSON
		parsed, err := file.objects()
		if err != nil {
			return nil, err
		}
		for _, value := range parsed {
			objects = append(objects, Object{file.name, value})
		}
	}
	return objects, nil
}

type reader struct {
	fsys             fs.FS
	dir              string
	include, exclude glob.Glob // nil: not given
	all              bool      // files count whatever their names end with
	marker           bool      // those with skipMarker are left out
	size             int64
}

// A manifest is a file that may hold objects.
type manifest struct {
	name        string
	data        []byte // as UTF-8
	braceIsJSON bool   // if it begins with a brace
}

func newReader(fsys fs.FS, dir string, options Options) (*reader, error) {
	r := &reader{fsys: fsys, dir: dir, all: options.DisableExtensionFilter}
	if !fs.ValidPath(dir) {
		return nil, problem.New(dir, 0, "is no path of the repository")
	}
	info, err := fs.Stat(fsys, dir)
	switch {
	case err != nil:
		return nil, unreadable(dir, err)
	case !info.IsDir():
		return nil, problem.New(dir, 0, "is a file, not a directory")
	}
	if r.include, err = compile(dir, "include", options.Include); err != nil {
		return nil, err
	}
	r.exclude, err = compile(dir, "exclude", options.Exclude)
	return r, err
}

func compile(dir, option, pattern string) (glob.Glob, error) {
	if pattern == "" {
		return nil, nil
	}
	compiled, err := glob.Compile(pattern)
	if err != nil {
		return nil, problem.New(dir, 0, "the Application's directory.%s %q is no glob pattern: %w", option, pattern,
			err)
	}
	return compiled, nil
}

// read returns a file if it may hold objects, or nil.
func (r *reader) read(name string, entry fs.DirEntry) (*manifest, error) {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json", ".jsonnet":
	default:
		if !r.all {
			return nil, nil
		}
	}
	info, err := r.info(name, entry)
	if err != nil || info == nil || !info.Mode().IsRegular() {
		return nil, err
	}
	below := strings.TrimPrefix(name, r.dir+"/")
	if r.exclude != nil && r.exclude.Match(below) || r.include != nil && !r.include.Match(below) {
		return nil, nil
	}
	if info.Size() > maxSize {
		return nil, r.tooLarge(name)
	}
	data, err := r.content(name)
	if err != nil {
		return nil, err
	}
	if r.marker && bytes.Contains(data, []byte(skipMarker)) {
		return nil, nil
	}
	if path.Ext(name) == ".jsonnet" {
		return nil, problem.New(name, 0, "is Jsonnet, which is not evaluated here").
			WithHint("exclude it (directory.exclude), or commit what it makes; Argo CD itself would evaluate it")
	}
	if r.size += info.Size(); r.size > maxSize {
		return nil, r.tooLarge(name)
	}
	return &manifest{name: name, data: data}, nil
}

// info returns what a file, or the file that a link leads to, is; nil if the link leads to nothing.
func (r *reader) info(name string, entry fs.DirEntry) (fs.FileInfo, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		info, err := entry.Info()
		if err != nil {
			return nil, unreadable(name, err)
		}
		return info, nil
	}
	target, err := fs.ReadLink(r.fsys, name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	// Not every fs.FS tells a link that leaves it from one that leads to nothing.
	if path.IsAbs(target) || !fs.ValidPath(path.Join(path.Dir(name), target)) {
		return nil, problem.New(name, 0, "is a link that leaves the repository").
			WithHint("copy the file into the repository")
	}
	info, err := fs.Stat(r.fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, unreadable(name, err)
	}
	return info, nil
}

// content returns a file as UTF-8: like Argo CD, it heeds the byte order marks of UTF-8 and UTF-16.
func (r *reader) content(name string) ([]byte, error) {
	data, err := worktree.ReadFile(r.fsys, name, maxSize)
	if errors.Is(err, worktree.ErrTooLarge) {
		return nil, r.tooLarge(name)
	}
	if err != nil {
		return nil, unreadable(name, err)
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), data)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return text, nil
}

func (r *reader) tooLarge(name string) error {
	return problem.New(name, 0, "with it, the manifests of %s are larger than %d MiB", r.dir, maxSize>>20).
		WithHint("exclude large files (directory.exclude), or divide the directory; Argo CD has the same limit")
}

func unreadable(name string, err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err // its path repeats the name
	}
	if errors.Is(err, worktree.ErrEscapes) {
		return problem.New(name, 0, "leaves the repository").WithHint("copy the file into the repository")
	}
	return problem.New(name, 0, "cannot be read: %w", err)
}
