// Package programs finds the other executables that are installed with this one.
package programs

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the executable of a name: the one beside this executable, or else that in PATH. It returns false if it
// is in neither place.
func Find(name string) (string, bool) {
	if self, err := os.Executable(); err == nil {
		if self, err = filepath.EvalSymlinks(self); err == nil {
			beside := filepath.Join(filepath.Dir(self), name)
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				return beside, true
			}
		}
	}
	program, err := exec.LookPath(name)
	return program, err == nil
}
