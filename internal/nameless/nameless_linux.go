package nameless

import (
	"os"

	"golang.org/x/sys/unix"
)

// withoutName returns a file that never had a name; nil where the file system has none.
func withoutName(directory string) *os.File {
	const owner = 0o600
	descriptor, err := unix.Open(directory, unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL|unix.O_CLOEXEC, owner)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(descriptor), directory)
}
