package archive

import (
	"archive/tar"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// ReadGit reads the Git repository of an archive, which [Read] leaves out: the directory .git at its root, as a tree of
// its own. What is neither file nor directory in it is left out. It fails as Read does.
func ReadGit(r io.Reader, limits Limits) (*Tree, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("the archive is not compressed with gzip: %w", err)
	}
	reader := &reader{tree: &Tree{root: newDirectory(".")}, limits: limits, sum: sha256.New()}
	ofGit := func(header *tar.Header, content io.Reader) error {
		name, is := strings.CutPrefix(path.Clean("/"+header.Name), "/.git/")
		if !is || header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeDir {
			return nil
		}
		inside := *header
		inside.Name = name
		return reader.add(&inside, content)
	}
	if err := reader.all(unzipped, ofGit); err != nil {
		reader.tree.Close()
		return nil, err
	}
	return reader.done(), nil
}
