package sandbox

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// What does not depend on whose template it is. A stack is at most maxDepth times about a KiB.
const (
	// nested blocks of templates being executed, each call of a template counting callDepth more
	maxDepth      = 100_000
	maxContainers = 250_000 // maps and lists made by functions, and so how deep they can be nested
	callDepth     = 20
)

// Limits are what one execution of templates may use. Memory that is held is at most a small multiple of Bytes.
type Limits struct {
	Steps int           // function calls and rounds of `range`
	Bytes int64         // of all results of functions, and of the output
	Work  time.Duration // that functions take, as they are known to: it is not measured
}

// A LimitError says which of the limits is exceeded.
type LimitError struct{ Message string }

// Error returns what is too much.
func (e *LimitError) Error() string { return e.Message }

// Exceeded returns a [LimitError].
func Exceeded(format string, args ...any) error { return &LimitError{fmt.Sprintf(format, args...)} }

// A Budget counts what an execution has used. It belongs to one goroutine.
type Budget struct {
	ctx    context.Context
	limits Limits

	steps, depth, containers int
	bytes                    int64
	work                     time.Duration
}

// New returns a budget of which nothing is used. When the context ends, so does what it is for.
func New(ctx context.Context, limits Limits) *Budget { return &Budget{ctx: ctx, limits: limits} }

// Reset makes the budget one of which nothing is used.
func (b *Budget) Reset() { *b = Budget{ctx: b.ctx, limits: b.limits} }

// Step counts one call of a function or one round of a loop.
func (b *Budget) Step() error {
	b.steps++
	if b.steps > b.limits.Steps {
		return Exceeded("more than %d function calls and rounds of loops", b.limits.Steps)
	}
	if b.steps%16 == 0 {
		return b.ctx.Err()
	}
	return nil
}

// Work counts what a function is about to do.
func (b *Budget) Work(work time.Duration) error {
	if work < 0 || work > b.limits.Work-b.work {
		b.work = b.limits.Work
		return Exceeded("functions that take more than %s of computing together", b.limits.Work)
	}
	b.work += work
	if work > 100*time.Microsecond {
		return b.ctx.Err()
	}
	return nil
}

// Spend counts memory that is about to be taken, or was.
func (b *Budget) Spend(bytes int64) error {
	if bytes < 0 || bytes > b.limits.Bytes-b.bytes {
		b.bytes = b.limits.Bytes
		return Exceeded("more than %d MiB of text and lists", b.limits.Bytes>>20)
	}
	b.bytes += bytes
	return nil
}

// hold counts maps and lists that were made.
func (b *Budget) hold(containers int) error {
	b.containers += containers
	if b.containers > maxContainers {
		return Exceeded("more than %d maps and lists", maxContainers)
	}
	return nil
}

// Enter counts the call of a template of a height; the caller gives the depth back with [Budget.Leave].
func (b *Budget) Enter(name string, height int) error {
	b.depth += callDepth + height
	if b.depth > maxDepth {
		return Exceeded("template %q is nested too deeply; it probably calls itself without end", name)
	}
	return nil
}

// Leave ends what [Budget.Enter] began.
func (b *Budget) Leave(height int) { b.depth -= callDepth + height }

// Output collects what a template prints, and counts it.
type Output struct {
	strings.Builder
	budget *Budget
}

var _ io.Writer = (*Output)(nil)

// Output returns an empty output.
func (b *Budget) Output() *Output { return &Output{budget: b} }

// Write adds to the output. It fails if that is more than the budget has.
func (o *Output) Write(p []byte) (int, error) {
	if err := o.budget.Spend(int64(len(p))); err != nil {
		return 0, err
	}
	return o.Builder.Write(p)
}
