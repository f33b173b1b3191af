package supervise

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/cputime"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Watch holds the process that it is in to its limits. It is safe for concurrent use.
type Watch struct {
	end func(message string) // ends the process

	mu      sync.Mutex
	limits  limits.Limits
	most    int64 // bytes of memory for all that is kept from one piece of work to the next; 0: nothing is
	kept    int64 // bytes that the process had when its limits were said
	raise   Raise
	started time.Time
	timer   *time.Timer
	stopped bool
	ending  bool // a limit or a signal is about to end the process
	record  record
	running map[int]string // what is worked on, by slot
	free    []int          // slots
	done    int            // how many pieces of work are
	stall   stall
	cleanup map[int]func()
	next    int // key of cleanup
	status  int // with which the process ends if a limit is exceeded

	signals chan os.Signal // those that end the process
}

const (
	// interval is how often a watch looks. What a process can do in it is bounded by what the kernel lets it have.
	interval = 10 * time.Millisecond
	// collectAt is the part of the limit from which on the garbage collector works harder, in percent.
	collectAt = 80
	// maxStack is the size of a goroutine's stack, in bytes, at which Go ends the process: recursion without end.
	maxStack = 64 << 20
)

// Raise says what raises the limits of a run, as "raise --timeout". An empty one is not said.
type Raise struct{ Memory, Timeout string }

// Start begins to watch the process that it is called in. If a limit is exceeded, print gets the line to print, and the
// process exits with status 1, unless [Watch.FailWith] says another. If a signal ends the process, print gets a line
// too, unless this process is a worker (see [Worker.Run]): then another one says it. What a worker works on is written
// to a record.
func Start(l limits.Limits, print func(message string)) *Watch {
	w := &Watch{started: time.Now(), running: map[int]string{}, cleanup: map[int]func(){}, status: 1,
		signals: make(chan os.Signal, 1)}
	if file := recordOfWorker(); file != nil {
		w.record = record{file}
	}
	w.end = func(message string) {
		w.clean()
		print(message)
		w.Finish()
		w.mu.Lock()
		defer w.mu.Unlock()
		os.Exit(w.status)
	}
	debug.SetMaxStack(maxStack)
	keepPipeErrors()
	w.Limit(l, Raise{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(interval, w.look)
	notify(w.signals)
	go w.dieOfSignals(print)
	return w
}

// dieOfSignals has the process end as a signal has it, once all is cleaned up.
func (w *Watch) dieOfSignals(print func(message string)) {
	s := <-w.signals
	w.mu.Lock()
	already := w.ending
	w.ending = true
	left := nothingPrinted
	if w.stopped {
		left = maybeIncomplete
	}
	message := interruptedMessage(s, w.during(), left)
	w.mu.Unlock()
	if already {
		return
	}
	w.clean()
	if w.record.file == nil {
		print(message)
	}
	dieOf(s)
}

// Limit replaces the limits of the process, as when fleet.yaml has been read, and what messages say of raising them.
// Its time counts from its start. After [Watch.Restart], its memory counts from what it has now, up to the limit that
// it had then: what is kept of other work is not this one's.
func (w *Watch) Limit(l limits.Limits, raise Raise) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits, w.raise, w.kept = l, raise, memoryNow()
	most := w.mostMemory()
	debug.SetMemoryLimit(most - l.Memory/100*(100-collectAt))
	if w.record.file != nil && !raceDetector { // a crash is told by another process
		limitData(max(l.Memory, w.most)) // to the kernel, what was given back counts still
	}
	w.record.write(slotMemory, limits.SizeText(l.Memory))
	w.record.write(slotRaiseMemory, raise.Memory)
	w.record.write(slotTimeout, l.Timeout.String())
	w.record.write(slotRaiseTimeout, raise.Timeout)
}

// mostMemory returns how many bytes the process may have.
func (w *Watch) mostMemory() int64 { return max(w.limits.Memory, min(w.limits.Memory+w.kept, w.most)) }

// memoryNow returns how many bytes the process has.
func memoryNow() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return int64(min(sample[0].Value.Uint64()-sample[1].Value.Uint64(), 1<<62))
}

// FailWith says with which status the process ends if a limit is exceeded, for a command of which 1 says something
// else.
func (w *Watch) FailWith(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status = status
}

// Limits returns the limits of the process.
func (w *Watch) Limits() limits.Limits {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.limits
}

// Raise returns what messages say of raising the limits.
func (w *Watch) Raise() Raise {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.raise
}

// Working says that something is worked on until done is called: an Application or an ApplicationSet, by a name that a
// message can have.
func (w *Watch) Working(on string) (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slot := slotFirst + len(w.running)
	if n := len(w.free); n > 0 {
		slot, w.free = w.free[n-1], w.free[:n-1]
	}
	w.running[slot] = on
	w.record.write(slot, on)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.running, slot)
		w.done++
		w.free = append(w.free, slot)
		w.record.write(slot, "")
	}
}

// Works tells whether something is worked on.
func (w *Watch) Works() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running) > 0
}

// Stop ends the watch: all is rendered, and what follows takes as long as whoever reads it. It does not return if a
// limit or a signal is about to end the process, so that nothing is printed then but that.
func (w *Watch) Stop() {
	w.mu.Lock()
	if w.ending {
		w.mu.Unlock()
		select {} // until the process ends
	}
	defer w.mu.Unlock()
	if w.stopped {
		return
	}
	w.stopped = true
	w.timer.Stop()
	w.record.write(slotState, printing)
}

