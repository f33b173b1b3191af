// Package cli is the command line of cmp: flags, printing and exit statuses, a file for each subcommand. Two
// executables have it: cmp, and cmp-stages, which links what the stages after applicationsets need (see
// cmd/cmp/main.go).
package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Exit statuses.
const (
	exitFailure = 1
	exitUsage   = 2
)

// noColor is the flag without which messages and text on a terminal have colors.
const noColor = "no-color"

// A Program is an executable with the command line.
type Program struct {
	Version string
	Stages  workshop.Stages // nil in cmp: cmp-stages has them

	args  []string
	limit *limiting.Limiter
	stdin *recorder
	color bool                 // standard output is a terminal that has colors
	fail  func(message string) // prints the line that says why the run fails
	// of a worker of a plugin server
	work    *serving.Work // what is asked for; nil: this process was started for it
	sharing int           // how many workers share the memory of the container; 0: this is none
}

// Run runs one command line and returns the exit status. Standard output gets the whole result or nothing. Where that
// is a pipe that nobody reads any more, the exit status alone says that something was lost. Signals end the program at
// once, as they do without any handling, but with a line that says so. Limits of memory and time that are exceeded end
// the program too, with exit status 1.
func (p Program) Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stderr = supervise.Stderr(stderr)
	if !slices.Contains(args, "--"+noColor) { // which is read too late for errors about the command line
		p.color = output.Colors(stdout, os.Getenv)
		if terminal, is := stderr.(*os.File); is && output.Colors(stderr, os.Getenv) {
			stderr = output.Painted(terminal)
		}
	}
	if err := supervise.CheckFiles(); err != nil {
		output.Message(stderr, "Error", err)
		return exitFailure
	}
	p.fail = func(message string) { output.Message(stderr, "Error", errors.New(message)) }
	watch := supervise.Start(limits.Default, p.fail)
	defer watch.Finish()
	return p.run(watch, args, stdin, stdout, stderr)
}

// run runs one command line under a watch.
func (p Program) run(watch *supervise.Watch, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p.args = args
	if p.Stages == nil { // else there is no worker
		p.stdin = &recorder{Reader: stdin}
		stdin = p.stdin
	}
	p.limit = &limiting.Limiter{Container: limits.OfContainerAmong(p.sharing), Watch: watch,
		Version: p.built().Version}
	root := p.newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &checkedWriter{Writer: output.Printing(stdout, p.limit.Watch)}
	root.SetOut(out)
	root.SetErr(stderr)
	command.AddBuiltin(root)
	printHelpAtOnce(root)
	err := root.Execute()
	p.limit.Watch.Stop() // what is printed of an error is not cut off
	if err == nil {
		err = out.err
	}
	if err == nil {
		return 0
	}
	var worker exitStatus
	if errors.As(err, &worker) {
		return int(worker)
	}
	messages := output.OneByOne(err)
	if errors.Is(out.err, syscall.EPIPE) { // whoever read it has enough, as `head` has
		messages = slices.DeleteFunc(messages, func(err error) bool { return errors.Is(err, syscall.EPIPE) })
		if len(messages) == 0 {
			return exitFailure
		}
	}
	output.Messages(stderr, "Error", messages)
	p.found(messages)
	if slices.ContainsFunc(wrongUsage, func(cause error) bool { return errors.Is(err, cause) }) || usage.Is(err) {
		return exitUsage
	}
	return exitFailure
}

// wrongUsage are the causes of errors of the command line: it lacks something, or asks for what the fleet does not
// have.
var wrongUsage = []error{render.ErrIncomplete, files.ErrTwice, fleet.ErrNoGroup, render.ErrNoCluster,
	render.ErrNoComponent, render.ErrNoMatch, release.ErrNoRelease}

// A recorder keeps what is read, so that a worker can read it again.
type recorder struct {
	io.Reader
	kept []io.Reader // the parts, of which none is copied to grow
}

// Read implements [io.Reader].
func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.kept = append(r.kept, bytes.NewReader(bytes.Clone(p[:n])))
	}
	return n, err
}

// again returns what was read, and the rest; nil if nothing was read.
func (r *recorder) again() io.Reader {
	if r == nil || len(r.kept) == 0 {
		return nil
	}
	return io.MultiReader(append(r.kept, r.Reader)...)
}

// exitStatus is that of the worker that did what was asked for, and said all that is to be said.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
