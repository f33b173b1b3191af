package hierarchy

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// How large files may be, in bytes. That is far more than they need. It is little enough that a file which was put into
// the repository by mistake or in bad faith does not exhaust the sidecar's memory.
const (
	// MaxFileSize is for what people write, unless fleet.yaml says otherwise (spec.limits.fileSize).
	MaxFileSize = 1 << 20
	// MaxStreamSize is for files with the objects of a whole fleet, which a program wrote.
	MaxStreamSize = 64 << 20

	// SmallestFileSize and LargestFileSize are the bounds of spec.limits.fileSize.
	SmallestFileSize = 1 << 10
	LargestFileSize  = 10 << 20
)

// ReadFile reads a whole file of fsys that people write; name is what messages call it. It fails if the file cannot be
// read, is not a regular file, or is larger than the limit. Of a missing file, errors.Is(err, fs.ErrNotExist).
func ReadFile(fsys fs.FS, path, name string, limit int64) ([]byte, error) {
	data, err := worktree.ReadFile(fsys, path, limit)
	switch {
	case err == nil:
		return data, nil
	case Absent(err) && isLink(fsys, path):
		err = ErrDangling
	case errors.Is(err, worktree.ErrTooLarge):
		return nil, CheckSize(name, limit+1, limit)
	case errors.Is(err, worktree.ErrIrregular), errors.Is(err, syscall.EISDIR):
		return nil, problem.New(name, 0, "is not a regular file").WithHint("put one there, or remove it")
	}
	return nil, unreadable(name, err)
}

// ReadAll reads what a reader has up to its end; name is what messages call it. It fails if that cannot be read, or is
// more than the limit.
func ReadAll(reader io.Reader, name string, limit int64) ([]byte, error) {
	var data bytes.Buffer
	if file, is := reader.(fs.File); is {
		// A buffer that grows by itself takes up to three times what the file has.
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			if err := CheckSize(name, info.Size(), limit); err != nil {
				return nil, err
			}
			data.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	if _, err := data.ReadFrom(io.LimitReader(reader, limit+1)); err != nil {
		return nil, unreadable(name, err)
	}
	return data.Bytes(), CheckSize(name, int64(data.Len()), limit)
}

// CheckSize fails if something is larger than the limit, and says how that can be raised.
func CheckSize(name string, size, limit int64) error {
	if size <= limit {
		return nil
	}
	p := problem.New(name, 0, "is larger than %s", limits.SizeText(limit))
	if limit >= LargestFileSize || name == FleetFile {
		return p.WithHint("is this the right file? The limit cannot be raised")
	}
	return p.WithHint("is this the right file? Only spec.limits.fileSize in %s raises the limit", FleetFile)
}
