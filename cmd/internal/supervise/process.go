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
)

// A Process is a worker that does one piece of work after the other for this process, which talks with it over its
// standard input and output.
type Process struct {
	In  io.WriteCloser // its standard input
	Out io.Reader      // its standard output

	cmd    *exec.Cmd
	end    end
	said   chan string
	crash  chan string
	pipes  []*os.File
	once   sync.Once
	failed error
}

// Start starts a worker that works for this process until its standard input is closed, or it exceeds a limit. It fails
// if the program cannot be started.
func (w Worker) Start() (*Process, error) {
	cmd, record, err := w.command()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, end: end{worker: w, record: record}, said: make(chan string, 1), crash: make(chan string, 1)}
	var ofWorker []*os.File
	pipe := func() *os.File { // returns the end of this process
		reader, writer, failed := os.Pipe()
		err = errors.Join(err, failed)
		if failed == nil {
			p.pipes, ofWorker = append(p.pipes, reader), append(ofWorker, writer)
		}
		return reader
	}
	crash, said := pipe(), pipe()
	if err == nil {
		cmd.Stderr, cmd.ExtraFiles = ofWorker[0], []*os.File{record.file, ofWorker[1]}
		p.In, err = cmd.StdinPipe()
	}
	if err == nil {
		p.Out, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = start(cmd)
	}
	for _, file := range ofWorker {
		_ = file.Close() // of which the worker has a copy
	}
	if err != nil {
		p.close()
		return nil, w.notStarted(err)
	}
	go func() { p.crash <- beginning(crash) }()
	go func() { p.said <- beginning(said) }()
	return p, nil
}

// start starts a command on a thread that stays as long as this process: a worker ends with the thread that started it.
func start(cmd *exec.Cmd) error {
	started := make(chan error)
	go starter(func() { started <- cmd.Start() })
	return <-started
}

var starting struct {
	sync.Once
	work chan func()
}

// starter has one thread do all that starts processes.
func starter(f func()) {
	starting.Do(func() {
		starting.work = make(chan func())
		go func() {
			runtime.LockOSThread()
			for work := range starting.work {
				work()
			}
		}()
	})
	starting.work <- f
}

// Kill ends the worker at once, whatever it does.
func (p *Process) Kill() { _ = p.cmd.Process.Kill() } // which fails only if it has ended

// Wait waits until the worker has ended, and returns why that was, in one line: what the worker itself has said of it, or
// what can be seen from here. Without a reason, it ended because it was told to.
func (p *Process) Wait() error {
	p.once.Do(func() {
		err := p.cmd.Wait()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			err = nil
		}
		for _, file := range p.pipes { // children of its own may have the descriptors still
			_ = file.SetReadDeadline(time.Now().Add(time.Second))
		}
		said := strings.TrimSpace(<-p.said)
		p.end.state, p.end.printed = p.cmd.ProcessState, <-p.crash
		status := 0
		if err == nil {
			status, _, err = p.end.verdict()
		}
		if text := strings.TrimPrefix(said, "Error: "); text != "" && (err != nil || status != 0) {
			err = errors.New(text)
		}
		p.failed = err
		p.close()
	})
	return p.failed
}

func (p *Process) close() {
	_ = p.end.record.file.Close()
	for _, file := range p.pipes {
		_ = file.Close()
	}
}
