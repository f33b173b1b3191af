// Package usage tells errors of whoever calls a program from all others: their exit status is another.
package usage

import "errors"

// mistake is an error of whoever wrote a command line.
type mistake struct{ error }

func (m *mistake) Unwrap() error { return m.error }

// Error returns an error as one of whoever wrote the command line.
func Error(err error) error { return &mistake{err} }

// Is tells whether an error is one of whoever wrote the command line.
func Is(err error) bool {
	var m *mistake
	return errors.As(err, &m)
}
