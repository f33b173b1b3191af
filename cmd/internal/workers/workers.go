// Package workers has the jobs of a plugin server done by processes that are kept warm. Each does one job at a time,
// under limits of memory and time, and ends alone: whatever happens to it, its job gets one line, and others do not
// notice.
package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// A Config says how many workers there are, and what they may take.
type Config struct {
	Program string   // cmp-stages
	Args    []string // of a worker, the first is the name that it is called by
	Workers int
	Waiting int           // how many jobs may wait for one
	Timeout time.Duration // of a job without a deadline, beyond which its worker is killed
	Output  int64         // bytes of a result beyond which it is refused; 0: as many as Argo CD takes by default
	Log     *slog.Logger
	// Patience is how long a job may go on that nobody waits for any more, and a worker may take to say why it ends;
	// 0: a second.
	Patience time.Duration
	// Notice is told of each job, with the context of its request; nil: nobody wants to know.
	Notice func(context.Context, Event)
	// Hold has release called when a large result is sent, or is not to be sent any more: until then, others may have
	// to wait. nil: it is when the context of the request ends.
	Hold func(ctx context.Context, release func())
}

// usualPatience is enough for what is nearly done. To kill its worker would cost others what that keeps.
const usualPatience = time.Second

// usualOutput is how many bytes a message of Argo CD has by default (ARGOCD_GRPC_MAX_SIZE_MB).
const usualOutput = 100 << 20

// An Event is a job that was done, or failed.
type Event struct {
	Command  string
	Seconds  float64        // that the job took, without waiting
	Waited   float64        // seconds until a worker was free
	Warm     bool           // the worker had the repository
	Session  bool           // it also had what was read of it for another job
	Killed   bool           // the worker ended in the job
	Again    bool           // the job was done again by a new worker, since the first one ended
	Failed   bool           //
	Findings map[string]int // how many there are of each rule; "" for those of none
	Messages string         // what was said besides the result: a line for each finding or error
	Defects  []string       // where defects were that the job met, see problem.Frames
}

// A Pool is a number of workers. It implements [server.Workers], and is safe for concurrent use.
type Pool struct {
	config Config
	active sync.WaitGroup // what goes on with workers
	blamed blame

	mu      sync.Mutex
	all     []*worker
	waiting fair.Queue[*waiter]
	closed  bool
}

var _ server.Workers = (*Pool)(nil)

// New returns a pool, whose workers begin to start.
func New(c Config) *Pool {
	if c.Output <= 0 {
		c.Output = usualOutput
	}
	if c.Patience <= 0 {
		c.Patience = usualPatience
	}
	if c.Hold == nil {
		c.Hold = func(ctx context.Context, release func()) { context.AfterFunc(ctx, release) }
	}
	p, room := &Pool{config: c}, newResults(c.Output)
	for range c.Workers {
		w := &worker{config: c, results: room, busy: true}
		w.ended = func(of *process) { p.ended(w, of) }
		p.all = append(p.all, w)
	}
	for _, w := range p.all {
		p.active.Go(func() {
			p.warm(w)
			p.give(w)
		})
	}
	return p
}

// Close ends all workers, once they have done what they do. No job is begun any more.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	var waiting []*waiter
	for p.waiting.Len() > 0 {
		one, _ := p.waiting.Next(func(*waiter) bool { return true })
		p.waiting.Remove(one)
		waiting = append(waiting, one)
	}
	var idle []*worker
	for _, w := range p.all {
		if !w.busy {
			w.busy = true
			idle = append(idle, w)
		}
	}
	p.mu.Unlock()
	for _, w := range waiting {
		close(w.given)
	}
	for _, w := range idle {
		w.stop()
	}
	p.active.Wait()
}

// Generate implements [server.Workers]. A large result takes memory from others, see Hold of [Config].
func (p *Pool) Generate(ctx context.Context, j server.Job) ([]string, error) {
	objects, err := p.do(ctx, "generate", j)
	if err != nil {
		return nil, fmt.Errorf("error generating manifests: %w", err)
	}
	return objects, nil
}

// Parameters implements [server.Workers].
func (p *Pool) Parameters(ctx context.Context, j server.Job) ([]byte, error) {
	printed, err := p.do(ctx, "parameters", j)
	if err != nil {
		return nil, fmt.Errorf(
			"get parameters announcement error: error executing dynamic parameter output command: %w", err)
	}
	return []byte(strings.Join(printed, "")), nil
}

// Discover implements [server.Workers].
func (p *Pool) Discover(ctx context.Context, j server.Job) (bool, error) {
	printed, err := p.do(ctx, "discover", j)
	if err != nil {
		return false, fmt.Errorf("match repository error: error running find command: %w", err)
	}
	return strings.TrimSpace(strings.Join(printed, "")) != "", nil
}

// do has a worker do a job, and returns what it prints.
func (p *Pool) do(ctx context.Context, command string, j server.Job) ([]string, error) {
	requested, tooLate := ctx, "the work took longer than the request can wait"
	if _, has := ctx.Deadline(); !has {
		limited, cancel := context.WithTimeout(ctx, p.config.Timeout)
		defer cancel()
		ctx, tooLate = limited, fmt.Sprintf("the work took longer than %s, which a request without a deadline may take",
			p.config.Timeout)
	}
	asked := time.Now()
	w, err := p.take(ctx, j.Archive.Content, j.Tenant())
	if err != nil {
		return nil, err
	}
	event := Event{Command: command, Waited: time.Since(asked).Seconds(), Warm: w.keeps(j.Archive.Content)}
	request := serving.Request{Command: command, Environ: j.Environ, Path: j.Path, Content: j.Archive.Content,
		Most: p.config.Output}
	start := time.Now()
	o := w.do(ctx, request, j.Archive, tooLate)
	event.Defects = o.defects()
	name := blamedAs(command, j)
	if o.again(ctx, time.Since(start)) && !p.blamed.has(name, start) {
		event.Again = true
		o = w.do(ctx, request, j.Archive, tooLate)
		event.Defects = append(event.Defects, o.defects()...)
	}
	switch {
	case o.killed && o.fresh && ctx.Err() == nil:
		p.blamed.put(name, time.Now())
	case o.err == nil:
		p.blamed.take(name)
	}
	p.release(w)
	event.Seconds, event.Session, event.Findings = time.Since(start).Seconds(), o.response.Session, o.response.Findings
	event.Killed = o.killed || event.Again
	message := strings.TrimSpace(o.response.Stderr)
	if o.err != nil {
		message, o.response.Status = fmt.Sprintf("Error: %v", o.err), 1
	}
	event.Failed = o.response.Status != 0
	event.Messages = message
	if p.config.Notice != nil {
		p.config.Notice(ctx, event)
	}
	if event.Failed {
		o.free()
		const most = 64 << 10 // what gRPC has room for
		return nil, fmt.Errorf("`cmp %s` failed exit status %d: %s", command, o.response.Status,
			strings.ToValidUTF8(message[:min(len(message), most)], ""))
	}
	if o.release != nil {
		p.config.Hold(requested, o.release)
	}
	return o.response.Texts, nil
}

// errClosed is the cause when a server stops.
var errClosed = errors.New("the server stops: ask again")
