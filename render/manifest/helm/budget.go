package helm

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// What one render may use. All are far above what charts need (the largest of kube-prometheus-stack takes a hundredth
// of each), and low enough that a render which uses them up has taken seconds, not the process. Memory that a render
// holds is at most a small multiple of maxBytes, its stack at most maxDepth times about a KiB: Go ends a process at a
// stack of 1 GiB.
const (
	maxSteps      = 5_000_000 // function calls and rounds of `range`
	maxBytes      = 256 << 20 // of all results of functions, and of the output
	maxDepth      = 100_000   // nested blocks of templates being executed, each call of a template counting callDepth more
	maxContainers = 250_000   // mappings and lists made by functions, and so how deep they can be nested
	maxActions    = 100_000   // actions of one template text, since the parser recurses with their nesting
	maxRecursion  = 1000      // calls of one template by `include` within itself, as in Helm's engine
	callDepth     = 20
)

// A limitError says which of the limits above a chart exceeds.
type limitError struct{ message string }

func (e *limitError) Error() string { return "the chart asks for too much: " + e.message }

func limit(format string, args ...any) error { return &limitError{fmt.Sprintf(format, args...)} }

// limits are those of the limits above that bound time, so that tests can reach them sooner.
type limits struct {
	steps int
	bytes int64
}

var defaultLimits = limits{maxSteps, maxBytes}

// A budget counts what a render has used. It belongs to one goroutine.
type budget struct {
	ctx        context.Context
	limits     limits
	steps      int
	bytes      int64
	depth      int
	containers int
}

// step counts one call of a function or one round of a loop.
func (b *budget) step() error {
	b.steps++
	if b.steps > b.limits.steps {
		return limit("more than %d function calls and rounds of loops", b.limits.steps)
	}
	if b.steps%1024 == 0 {
		return b.ctx.Err()
	}
	return nil
}

// spend counts memory that is about to be taken, or was.
func (b *budget) spend(bytes int64) error {
	if bytes < 0 || bytes > b.limits.bytes-b.bytes {
		b.bytes = b.limits.bytes
		return limit("more than %d MiB of text and lists", b.limits.bytes>>20)
	}
	b.bytes += bytes
	return nil
}

// hold counts mappings and lists that were made.
func (b *budget) hold(containers int) error {
	b.containers += containers
	if b.containers > maxContainers {
		return limit("more than %d mappings and lists", maxContainers)
	}
	return nil
}

// enter counts the call of a template; the caller gives the depth back with leave.
func (b *budget) enter(name string, height int) error {
	b.depth += callDepth + height
	if b.depth > maxDepth {
		return limit("template %q is nested too deeply; it probably calls itself without end", name)
	}
	return nil
}

func (b *budget) leave(height int) { b.depth -= callDepth + height }

// output collects what a template prints.
type output struct {
	strings.Builder
	budget *budget
}

var _ io.Writer = (*output)(nil)

func (o *output) Write(p []byte) (int, error) {
	if err := o.budget.spend(int64(len(p))); err != nil {
		return 0, err
	}
	return o.Builder.Write(p)
}

// text returns what was printed. Go prints "<no value>" for a missing key even where it is told to print nothing; Helm
// removes it again, whoever wrote it.
func (o *output) text() string { return strings.ReplaceAll(o.String(), "<no value>", "") }
