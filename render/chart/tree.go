package chart

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Files returns files, such as those of a chart, as a file system. It fails for names that no file system has, such as
// ../a, and for a file that is a directory of another.
func Files(files []*helmchart.File) (fs.FS, error) {
	t := newTree()
	for _, f := range files {
		if err := t.addFile(f.Name, f.Data); err != nil {
			return nil, err
		}
	}
	return t.fileSystem()
}

// A tree is files and directories by their paths.
type tree struct {
	files       map[string][]byte
	directories map[string]bool
}

func newTree() *tree { return &tree{files: map[string][]byte{}, directories: map[string]bool{}} }

// addFile adds a file, in place of one that has its name already.
func (t *tree) addFile(name string, data []byte) error {
	name, err := t.clean(name)
	if err != nil {
		return err
	}
	if t.directories[name] || name == "." {
		return errBothKinds(name)
	}
	t.files[name] = data
	return t.addDirectory(path.Dir(name))
}

// addDirectory adds a directory, with those above it.
func (t *tree) addDirectory(name string) error {
	name, err := t.clean(name)
	if err != nil {
		return err
	}
	for ; name != "."; name = path.Dir(name) {
		if _, is := t.files[name]; is {
			return errBothKinds(name)
		}
		t.directories[name] = true
	}
	if len(t.files)+len(t.directories) > directoryEntries {
		return problem.Hinted("", "it holds more than %d files", directoryEntries)
	}
	return nil
}

func (t *tree) clean(name string) (string, error) {
	clean := path.Clean(name)
	if !fs.ValidPath(clean) || strings.Contains(clean, `\`) {
		return "", problem.Hinted("rename it", "it holds a file with a name that cannot be used: %q", name)
	}
	if strings.Count(clean, "/") > directoryDepth {
		return "", problem.Hinted("", "it holds directories that are more than %d deep", directoryDepth)
	}
	return clean, nil
}

func errBothKinds(name string) error {
	return problem.Hinted("package it again", "it holds both a file and a directory of the name %q", name)
}

// fileSystem returns the tree in memory.
func (t *tree) fileSystem() (fs.FS, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(t.directories)) {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: name + "/", Method: zip.Store}); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(t.files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

// unpack returns what is in the archive of an artifact. The media type "" is that of charts.
func unpack(mediaType string, data []byte) (contents, error) {
	var in io.Reader = bytes.NewReader(data)
	if mediaType != ocispec.MediaTypeImageLayer {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return contents{}, unpackable(err, layerArchive)
		}
		in = unzipped
	}
	left := loader.MaxDecompressedChartSize
	t := newTree()
	if err := t.addArchive(tar.NewReader(&limited{in, &left})); err != nil {
		return contents{}, err
	}
	files, err := t.fileSystem()
	if err == nil && mediaType == "" {
		files, err = withoutTop(files)
	}
	used := loader.MaxDecompressedChartSize - left
	return contents{key: mediaType + " " + digestOf(data), files: files, bytes: int(used)}, err
}

const layerArchive = "archive that its type says"

// addArchive adds the files and directories of an archive; what else there may be, Argo CD leaves out too.
func (t *tree) addArchive(entries *tar.Reader) error {
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unpackable(err, layerArchive)
		}
		if err := checkEntry(header); err != nil {
			return err
		}
		switch header.Typeflag {
		case tar.TypeReg:
			data, err := io.ReadAll(entries)
			if err != nil {
				return unpackable(err, layerArchive)
			}
			if err := t.addFile(header.Name, data); err != nil {
				return err
			}
		case tar.TypeDir:
			if err := t.addDirectory(header.Name); err != nil {
				return err
			}
		}
	}
}

// withoutTop returns the directory at the top of the archive of a chart.
func withoutTop(files fs.FS) (fs.FS, error) {
	top, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	if len(top) != 1 || !top[0].IsDir() {
		return nil, problem.Hinted("push it with helm push",
			"the archive of a chart must hold one directory, and nothing beside it")
	}
	return fs.Sub(files, top[0].Name())
}
