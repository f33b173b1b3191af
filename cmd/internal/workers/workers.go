// Package workers has the jobs of a plugin server done by processes that are kept warm. Each does one job at a time, under
// limits of memory and time, and ends alone: whatever happens to it, its job gets one line, and others do not notice.
package workers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// A Config says how many workers there are, and what they may take.
type Config struct {
	Program string   // cmp-stages
	Args    []string // of a worker, the first is the name that it is called by
	Workers int
	Waiting int           // how many jobs may wait for one
	Timeout time.Duration // of a job without a deadline, beyond which its worker is killed
	Log     *slog.Logger
	Notice  func(Event) // is told of what happens; nil: nobody wants to know
}

// An Event is something that happened to a worker, or a job that was done.
type Event struct {
	Command  string
	Seconds  float64 // that the job took, without waiting
	Waited   float64 // seconds until a worker was free
	Warm     bool    // the worker had the repository
	Session  bool    // it also had what was read of it for another job
	Killed   bool    // the worker ended in the job
	Failed   bool
	Findings map[string]int // how many there are of each rule; "" for those of none
}

// A Pool is a number of workers. It implements [server.Workers], and is safe for concurrent use.
type Pool struct {
	config Config

	mu      sync.Mutex
	all     []*worker
	waiting []*waiter // in the order in which they came
	closed  bool
}

// A waiter is a job that waits for a worker.
type waiter struct {
	checksum string
	given    chan *worker
}

// New returns a pool. Its workers are started when they are needed.
func New(c Config) *Pool {
	p := &Pool{config: c}
	for range c.Workers {
		p.all = append(p.all, &worker{config: c})
	}
	return p
}

// Generate implements [server.Workers].
func (p *Pool) Generate(ctx context.Context, j server.Job) ([]string, error) {
	printed, err := p.do(ctx, "generate", j)
	if err != nil {
		return nil, fmt.Errorf("error generating manifests: %w", err)
	}
	return server.Split(printed)
}

// Parameters implements [server.Workers].
func (p *Pool) Parameters(ctx context.Context, j server.Job) ([]byte, error) {
	printed, err := p.do(ctx, "parameters", j)
	if err != nil {
		return nil, fmt.Errorf("get parameters announcement error: error executing dynamic parameter output command: %w", err)
	}
	return printed, nil
}

// Discover implements [server.Workers].
func (p *Pool) Discover(ctx context.Context, j server.Job) (bool, error) {
	printed, err := p.do(ctx, "discover", j)
	if err != nil {
		return false, fmt.Errorf("match repository error: error running find command: %w", err)
	}
	return len(bytes.TrimSpace(printed)) > 0, nil
}

// Close ends all workers, once they have done what they do. No job is begun any more.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	waiting := p.waiting
	p.waiting = nil
	all := p.all
	p.mu.Unlock()
	for _, w := range waiting {
		close(w.given)
	}
	for _, w := range all {
		w.end()
	}
}

// do has a worker do a job, and returns what it prints.
func (p *Pool) do(ctx context.Context, command string, j server.Job) ([]byte, error) {
	if _, has := ctx.Deadline(); !has {
		limited, cancel := context.WithTimeout(ctx, p.config.Timeout)
		defer cancel()
		ctx = limited
	}
	asked := time.Now()
	w, err := p.take(ctx, j.Checksum)
	if err != nil {
		return nil, err
	}
	start, warm := time.Now(), w.keeps(j.Checksum)
	response, killed, err := w.do(ctx, command, j)
	p.give(w)
	failed := err != nil || response.Status != 0
	if p.config.Notice != nil {
		p.config.Notice(Event{Command: command, Seconds: time.Since(start).Seconds(), Waited: start.Sub(asked).Seconds(),
			Warm: warm, Session: response.Session, Killed: killed, Failed: failed, Findings: response.Findings})
	}
	message := bytes.TrimSpace(response.Stderr)
	if err != nil {
		message = fmt.Appendf(nil, "Error: %v", err)
		response.Status = 1
	}
	p.log(ctx, command, j, time.Since(start), failed, message)
	if failed {
		return nil, fmt.Errorf("`cmp %s` failed exit status %d: %s", command, response.Status, message)
	}
	return response.Stdout, nil
}

// log says what was done. Values of the Application are in no line but the messages that its user gets.
func (p *Pool) log(ctx context.Context, command string, j server.Job, took time.Duration, failed bool, message []byte) {
	level := slog.LevelInfo
	if failed {
		level = slog.LevelWarn
	}
	p.config.Log.Log(ctx, level, command, "application", j.App, "path", j.Path, "revision", j.Variable("ARGOCD_APP_REVISION"),
		"group", j.Variable("ARGOCD_ENV_GROUP"), "cluster", j.Variable("ARGOCD_ENV_CLUSTER"),
		"seconds", took.Seconds(), "failed", failed, "messages", string(message))
}

