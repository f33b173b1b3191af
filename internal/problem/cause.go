package problem

import (
	"errors"
	"fmt"
)

// A Cause is what is wrong with something, and what to do about it, to be completed with the name of the thing. Its
// message is safe to show; what it wraps may not be.
type Cause struct {
	Message, Hint string
	Err           error
}

// Error returns the message, without the hint.
func (c *Cause) Error() string { return c.Message }

// Unwrap returns what the cause wraps; it may be nil.
func (c *Cause) Unwrap() error { return c.Err }

// Hinted returns a [Cause]. However often it is wrapped, [HintOf] finds its hint, so that this can stand at the end of
// the line.
func Hinted(hint, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Cause{Message: err.Error(), Hint: hint, Err: err}
}

// HintOf returns the hint of the first [Cause] in an error; "" if there is none.
func HintOf(err error) string {
	var c *Cause
	if errors.As(err, &c) {
		return c.Hint
	}
	return ""
}
