package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// servedAlone starts an Argo CD of its own for a test, with our plugin server only.
func servedAlone(t *testing.T, index int) *argoCD {
	t.Helper()
	argo, err := startArgoCD(host, temporary(t), index, nativeServer)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			argo.logEnds(t, argo.version, 10)
		}
		argo.stop()
	})
	return argo
}

// stalled makes requests at once, more than there are workers, and returns when all are received: the workers are
// stopped, and have one each.
func (a *argoCD) stalled(t *testing.T, wants []want) (*load, []int) {
	t.Helper()
	pids := children(a.process(nativeServer).cmd.Process.Pid)
	require.Len(t, pids, workers)
	send(t, syscall.SIGSTOP, pids...)
	l := a.load(t, wants)
	eventually(t, "all wait", func() error {
		if now := a.metrics(t); int(now["cmp_server_waiting"]) != len(wants)-workers {
			return fmt.Errorf("%v wait", now["cmp_server_waiting"])
		}
		return nil
	})
	return l, pids
}

// Whatever ends in the middle of requests, no answer is a success with other objects than the right ones, and the next
// requests are answered.
func TestFaults(t *testing.T) {
	repository := newFleet(t)
	wants := wants(t, repository, 8)
	for i := range argocdDirectories {
		argo := servedAlone(t, i)
		t.Run(argo.version, func(t *testing.T) {
			argo.succeeds(t, wants...) // so that workers are warm
			before := openFiles(t, argo.process(nativeServer).cmd.Process.Pid)

			t.Run("a worker is killed", func(t *testing.T) {
				l, pids := argo.stalled(t, wants)
				send(t, syscall.SIGKILL, pids[0])
				send(t, syscall.SIGCONT, pids[1:]...)
				require.LessOrEqual(t, l.failures(), 1, "others do not notice")
				argo.succeeds(t, wants...)
			})
			t.Run("all workers are killed", func(t *testing.T) {
				l, pids := argo.stalled(t, wants)
				send(t, syscall.SIGKILL, pids...)
				require.LessOrEqual(t, l.failures(), len(pids), "new workers do what waits")
				argo.succeeds(t, wants...)
			})
			t.Run("repo-server is killed", func(t *testing.T) {
				l, pids := argo.stalled(t, wants)
				send(t, syscall.SIGKILL, argo.process("argocd-repo-server").cmd.Process.Pid)
				require.Equal(t, len(wants), l.failures())
				send(t, syscall.SIGCONT, pids...)
				require.NoError(t, argo.restart("argocd-repo-server"))
				argo.succeeds(t, wants...)
			})
			eventually(t, "nothing is left open", func() error { return argo.nothingLeft(t, before) })
			t.Run("the server is killed", func(t *testing.T) {
				l, pids := argo.stalled(t, wants)
				send(t, syscall.SIGKILL, argo.process(nativeServer).cmd.Process.Pid)
				require.Equal(t, len(wants), l.failures())
				send(t, syscall.SIGCONT, pids...)
				eventually(t, "workers end with their server", func() error { return gone(pids) })
				require.NoError(t, argo.restart(nativeServer))
				argo.succeeds(t, wants...)
			})
			t.Run("the server is told to stop", func(t *testing.T) {
				l, pids := argo.stalled(t, wants)
				send(t, syscall.SIGTERM, argo.process(nativeServer).cmd.Process.Pid)
				eventually(t, "nobody new is served", func() error {
					if host.listening("unix", filepath.Join(argo.process(nativeServer).cmd.Dir, "plugins", argo.native+
						".sock")) == nil {
						return fmt.Errorf("it still listens")
					}
					return nil
				})
				send(t, syscall.SIGCONT, pids...)
				require.NoError(t, l.failed(), "what was received is answered")
				<-argo.process(nativeServer).done
				require.True(t, argo.process(nativeServer).cmd.ProcessState.Success(),
					argo.process(nativeServer).cmd.ProcessState)
				require.NoError(t, gone(pids))
				require.NoError(t, argo.restart(nativeServer))
				argo.succeeds(t, wants...)
			})
		})
	}
}

// nothingLeft reports what of requests that ended is still there: open files of the server, files, and memory of
// archives.
func (a *argoCD) nothingLeft(t *testing.T, before int) error {
	t.Helper()
	p := a.process(nativeServer)
	const allowed = 2 // those of workers that were replaced may be closed later
	if now := openFiles(t, p.cmd.Process.Pid); now > before+allowed {
		return fmt.Errorf("%d open files, where %d were before", now, before)
	}
	entries, err := os.ReadDir(filepath.Join(p.cmd.Dir, "plugin-tmp"))
	require.NoError(t, err)
	if len(entries) > 0 {
		return fmt.Errorf("%d files are left, such as %s", len(entries), entries[0].Name())
	}
	if waiting := a.metrics(t)["cmp_server_waiting"]; waiting > 0 {
		return fmt.Errorf("%v requests wait", waiting)
	}
	return nil
}

// killed makes requests, kills a server in the midst of them, starts it again, and counts those that fail.
func (a *argoCD) killed(t *testing.T, name string, wants []want, wait func(l *load)) (failures int) {
	t.Helper()
	l := a.loadFor(t, lost, wants)
	wait(l)
	send(t, syscall.SIGKILL, a.process(name).cmd.Process.Pid)
	require.NoError(t, a.restart(name))
	failures = l.failures()
	a.succeeds(t, wants[0])
	return failures
}

// works waits until a worker of our server works, or all is answered.
func (a *argoCD) works(t *testing.T, l *load) {
	t.Helper()
	for a.metrics(t)["cmp_server_workers_busy"] == 0 {
		select {
		case <-l.done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// lost is how long requests wait in the midst of which something is killed. repo-server 3.6 never gives one up that has
// connected to the plugin server at the wrong moment (BlockingNewClient in util/grpc, without a deadline).
const lost = 15 * time.Second

// The same while repositories are sent, at whatever moment.
func TestFaultsInStreams(t *testing.T) {
	repository := newFleet(t)
	repository.fill(t, "extra", 3000)
	wants := wants(t, repository, 8)
	for i := range argocdDirectories {
		argo := servedAlone(t, i)
		t.Run(argo.version, func(t *testing.T) {
			argo.succeeds(t, wants...)
			for _, name := range []string{nativeServer, "argocd-repo-server"} {
				failures := 0
				for _, after := range []time.Duration{0, 50, 100, 200, 400} {
					failures += argo.killed(t, name, wants, func(*load) { time.Sleep(after * time.Millisecond) })
				}
				t.Logf("%s was killed five times: %d of %d requests failed", name, failures, 5*len(wants))
				// Of repo-server, Argo CD's client asks again. Where the machine is slow, none may have been hit yet.
				for name == nativeServer && failures == 0 {
					failures = argo.killed(t, name, wants, func(l *load) { argo.works(t, l) })
				}
			}
			require.NoError(t, argo.load(t, wants).failed())
		})
	}
}
