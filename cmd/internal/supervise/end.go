package supervise

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// An end is what is known of a worker that has ended.
type end struct {
	worker  Worker
	record  record
	state   *os.ProcessState
	printed string    // on standard error
	signal  os.Signal // that this process got before, and handed on; nil: none
	late    bool      // it was killed since its time was over
	err     error     // of waiting for it
}

// crashed is what the Go runtime prints of a crash, and withoutMemory of one for lack of memory: where the kernel
// refuses it memory for its own needs, the runtime takes addresses for memory that it has not got.
var (
	crashed       = regexp.MustCompile(`(?m)^(fatal error|panic|runtime|SIG[A-Z]+): `)
	withoutMemory = regexp.MustCompile(
		`(?m)out of memory|cannot allocate memory|failed to create new OS thread|pthread_create failed|` +
			`^SIG(SEGV|BUS): |unexpected signal during runtime execution`)
)

// judge returns the exit status of a worker, or the error that takes its place. If a signal ended the worker, it ends
// this process too.
func (e *end) judge() (int, error) {
	status, killed, err := e.verdict()
	if killed != nil {
		e.worker.Print(err.Error())
		dieOf(killed)
	}
	return status, err
}

// verdict returns the exit status of a worker, or the error that takes its place, and the signal that ended it, if that
// was one that others send to end a process.
func (e *end) verdict() (status int, by os.Signal, err error) {
	slots := e.record.read()
	killed := signalOf(e.state)
	if killed == nil && (slots[slotState] == ended || !crashed.MatchString(e.printed)) {
		fmt.Fprint(os.Stderr, e.printed) // of a library, or a program that is no worker
		return e.state.ExitCode(), nil, nil
	}
	left := e.left(slots[slotState])
	during := while(running(slots), slots[slotReading])
	if killed != nil && !isDeadly(killed) && e.signal != nil {
		killed = e.signal // which the worker did not heed
	}
	if isDeadly(killed) {
		return 0, killed, errors.New(interruptedMessage(killed, during, left))
	}
	switch timeout, raise := e.timeout(slots); {
	case e.late:
		return 0, nil, errors.New(timeMessage(timeout, raise, during))
	case withoutMemory.MatchString(e.printed):
		message := memoryMessage(slots[slotMemory], slots[slotRaiseMemory], during)
		if slots[slotState] == printing {
			message += "; " + left
		}
		return 0, nil, errors.New(message)
	}
	return 0, nil, fmt.Errorf("%s ended unexpectedly (%s)%s; %s", filepath.Base(e.worker.Program),
		reason(killed, e.printed), during, left)
}

// running returns what was worked on.
func running(slots []string) []string {
	var names []string
	for _, name := range slots[slotFirst:] {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// timeout returns the limit of time that a worker has, and what raises it.
func (e *end) timeout(slots []string) (limit time.Duration, raise string) {
	limit, err := time.ParseDuration(slots[slotTimeout])
	if err != nil { // it had none yet
		return e.worker.Timeout, e.worker.Raise.Timeout
	}
	return limit, slots[slotRaiseTimeout]
}

// What there is of the output of a process.
const (
	nothingPrinted  = "nothing was printed"
	maybeIncomplete = "its output may be incomplete"
)

// left takes back what can be taken back, and says what there is of the worker's output.
func (e *end) left(state string) string {
	undo := e.worker.Undo
	if undo == nil {
		undo = func() error { return nil }
	}
	err := undo()
	switch {
	case state == "":
		return nothingPrinted
	case e.worker.Undo == nil:
		return maybeIncomplete
	case err != nil:
		return fmt.Sprintf("its files may be incomplete: %v", err)
	}
	return "all of its files are written, or none"
}

// reason says in a few words why a process ended. Messages of panics may hold parts of the input, those of the runtime
// do not.
func reason(killed os.Signal, printed string) string {
	if killed != nil {
		return "signal: " + killed.String() + ", as for lack of memory"
	}
	for _, text := range []string{"stack overflow", "concurrent map", "all goroutines are asleep"} {
		if strings.Contains(printed, text) {
			return text
		}
	}
	if _, after, found := strings.Cut(printed, "runtime error: "); found {
		line, _, _ := strings.Cut(after, "\n")
		return line
	}
	return "a defect"
}
