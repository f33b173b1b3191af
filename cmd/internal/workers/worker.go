package workers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// worker is one process, or its place while there is none. Whoever took it from the pool has it alone.
type worker struct {
	config  Config
	results *results
	ended   func(*process) // is told of a process that has ended
	busy    bool           // of the pool's lock

	kept []string // what identifies repositories; of the pool's lock while the worker is not busy
	jobs int      // that the process has done
	last bool     // the process wants to be replaced

	mu      sync.Mutex
	process *process
}

// A process is one that does jobs.
type process struct {
	*supervise.Process
	reader  *bufio.Reader
	started time.Time
}

// mostJobs is after how many jobs a worker is replaced, so that nothing grows for ever.
const mostJobs = 5000

func (w *worker) keeps(content string) bool { return slices.Contains(w.kept, content) }

func (w *worker) current() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.process
}

// usable tells whether the worker can have another job as it is.
func (w *worker) usable() bool { return w.current() != nil && !w.last && w.jobs < mostJobs }

// start returns the process of the worker, which is started if there is none.
func (w *worker) start() (*process, error) {
	if running := w.current(); running != nil {
		select {
		case <-running.Ended(): // while it had nothing to do
			w.drop()
			_ = running.Wait() // of no concern to the job that begins
		default:
			return running, nil
		}
	}
	c := w.config
	args := append(slices.Clone(c.Args), fmt.Sprintf("--workers=%d", c.Workers))
	started, err := supervise.Worker{Program: c.Program, Args: args, Timeout: c.Timeout}.Start()
	if err != nil {
		return nil, err
	}
	const enough = 64 << 10
	p := &process{Process: started, reader: bufio.NewReaderSize(started.Out, enough), started: time.Now()}
	w.jobs, w.last = 0, false
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process = p
	go func() {
		<-p.Ended()
		w.ended(p)
	}()
	return p, nil
}

// drop says that the worker has no process any more.
func (w *worker) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process, w.kept = nil, nil
}

// stop has the process end, which has nothing to do.
func (w *worker) stop() {
	running := w.current()
	if running == nil {
		return
	}
	w.drop()
	_ = running.In.Close() // whose end it takes for its own
	const patience = 5 * time.Second
	timer := time.AfterFunc(patience, running.Kill)
	defer timer.Stop()
	_ = running.Wait() // it was told to
}

// An outcome is what became of a job.
type outcome struct {
	response serving.Response
	killed   bool // the worker ended in the job
	fresh    bool // it was its first
	final    bool // another worker would not do better, or must not have to try
	frames   string
	release  func() // gives the memory of the result back; nil if there is none
	err      error
}

// free gives the memory of a result back that nobody gets.
func (o *outcome) free() {
	if o.release != nil {
		o.release()
		o.release = nil
	}
}

// defects returns where defects were that the job met: those that the worker tells of, or the one that it ended with.
func (o outcome) defects() []string {
	if o.frames != "" {
		return []string{o.frames}
	}
	return o.response.Defects
}

// again tells whether a new worker is to do a job that took so long: the one that ended may have had too much of other
// jobs, or somebody else may have ended it. What had its time in vain is not given the same time again, and what the
// worker says of a limit of time is final.
func (o outcome) again(ctx context.Context, took time.Duration) bool {
	const soon = 5 * time.Second
	return o.killed && !o.fresh && !o.final && took < soon && ctx.Err() == nil
}

// do does a job. tooLate is what to say if there is no time left. A job that took less than the patience until its
// deadline had waited for a worker until then, and gets as long.
func (w *worker) do(ctx context.Context, r serving.Request, archive *server.Archive, tooLate string) outcome {
	process, err := w.start()
	if err != nil {
		return outcome{err: err, final: true}
	}
	o := outcome{fresh: w.jobs == 0}
	w.jobs++
	begun := time.Now()
	type answered struct{ err error }
	done := make(chan answered, 1)
	var has atomic.Bool // the worker has done the job, and waits until its result is read
	room := func(size int64) (err error) {
		has.Store(size > 0)
		o.release, err = w.results.take(ctx, size)
		return err
	}
	go func() {
		response, err := process.ask(r, archive, !w.keeps(r.Content), w.config.Output, room)
		o.response = response
		if err != nil {
			o.free()
		}
		done <- answered{err}
	}()
	select {
	case a := <-done:
		return w.finish(process, o, a.err)
	case <-ctx.Done():
	}
	o.final = true
	if has.Load() || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) || time.Since(begun) < w.config.Patience {
		select {
		case a := <-done:
			o = w.finish(process, o, a.err)
			o.free()
			o.err = fmt.Errorf("nobody waits for the work any more: %w", context.Cause(ctx))
			return o
		case <-time.After(w.config.Patience):
		}
	}
	doing := process.Doing()
	process.Kill()
	<-done // the archive is not read any more
	o.free()
	w.drop()
	_ = process.Wait() // it was killed
	return outcome{killed: true, final: true, err: fmt.Errorf("%s%s", tooLate, doing)}
}

// finish takes the answer of a process, or finds out why there is none.
func (w *worker) finish(p *process, o outcome, err error) outcome {
	if err == nil || errors.Is(err, serving.ErrRoom) {
		w.kept, w.last, o.err = o.response.Kept, o.response.Last, err
		return o
	}
	w.drop()
	o.response, o.killed, o.final = serving.Response{}, true, errors.Is(err, serving.ErrOutput)
	odd := o.final || errors.Is(err, serving.ErrFrame)
	if !odd { // it ended, or is about to, and says why
		select {
		case <-p.Ended():
		case <-time.After(w.config.Patience):
		}
	}
	p.Kill()
	if o.err = p.Wait(); odd || o.err == nil {
		o.err = fmt.Errorf("the worker's answer cannot be used: %w", err)
	}
	o.frames = p.Frames()
	if limit := (*supervise.Exceeded)(nil); errors.As(o.err, &limit) && !limit.Memory {
		o.final = true
	}
	return o
}

// ask sends a request, with the archive if there is one that the worker has not got, and returns the answer.
func (p *process) ask(r serving.Request, archive *server.Archive, send bool, most int64,
	room func(size int64) error) (serving.Response, error) {
	const enough = 3 // as it is known, with the files, and with the Git repository
	for tries := 1; ; tries++ {
		var sent io.Reader
		if r.Archive = 0; send && archive != nil {
			r.Archive, sent = archive.Size(), archive.Open()
		}
		if err := serving.WriteRequest(p.In, r, sent); err != nil {
			return serving.Response{}, err
		}
		response, err := serving.ReadResponse(p.reader, most, room)
		switch {
		case err != nil:
			return response, err
		case !response.Unknown && !response.Git:
			return response, nil
		case tries >= enough || response.Git && archive == nil:
			return serving.Response{Status: 1, Stderr: "Error: the worker does not take the repository"}, nil
		}
		r.Git = r.Git || response.Git
		send = true
	}
}
