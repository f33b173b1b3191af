//go:build unix

package output

import (
	"errors"
	"os"
	"strconv"
	"syscall"
)

// lockDirectory locks a directory until the file is closed, or this process ends. It returns nil if another process has
// it locked, or has removed it.
func lockDirectory(root *os.Root, name string) (*os.File, error) {
	file, err := root.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		now, err := root.Stat(name)
		if was, _ := file.Stat(); err == nil && os.SameFile(now, was) {
			return file, nil
		}
	}
	return nil, file.Close()
}

// identity tells a directory of this machine from all others, and from its copies.
func identity(directory *os.File) string {
	var info syscall.Stat_t
	if err := syscall.Fstat(int(directory.Fd()), &info); err != nil {
		return "unknown"
	}
	return strconv.FormatUint(info.Ino, 10)
}
