package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// process is a server that runs beside the tests.
type process struct {
	name  string
	log   string // the file with its standard output and error
	cmd   *exec.Cmd
	ready func() error  // whether it does what it is for
	done  chan struct{} // closed when it has ended
}

// startProcess starts a server with no more than the given environment; its output goes to directory/NAME.log.
func startProcess(n *network, directory string, env []string, program string, args ...string) (*process, error) {
	p := &process{name: filepath.Base(program), done: make(chan struct{})}
	p.log = filepath.Join(directory, p.name+".log")
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(program, args...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = directory, env, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := n.start(p.cmd); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// stop ends the server and what it started, at once: nothing of it is worth a farewell.
func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// wait polls until ready reports no error, but no longer than the server lives, and at most three minutes: machines
// of CI are slow.
func (p *process) wait(ready func() error) error {
	deadline := time.Now().Add(3 * time.Minute)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after three minutes: %w", p.name, err)
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s has ended: %s\n%s", p.name, p.cmd.ProcessState, p.tail(20))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// tail returns the last lines of the log that are more than information.
func (p *process) tail(lines int) string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	all := slices.DeleteFunc(strings.Split(string(bytes.TrimSpace(text)), "\n"), func(line string) bool {
		return strings.Contains(line, `"level":"info"`) || strings.Contains(line, "level=info")
	})
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// listening reports whether somebody listens.
func (n *network) listening(kind, address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	connection, err := n.dial(ctx, kind, address)
	if err != nil {
		return err
	}
	return connection.Close()
}