// Restart begins to count anew, for a process that does one piece of work after the other. Nothing of what was worked
// on before is said any more.
func (w *Watch) Restart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending {
		return
	}
	for slot := range w.running {
		w.record.write(slot, "")
	}
	clear(w.running)
	w.free, w.done, w.stall = nil, 0, stall{since: cputime.OfProcess()}
	w.started, w.stopped, w.most = time.Now(), false, w.limits.Memory
	w.record.write(slotState, "")
	reading.forget()
	w.record.write(slotReading, "")
	w.timer.Reset(interval)
}

// Finish says that the process is about to exit by itself, whatever its status.
func (w *Watch) Finish() {
	signal.Stop(w.signals)
	w.record.write(slotState, ended)
}

// look ends the process when it exceeds a limit.
func (w *Watch) look() {
	memory := memoryNow()
	w.mu.Lock()
	message := ""
	if !w.stopped && !w.ending {
		w.stall.look(w.done+reading.count(), cputime.OfProcess())
		var of string
		if message, of = w.exceeded(memory, time.Now()); message == "" {
			w.timer.Reset(interval)
		}
		w.record.write(slotExceeded, of)
	}
	w.ending = w.ending || message != ""
	w.mu.Unlock()
	if message != "" {
		w.end(message)
	}
}

// exceeded returns what to say of the limit that is exceeded, and what of it a record says; "" if none is.
func (w *Watch) exceeded(memory int64, now time.Time) (message, of string) {
	switch {
	case memory > w.mostMemory():
		return memoryMessage(limits.SizeText(w.limits.Memory), w.raise.Memory, w.during()), ofMemory
	case now.Sub(w.started) > w.limits.Timeout:
		return timeMessage(w.limits.Timeout, w.raise.Timeout, w.during()), ofTime
	case w.stall.cpu > w.stallCPU():
		return stallMessage(w.stall.cpu.Round(time.Second/10), w.raise.Timeout, w.during()), ofTime
	}
	return "", ""
}

// A stall is what a process has computed since it last got on: since a file was read for the first time, or a piece of
// work was done.
type stall struct {
	cpu   time.Duration
	since time.Duration // CPU time at which it got on
	done  int
}

func (s *stall) look(done int, cpu time.Duration) {
	if done != s.done {
		s.done, s.since = done, cpu
	}
	s.cpu = cpu - s.since
}

func stallMessage(cpu time.Duration, raise, during string) string {
	if raise != "" {
		raise = "; " + raise + " if it needs that: a hundredth of it may be CPU time without getting on"
	}
	return fmt.Sprintf("the run has computed for %s without getting on%s%s", cpu, during, raise)
}

// stallCPU is how much computing without getting on ends the run: more where more is worked on, each of which is
// bounded besides.
func (w *Watch) stallCPU() time.Duration {
	return w.limits.StallCPU() * time.Duration(max(1, len(w.running)))
}

func memoryMessage(limit, raise, during string) string {
	if limit == "" {
		limit = "there is"
	}
	if raise != "" {
		raise = "; " + raise + " if that is meant"
	}
	return fmt.Sprintf("the run needs more memory than %s%s%s", limit, during, raise)
}

func timeMessage(limit time.Duration, raise, during string) string {
	if raise != "" {
		raise = "; " + raise + " if it needs that"
	}
	return fmt.Sprintf("the run took longer than %s%s%s", limit, during, raise)
}

// names returns what is worked on, that for the longest time first as far as slots tell.
func names(running map[int]string) []string {
	var slots []int
	for slot := range running {
		slots = append(slots, slot)
	}
	slices.Sort(slots)
	list := make([]string, len(slots))
	for i, slot := range slots {
		list[i] = running[slot]
	}
	return list
}

func interruptedMessage(s os.Signal, during, left string) string {
	return fmt.Sprintf("the run was ended by a signal (%s)%s; %s", s, during, left)
}

// during returns what the process is doing.
func (w *Watch) during() string { return while(names(w.running), reading.last()) }

// while returns during which work something was, or else after which file was read.
func while(running []string, file string) string {
	switch {
	case len(running) > 0:
		return ", while rendering " + problem.Few(running)
	case file != "":
		return ", after reading " + plain(file)
	}
	return ""
}

// plain returns the name of a file, quoted if a terminal could take parts of it for something else.
func plain(file string) string {
	if quoted := strconv.Quote(file); len(quoted) != len(file)+2 {
		return quoted
	}
	return file
}

// OnEnd has f called if a limit or a signal ends the process, before that. Signals wait for it.
func (w *Watch) OnEnd(f func()) (cancel func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := w.next
	w.next++
	w.cleanup[key] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.cleanup, key)
	}
}

// clean calls what [Watch.OnEnd] was given.
func (w *Watch) clean() {
	w.mu.Lock()
	var all []func()
	for key, f := range w.cleanup {
		all = append(all, f)
		delete(w.cleanup, key)
	}
	w.mu.Unlock()
	for _, f := range all {
		f()
	}
}

// Stderr returns where this process says what it has to say: its standard error, or that of the process whose worker it
// is.
func Stderr(own io.Writer) io.Writer {
	if file := stderrOfWorker(); file != nil {
		return file
	}
	return own
}
