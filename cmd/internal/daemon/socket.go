package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// A socket is where argocd-repo-server looks for the plugin. It is a file that only the user of this process may use.
type socket struct {
	net.Listener
	name string
	file os.FileInfo
}

// listen listens on a socket, in the place of one that an earlier server has left. It is there at once, with its mode.
// It fails if something else is there, or another server that listens.
func listen(name string) (*socket, error) {
	if err := checkPlace(name); err != nil {
		return nil, err
	}
	next := strings.TrimSuffix(name, ".sock") + ".next" // as long, since the names of sockets cannot be long
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, denied("what an earlier server has left cannot be removed", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: next, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("%w; the directory of the socket is a volume that is shared with argocd-repo-server "+
			"(ARGOCD_PLUGINSOCKFILEPATH)", err)
	}
	listener.SetUnlinkOnClose(false)
	s := &socket{Listener: listener, name: name}
	const ownerOnly = 0o600
	if err = os.Chmod(next, ownerOnly); err == nil {
		s.file, err = os.Lstat(next)
	}
	if err == nil {
		err = os.Rename(next, name)
	}
	if err != nil {
		_ = os.Remove(next)
		return nil, errors.Join(denied("the socket cannot take its place", err), listener.Close())
	}
	return s, nil
}

// denied returns the error of a file in the directory of the socket, with what to do about it.
func denied(what string, err error) error {
	return fmt.Errorf("%s: %w; remove it, or run this container as the user whose it is (securityContext.runAsUser)",
		what, err)
}

// checkPlace fails if a socket cannot take a place.
func checkPlace(name string) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("%s is no socket: remove it", name)
	}
	const soon = time.Second
	connection, err := net.DialTimeout("unix", name, soon)
	if err == nil {
		_ = connection.Close() // nothing was said
	}
	return whose(name, err)
}

// whose fails if a socket that answers with err is not one that a server has left, which can be replaced: nobody
// listens on that, or it is gone meanwhile. Where the answer tells nothing, the socket may be that of a server that
// works.
func whose(name string, err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return nil
	case err == nil, errors.Is(err, syscall.EAGAIN): // as many connections wait for it as may
		return fmt.Errorf("another server listens on %s: give one of the two another metadata.name in plugin.yaml",
			name)
	}
	return denied(name+" is there, and cannot be asked whether a server listens", err)
}

// check fails if the socket is not there any more, or that of another server.
func (s *socket) check() error {
	info, err := os.Lstat(s.name)
	if err != nil {
		return fmt.Errorf("the socket is gone: %w", err)
	}
	if !os.SameFile(info, s.file) {
		return fmt.Errorf("the socket %s is that of another server", s.name)
	}
	return nil
}

// leave takes the socket away, so that nobody asks any more, unless it is that of another server.
func (s *socket) leave() {
	if s.check() == nil {
		_ = os.Remove(s.name) // if it is gone, so it shall be
	}
}
