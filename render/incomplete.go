package render

import (
	"errors"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ErrIncomplete is the cause when a request lacks a part, so that it is the caller's fault and not the repository's.
var ErrIncomplete = errors.New("incomplete request")

// Incomplete returns an error whose cause is [ErrIncomplete], with this text alone, which says what to give. It takes
// what fmt.Errorf takes.
func Incomplete(format string, args ...any) error { return incomplete{fmt.Errorf(format, args...)} }

type incomplete struct{ error }

// Error returns the text on one line: it may hold names of the repository.
func (i incomplete) Error() string { return problem.OneLine(i.error.Error()) }

// Is tells that the cause is [ErrIncomplete].
func (i incomplete) Is(target error) bool { return target == ErrIncomplete }

// Unwrap returns the error without that cause, which may have others.
func (i incomplete) Unwrap() error { return i.error }
