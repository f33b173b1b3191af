package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A want is a request to our server, with the only answer that is right.
type want struct {
	request request
	objects []any
}

// wants are requests for the groups of the example fleet, so many.
func wants(t *testing.T, repository *repository, count int) (all []want) {
	t.Helper()
	known := map[string][]any{}
	for n := range count {
		s := selections()[n%len(selections())]
		if known[s.String()] == nil {
			known[s.String()] = s.rendered(t, repository)
		}
		r := s.request(repository)
		r.app = fmt.Sprintf("app-%d", n)
		all = append(all, want{request: r, objects: known[s.String()]})
	}
	return all
}

// A load is what became of requests that were made at once.
type load struct {
	errors []error // by request
	done   chan struct{}
}

// load makes requests at once, which wait as long as Argo CD's controller does. What is answered with success must be
// right, whatever happens meanwhile.
func (a *argoCD) load(t *testing.T, wants []want) *load {
	t.Helper()
	return a.loadFor(t, callTimeout, wants)
}

// loadFor is load for requests that wait so long.
func (a *argoCD) loadFor(t *testing.T, timeout time.Duration, wants []want) *load {
	t.Helper()
	l := &load{errors: make([]error, len(wants)), done: make(chan struct{})}
	var asked sync.WaitGroup
	for i, w := range wants {
		asked.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			start := time.Now()
			objects, err := a.generateSource(ctx, w.request.app, w.request.paths, w.request.source(a.native))
			if l.errors[i] = err; err == nil {
				assert.Equal(t, w.objects, parse(t, objects), "success with other objects")
			} else {
				assert.Empty(t, objects)
				assert.NotContains(t, err.Error(), canary)
			}
			if took := time.Since(start); took > timeout/2 {
				t.Logf("%s had to wait for %.1f s: %v", w.request.app, took.Seconds(), err)
			}
		})
	}
	go func() {
		asked.Wait()
		close(l.done)
	}()
	return l
}

// failed waits for the answers, and returns what of them is no success.
func (l *load) failed() error {
	<-l.done
	return errors.Join(l.errors...)
}

// failures waits for the answers, and counts those that are no success.
func (l *load) failures() (count int) {
	<-l.done
	for _, err := range l.errors {
		if err != nil {
			count++
		}
	}
	return count
}

// succeeds has one request after the other answered well, as soon as that is possible.
func (a *argoCD) succeeds(t *testing.T, wants ...want) {
	t.Helper()
	eventually(t, "answered again", func() error { return a.load(t, wants[:1]).failed() })
	require.NoError(t, a.load(t, wants).failed())
}

var metric = regexp.MustCompile(`(?m)^(cmp_server_\w+) ([0-9.e+]+)$`)

// metrics are the gauges of our server.
func (a *argoCD) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _,
		_ string) (net.Conn, error) {
		return a.network.dial(ctx, "tcp", a.operations)
	}}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.operations+"/metrics",
		http.NoBody)
	require.NoError(t, err)
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	all := map[string]float64{}
	for _, found := range metric.FindAllStringSubmatch(string(text), -1) {
		value, err := strconv.ParseFloat(found[2], 64)
		require.NoError(t, err)
		all[found[1]] = value
	}
	return all
}

// cpu is the processor time of processes and of what they have started and waited for.
func cpu(pids ...int) time.Duration {
	const ticks = 100 // a second (USER_HZ), of the fields utime, stime, cutime and cstime
	total := int64(0)
	for _, pid := range pids {
		fields := stat(pid)
		for i := 11; i <= 14 && i < len(fields); i++ {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			total += n
		}
	}
	return time.Duration(total) * time.Second / ticks
}

// stat are the fields of /proc/PID/stat from the state on; none if the process has ended.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name is in parentheses, and may have any characters.
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// children are the processes that a process has started, and these theirs.
func children(pid int) (all []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents := map[int]int{}
	for _, file := range stats {
		own, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if fields := stat(own); len(fields) > 1 {
			parents[own], _ = strconv.Atoi(fields[1])
		}
	}
	for own, parent := range parents {
		for at := parent; at > 1; at = parents[at] {
			if at == pid {
				all = append(all, own)
				break
			}
		}
	}
	slices.Sort(all)
	return all
}

// resident is the memory of processes, in bytes. What they share counts for each.
func resident(pids ...int) (total int64) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			continue // it has ended
		}
		pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
		total += pages * int64(os.Getpagesize())
	}
	return total
}

// openFiles is how many files a process has open.
func openFiles(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	require.NoError(t, err)
	return len(entries)
}

// gone reports which processes are still there. One that has ended is gone, though nobody may have waited for it: in a
// container, the first process may wait for none that it did not start.
func gone(pids []int) error {
	for _, pid := range pids {
		if state := stat(pid); len(state) > 0 && state[0] != "Z" && state[0] != "X" {
			return fmt.Errorf("process %d is still there", pid)
		}
	}
	return nil
}

// send sends a signal to processes.
func send(t *testing.T, s syscall.Signal, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		if err := syscall.Kill(pid, s); !errors.Is(err, syscall.ESRCH) {
			require.NoError(t, err)
		}
	}
}

// A sampler notes the largest memory of our server and its workers.
type sampler struct {
	stop chan struct{}
	most chan int64
}

func (a *argoCD) sample() sampler {
	s := sampler{stop: make(chan struct{}), most: make(chan int64)}
	pid := a.process(nativeServer).cmd.Process.Pid
	go func() {
		most := int64(0)
		for {
			most = max(most, resident(append(children(pid), pid)...))
			select {
			case <-s.stop:
				s.most <- most
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return s
}

func (s sampler) end() int64 {
	close(s.stop)
	return <-s.most
}
