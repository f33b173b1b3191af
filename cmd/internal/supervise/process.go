package supervise

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Process is a worker that does one piece of work after the other for this process, which talks with it over its
// standard input and output.
type Process struct {
	In  io.WriteCloser // its standard input
	Out io.Reader      // its standard output

	cmd    *exec.Cmd
	frames string // of a crash
	end    end
	files  []*os.File // of this process
	ended  chan struct{}
	failed error // once it has ended
}

// Start starts a worker that works for this process until its standard input is closed, or it exceeds a limit. It fails
// if the program cannot be started. Whoever starts it calls [Process.Wait].
func (w Worker) Start() (*Process, error) {
	cmd, record, err := w.command()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, end: end{worker: w, record: record}, ended: make(chan struct{})}
	var ofWorker []*os.File
	pipe := func() (reader, writer *os.File) {
		reader, writer, failed := os.Pipe()
		err = errors.Join(err, failed)
		return reader, writer
	}
	crash, ofCrash := pipe()
	said, ofSaid := pipe()
	out, ofOut := pipe()
	ofIn, in := pipe()
	p.files, ofWorker = []*os.File{crash, said, out, in}, []*os.File{ofCrash, ofSaid, ofOut, ofIn}
	if err == nil {
		p.In, p.Out = in, out
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = ofIn, ofOut, ofCrash, []*os.File{record.file, ofSaid}
		err = start(cmd)
	}
	closeAll(ofWorker) // of which the worker has a copy
	if err != nil {
		closeAll(append(p.files, record.file))
		return nil, w.notStarted(err)
	}
	go p.wait(crash, said)
	return p, nil
}

// closeAll closes files, of which those that could not be opened are nil.
func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close() // nothing is written to them that is not read
	}
}

// start starts a command on a thread that stays as long as this process: a worker ends with the thread that started it.
func start(cmd *exec.Cmd) error {
	started := make(chan error)
	starter() <- func() { started <- cmd.Start() }
	return <-started
}

// starter returns what hands work to the one thread that starts processes.
var starter = sync.OnceValue(func() chan<- func() {
	all := make(chan func())
	go func() {
		runtime.LockOSThread()
		for work := range all {
			work()
		}
	}()
	return all
})

// Doing says what the worker works on, as messages have it: ", while rendering Application web"; "" if that is not
// known.
func (p *Process) Doing() string {
	slots := p.end.record.read()
	return while(running(slots), slots[slotReading])
}

// Kill ends the worker at once, whatever it does.
func (p *Process) Kill() { _ = p.cmd.Process.Kill() } // which fails only if it has ended

// Ended returns a channel that is closed when the worker has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Wait waits until the worker has ended, closes both pipes to it, and returns why it ended, in one line: what the
// worker itself has said of it, or what can be seen from here, as an [Exceeded] if it exceeded a limit. Without a
// reason, it ended because it was told to.
func (p *Process) Wait() error {
	<-p.ended
	closeAll(p.files)
	return p.failed
}

// Frames returns where a worker was that crashed, see [problem.Frames]; "" if it ended in another way. It is called
// after [Process.Wait].
func (p *Process) Frames() string { return p.frames }

// wait waits until the worker has ended, and finds out why.
func (p *Process) wait(crash, said *os.File) {
	printed, message := make(chan string, 1), make(chan string, 1)
	go func() { printed <- beginning(crash) }()
	go func() { message <- beginning(said) }()
	err := p.cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	for _, file := range p.files { // children of its own may have the descriptors still
		_ = file.SetDeadline(time.Now().Add(time.Second))
	}
	p.end.state, p.end.printed = p.cmd.ProcessState, <-printed
	text := strings.TrimPrefix(strings.TrimSpace(<-message), "Error: ")
	status := 0
	if err == nil {
		status, _, err = p.end.verdict()
	}
	if text != "" && (err != nil || status != 0) {
		err = errors.New(text)
	}
	if err != nil {
		err = p.end.exceeded(err)
	}
	if limit := (*Exceeded)(nil); text == "" && err != nil && !errors.As(err, &limit) {
		p.frames = problem.Frames(p.end.printed)
	}
	p.failed = err
	_ = p.end.record.file.Close()
	close(p.ended)
}
