//go:build unix

package pluginserver

import (
	"fmt"
	"syscall"
)

// become runs a program in the place of this process. It returns only if that is not possible.
func become(file string, args, environ []string) error {
	err := syscall.Exec(file, args, environ)
	return fmt.Errorf("%s cannot be started: %w", file, err)
}
