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
	"runtime"
	"time"
)

// A Worker is a program that runs in the place of this process.
type Worker struct {
	Program string
	Args    []string // the first is the name that it is called by

	Stdin io.Reader // nil for that of this process

	// Timeout and Raise hold until the worker says what its own are.
	Timeout time.Duration
	Raise   Raise

	// Undo takes back what the worker has half done, should it not end by itself; nil if nothing can be taken back.
	Undo func() error

	// Print gets the line that says so if a signal ends the worker, before it ends this process too.
	Print func(message string)

	patience time.Duration // beyond what the worker keeps by itself; 0: as usual
}

// usualPatience is how long a worker may take to end when its time is over, or a signal is to end it.
const usualPatience = 5 * time.Second

// Run runs the worker with the standard output of this process, and its standard input if it has no other, and returns
// its exit status. To whoever started this process, the two are one: signals reach the worker, and one that ends it
// ends this process too. A worker that is stopped, or heeds neither its limit of time nor a signal, is killed. Run
// fails, with one line that says what was worked on, if the program cannot be started, crashes or is killed.
func (w Worker) Run() (status int, err error) {
	cmd, record, err := w.command()
	if err != nil {
		return 0, err
	}
	defer record.file.Close()
	crash, crashWriter, err := os.Pipe()
	if err != nil {
		return 0, w.notStarted(err)
	}
	defer crash.Close()
	cmd.Stdin, cmd.Stdout = w.Stdin, os.Stdout
	if w.Stdin == nil {
		cmd.Stdin = os.Stdin
	}
	said := os.Stderr
	if own := stderrOfWorker(); own != nil { // of a worker that has workers, what it has as such is for crashes
		said = own
	}
	cmd.Stderr, cmd.ExtraFiles = crashWriter, []*os.File{record.file, said}
	runtime.LockOSThread() // whose end would be the worker's, as that of this process is
	defer runtime.UnlockOSThread()
	received := make(chan os.Signal, 8)
	signal.Reset(deadly...) // of this process' own watch
	notify(received)
	defer signal.Stop(received)
	err = cmd.Start()
	_ = crashWriter.Close() // of which the worker has a copy
	if err != nil {
		return 0, w.notStarted(err)
	}
	printed := make(chan string, 1)
	go func() { printed <- beginning(crash) }()
	e := end{worker: w, record: record}
	e.wait(cmd, received)
	if e.err != nil {
		return 0, fmt.Errorf("%s: %w", filepath.Base(w.Program), e.err)
	}
	// What a process has printed is there when it has ended. Children of its own may have the descriptor still.
	_ = crash.SetReadDeadline(time.Now().Add(time.Second))
	e.state, e.printed = cmd.ProcessState, <-printed
	return e.judge()
}

// command returns the command that starts the worker, and the record that it writes to.
func (w Worker) command() (*exec.Cmd, record, error) {
	cmd := exec.Command(w.Program, w.Args[1:]...)
	cmd.Args[0] = w.Args[0]
	cmd.Env = append(os.Environ(), variable+"="+given)
	attach(cmd)
	record, err := newRecord()
	if err != nil {
		return nil, record, w.notStarted(err)
	}
	return cmd, record, nil
}

func (w Worker) notStarted(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("%s cannot be started: %w", w.Program, err)
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

// wait waits for the worker, and hands signals on to it. It kills the worker when its patience is over.
func (e *end) wait(cmd *exec.Cmd, received <-chan os.Signal) {
	patience := e.worker.patience
	if patience == 0 {
		patience = usualPatience
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	started, look := time.Now(), time.NewTicker(patience/5)
	defer look.Stop()
	var heeded <-chan time.Time
	for {
		select {
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
				e.err = err
			}
			return
		case s := <-received:
			_ = cmd.Process.Signal(s) // which fails only if it has ended
			if e.signal == nil {
				e.signal, heeded = s, time.After(patience)
			}
		case <-heeded:
			_ = cmd.Process.Kill()
		case now := <-look.C:
			slots := e.record.read()
			timeout, _ := e.timeout(slots)
			if timeout > 0 && now.Sub(started) > timeout+patience && slots[slotState] == "" {
				e.late = true
				_ = cmd.Process.Kill()
			}
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
