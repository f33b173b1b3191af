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
	s.processes = append(s.processes, p)
	return p.wait(ready)
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
