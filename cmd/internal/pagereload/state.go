package pagereload

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
)

// mostFiles is how many files are looked at for changes.
const mostFiles = 200_000

// StateOf returns a text that is another one when a file in one of the directories is: by its name, size and time. What
// is in .git does not count, and neither do files beyond the first 200,000, nor what cannot be looked at.
func StateOf(directories ...string) string {
	sum, left := fnv.New128a(), mostFiles
	for _, directory := range directories {
		_ = filepath.WalkDir(directory, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // it counts as gone
			case entry.IsDir() && entry.Name() == ".git":
				return fs.SkipDir
			case left == 0:
				return fs.SkipAll
			}
			left--
			if info, err := os.Lstat(name); err == nil && !info.IsDir() {
				fmt.Fprintf(sum, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return string(sum.Sum(nil))
}
