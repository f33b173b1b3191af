// Package cli is the command line of cmp: flags, printing and exit statuses, a file for each subcommand. Two
// executables have it: cmp, and cmp-stages, which links what the stages after applicationsets need (see
// cmd/cmp/main.go).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Exit statuses.
const (
	exitFailure = 1
	exitUsage   = 2
)

// A Program is an executable with the command line.
type Program struct {
	Version string
	Stages  Stages // nil in cmp: cmp-stages has them

	args  []string
	limit *limiter
}

// Stages are what only cmp-stages links.
type Stages interface {
	// Open opens a session as render.Open does, with its later stages, and with a reader of catalogs that are charts.
	Open(ctx context.Context, tree fs.FS, o render.Options, charts Charts) (*render.Session, Later, error)
	// Secrets returns a reader of the members' secrets in AWS Secrets Manager. What it keeps of them is in a directory
	// of the directory for caches.
	Secrets(ctx context.Context, config fleet.SecretsManager, cacheDir string) (cluster.SecretReader, error)
	// Lint judges the fleet of a session, prints the report, and tells whether there are findings of the severity that
	// is asked for, or of a worse one.
	Lint(ctx context.Context, session Later, l Lint) (failing bool, err error)
	// Progress returns a display of long work on standard error, which is a terminal or not.
	Progress(stderr io.Writer) render.Progress
}

// Later are the later stages of a session.
type Later interface {
	// RenderTo renders the stages after applicationsets. It hands each object to the output, in a fixed order and never
	// two at once. Problems with single clusters or Applications do not keep it from rendering the others: they are
	// returned as render.Failures.
	RenderTo(ctx context.Context, r render.Request, out render.Output) ([]*problem.Problem, error)
	// Values merges the Helm values of the request's component, the chart's defaults included. It keeps to the limits,
	// and tells working what it works on.
	Values(ctx context.Context, r render.Request, l limits.Limits,
		working func(on string) (done func())) (*render.Merged, error)
}

// Charts says where Helm charts come from.
type Charts struct {
	CacheDir string // directory of fetched charts
	Offline  bool   // only charts that are there already
}

// Run runs one command line and returns the exit status. Standard output gets the whole result or nothing. Signals end
// the program at once, as they do without any handling: nothing has been printed yet that could be a part of a result.
// Limits of memory and time that are exceeded end the program too, with exit status 1.
func (p Program) Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p.args = args
	stderr = supervise.Stderr(stderr)
	if err := supervise.CheckFiles(); err != nil {
		printMessage(stderr, "Error", err)
		return exitFailure
	}
	p.limit = &limiter{container: limits.OfContainer(), watch: supervise.Start(limits.Default, func(message string) {
		printMessage(stderr, "Error", errors.New(message))
	})}
	defer p.limit.watch.Finish()
	root := p.newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &checkedWriter{Writer: printing{stdout, p.limit.watch}}
	root.SetOut(out)
	root.SetErr(stderr)
	printHelpAtOnce(root)
	err := root.Execute()
	p.limit.watch.Stop() // what is printed of an error is not cut off
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
	printMessages(stderr, "Error", oneByOne(err))
	var usage *usageError
	if errors.As(err, &usage) || errors.Is(err, render.ErrIncomplete) || errors.Is(err, files.ErrTwice) {
		return exitUsage
	}
	return exitFailure
}

// maxLines is how many errors, or warnings, are printed: nobody reads more, and one file can have a hundred thousand.
const maxLines = 100

// printMessages prints errors or warnings as a line each, and how many more there are.
func printMessages(stderr io.Writer, kind string, messages []error) {
	for _, message := range messages[:min(len(messages), maxLines)] {
		printMessage(stderr, kind, message)
	}
	if more := len(messages) - maxLines; more > 0 {
		printMessage(stderr, kind, fmt.Errorf("and %d more", more))
	}
}

// printing is standard output. From its first byte on nothing but whoever reads it ends the run: it has the whole
// result, or nothing.
type printing struct {
	stdout io.Writer
	watch  *supervise.Watch
}

func (p printing) Write(data []byte) (int, error) {
	p.watch.Stop()
	return p.stdout.Write(data)
}

// ReadFrom implements [io.ReaderFrom], so that files are copied as quickly as without it.
func (p printing) ReadFrom(r io.Reader) (int64, error) {
	p.watch.Stop()
	return io.Copy(p.stdout, r)
}

// printMessage prints an error or a warning as a line, without the credentials in addresses.
func printMessage(stderr io.Writer, kind string, err error) {
	fmt.Fprintf(stderr, "%s: %s\n", kind, address.Redact(err.Error()))
}

// oneByOne returns the errors that an error consists of, each for a line of its own.
func oneByOne(err error) []error {
	var findings render.Findings
	var failures render.Failures
	switch {
	case errors.As(err, &findings):
		all := make([]error, len(findings))
		for i, finding := range findings {
			all[i] = finding
		}
		return all
	case errors.As(err, &failures):
		return failures
	}
	return []error{err}
}

// exitStatus is that of the worker that did what was asked for, and said all that is to be said.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is an error in the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }
