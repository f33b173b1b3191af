package e2e

import (
	"errors"
	"os"
	"slices"
	"testing"
)

// servers are processes that are started in a network, one when the one before is ready, and stopped together.
type servers struct {
	network   *network
	processes []*process
}

// launch starts one more server, with its log and its files in a directory.
func (s *servers) launch(ready func() error, directory string, env []string, program string, args ...string) error {
	p, err := startProcess(s.network, directory, env, program, args...)
	if err != nil {
		return err
	}
	p.ready = ready
	s.processes = append(s.processes, p)
	return p.wait(ready)
}

// process returns the server of a name.
func (s *servers) process(name string) *process {
	i := slices.IndexFunc(s.processes, func(p *process) bool { return p.name == name })
	return s.processes[i]
}

// restart starts a server again that ends.
func (s *servers) restart(name string) error {
	old := s.process(name)
	<-old.done
	p, err := startProcess(s.network, old.cmd.Dir, old.cmd.Env, old.cmd.Path, old.cmd.Args[1:]...)
	if err != nil {
		return err
	}
	p.ready = old.ready
	s.processes[slices.Index(s.processes, old)] = p
	return p.wait(p.ready)
}

func (s *servers) stop() {
	for _, p := range s.processes {
		p.stop()
	}
}

// quiet are servers whose logs say nothing about what goes wrong in a test.
var quiet = []string{"redis-server", "etcd", "kube-apiserver"}

// logEnds logs the last lines of each server.
func (s *servers) logEnds(t *testing.T, of string, lines int) {
	t.Helper()
	for _, p := range s.processes {
		if !slices.Contains(quiet, p.name) {
			t.Logf("the end of the log of %s of %s:\n%s", p.name, of, p.tail(lines))
		}
	}
}

// logs is all that the servers have written.
func (s *servers) logs() (map[string]string, error) {
	all := map[string]string{}
	var problems []error
	for _, p := range s.processes {
		text, err := os.ReadFile(p.log)
		problems = append(problems, err)
		all[p.name] = string(text)
	}
	return all, errors.Join(problems...)
}
