package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// Run runs a program as a worker, with the standard input and output of this process, and returns its exit status. To
// whoever started this process, the two are one: signals reach the worker, and one that ends it ends this process too.
// Run fails, with one line that says what was worked on, if the program cannot be started, crashes or is killed.
func Run(program string, args []string) (status int, err error) {
	worker := exec.Command(program, args[1:]...)
	worker.Args[0] = args[0]
	worker.Env = append(os.Environ(), variable+"="+given)
	worker.Stdin, worker.Stdout = os.Stdin, os.Stdout
	record, err := newRecord()
	if err != nil {
		return 0, fmt.Errorf("%s cannot be started: %w", program, err)
	}
	defer record.file.Close()
	crash, crashWriter, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("%s cannot be started: %w", program, err)
	}
	defer crash.Close()
	worker.Stderr, worker.ExtraFiles = crashWriter, []*os.File{record.file, os.Stderr}
	attach(worker)
	runtime.LockOSThread() // whose end would be the worker's, as that of this process is
	defer runtime.UnlockOSThread()
	received := make(chan os.Signal, 8)
	notify(received)
	defer signal.Stop(received)
	err = worker.Start()
	_ = crashWriter.Close() // of which the worker has a copy
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return 0, fmt.Errorf("%s cannot be started: %w", program, err)
	}
	printed := make(chan string, 1)
	go func() { printed <- beginning(crash) }()
	go func() {
		for s := range received {
			_ = worker.Process.Signal(s) // which fails only if it has ended
		}
	}()
	err = worker.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("%s: %w", filepath.Base(program), err)
	}
	// What a process has printed is there when it has ended. Children of its own may have the descriptor still.
	_ = crash.SetReadDeadline(time.Now().Add(time.Second))
	return record.judge(worker.ProcessState, <-printed, filepath.Base(program))
}

// notify has the deadly signals sent to a channel. Those that whoever started this process lets it ignore, as nohup
// does, stay ignored, by the worker too.
func notify(received chan<- os.Signal) {
	for _, s := range deadly {
		if !signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
}

// maxPrinted is how much of a crash is looked at, in bytes.
const maxPrinted = 1 << 20

// beginning returns the beginning of what a reader has.
func beginning(r io.Reader) string {
	var text bytes.Buffer
	_, _ = io.CopyN(&text, r, maxPrinted) // what fails ends the text
	_, _ = io.Copy(io.Discard, r)         // so that no writer has to wait
	return text.String()
}

// crashed is what the Go runtime prints of a crash, and withoutMemory of one for lack of memory: where the kernel
// refuses it memory for its own needs, the runtime takes addresses for memory that it has not got.
var (
	crashed       = regexp.MustCompile(`(?m)^(fatal error|panic|runtime|SIG[A-Z]+): `)
	withoutMemory = regexp.MustCompile(
		`(?m)out of memory|cannot allocate memory|failed to create new OS thread|pthread_create failed|` +
			`^SIG(SEGV|BUS): |unexpected signal during runtime execution`)
)

// judge returns the exit status of a worker, or the error that takes its place.
func (r record) judge(state *os.ProcessState, printed, program string) (int, error) {
	slots := r.read()
	killed := signalOf(state)
	if isDeadly(killed) {
		dieOf(killed)
	}
	if slots[slotEnd] == ended || killed == nil && !crashed.MatchString(printed) {
		fmt.Fprint(os.Stderr, printed) // of a library, or a program that is no worker
		return state.ExitCode(), nil
	}
	var running []string
	for _, name := range slots[slotFirst:] {
		if name != "" {
			running = append(running, name)
		}
	}
	if withoutMemory.MatchString(printed) {
		return 0, errors.New(memoryMessage(slots[slotMemory], running))
	}
	return 0, fmt.Errorf("%s ended unexpectedly (%s)%s; nothing was printed", program, reason(killed, printed),
		while(running))
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