// take returns a worker that has nothing to do: one that has the repository, if there is one.
func (p *Pool) take(ctx context.Context, checksum string) (*worker, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	if w := p.idle(checksum); w != nil {
		w.busy = true
		p.mu.Unlock()
		return w, nil
	}
	if len(p.waiting) >= p.config.Waiting {
		p.mu.Unlock()
		return nil, fmt.Errorf("%w: %d; give the sidecar more CPU, or repo-server fewer requests at once", server.ErrBusy,
			p.config.Waiting)
	}
	own := &waiter{checksum: checksum, given: make(chan *worker, 1)}
	p.waiting = append(p.waiting, own)
	p.mu.Unlock()
	select {
	case w := <-own.given:
		if w == nil {
			return nil, errClosed
		}
		return w, nil
	case <-ctx.Done():
		p.leave(own)
		return nil, fmt.Errorf("no worker was free in time: %w", ctx.Err())
	}
}

var errClosed = fmt.Errorf("the server stops: ask again")

// leave takes a job off those that wait. A worker that it got meanwhile is for another.
func (p *Pool) leave(own *waiter) {
	p.mu.Lock()
	for i, w := range p.waiting {
		if w == own {
			p.waiting = append(p.waiting[:i:i], p.waiting[i+1:]...)
			p.mu.Unlock()
			return
		}
	}
	p.mu.Unlock()
	if w := <-own.given; w != nil {
		p.give(w)
	}
}

// idle returns the best worker that has nothing to do; nil if there is none.
func (p *Pool) idle(checksum string) *worker {
	var best *worker
	for _, w := range p.all {
		switch {
		case w.busy:
		case w.keeps(checksum):
			return w
		case best == nil || len(w.kept) < len(best.kept):
			best = w
		}
	}
	return best
}

// give gives a worker to the job that waits for the longest time, or for the same repository.
func (p *Pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		w.busy = false
		return
	}
	next := 0
	for i, one := range p.waiting[:min(len(p.waiting), p.config.Workers)] { // so that none waits for ever
		if w.keeps(one.checksum) {
			next = i
			break
		}
	}
	own := p.waiting[next]
	p.waiting = append(p.waiting[:next:next], p.waiting[next+1:]...)
	own.given <- w
}

// Waiting returns how many jobs wait for a worker.
func (p *Pool) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting)
}

// Running returns how many workers there are as processes.
func (p *Pool) Running() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, w := range p.all {
		if w.running() {
			n++
		}
	}
	return n
}

// worker is one process, or its place while there is none. Whoever took it from the pool has it alone.
type worker struct {
	config Config
	busy   bool
	kept   []string // checksums of repositories; of the pool's lock, once the worker is not busy

	mu      sync.Mutex
	process *supervise.Process
	talk    *conversation
	jobs    int
}

var _ server.Workers = (*Pool)(nil)

// mostJobs is after how many jobs a worker is replaced, so that nothing grows for ever.
const mostJobs = 5000

func (w *worker) keeps(checksum string) bool {
	for _, one := range w.kept {
		if one == checksum {
			return true
		}
	}
	return false
}

func (w *worker) running() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.process != nil
}

// do does a job. killed tells whether the worker ended in it.
func (w *worker) do(ctx context.Context, command string, j server.Job) (response serving.Response, killed bool, err error) {
	process, talk, err := w.start()
	if err != nil {
		return response, false, err
	}
	request := serving.Request{Command: command, Environ: j.Environ, Path: j.Path, Checksum: j.Checksum}
	type answered struct {
		response serving.Response
		err      error
	}
	done := make(chan answered, 1)
	go func() {
		response, err := talk.ask(request, j.Archive, !w.keeps(j.Checksum))
		done <- answered{response, err}
	}()
	select {
	case a := <-done:
		if a.err == nil {
			w.kept = a.response.Kept
			if w.jobs++; w.jobs >= mostJobs {
				w.end()
			}
			return a.response, false, nil
		}
		process.Kill() // it may still be there, with nothing to say
		w.drop()
		if err = process.Wait(); err == nil {
			err = fmt.Errorf("the worker ended: %w", a.err)
		}
	case <-ctx.Done():
		process.Kill()
		<-done // the archive is not read any more
		w.drop()
		_ = process.Wait() // it was killed
		err = fmt.Errorf("the work was stopped: %w", context.Cause(ctx))
	}
	return response, true, err
}

// start returns the process of the worker, which is started if there is none.
func (w *worker) start() (*supervise.Process, *conversation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process == nil {
		process, err := supervise.Worker{Program: w.config.Program, Args: w.config.Args, Timeout: w.config.Timeout}.Start()
		if err != nil {
			return nil, nil, err
		}
		w.process, w.talk, w.jobs = process, newConversation(process.In, process.Out), 0
	}
	return w.process, w.talk, nil
}

// drop says that the worker has no process any more.
func (w *worker) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process, w.talk, w.kept = nil, nil, nil
}

// end has the process end when it has nothing to do.
func (w *worker) end() {
	w.mu.Lock()
	process := w.process
	w.mu.Unlock()
	if process == nil {
		return
	}
	w.drop()
	_ = process.In.Close() // whose end it takes for its own
	_ = process.Wait()
}
