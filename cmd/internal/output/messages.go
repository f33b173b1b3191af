package output

import (
	"errors"
	"fmt"
	"io"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// maxLines is how many errors, or warnings, are printed: nobody reads more, and one file can have a hundred thousand.
const maxLines = 100

// Messages prints errors or warnings as a line each, and how many more there are. A mistake in a file that concerns
// several groups or clusters is one line.
func Messages(stderr io.Writer, kind string, messages []error) {
	messages = problem.Joined(messages)
	for _, message := range messages[:min(len(messages), maxLines)] {
		Message(stderr, kind, message)
	}
	if more := len(messages) - maxLines; more > 0 {
		Message(stderr, kind, fmt.Errorf("and %d more", more))
	}
}

// Message prints an error or a warning as a line that controls no terminal, without the credentials in addresses.
// Command lines in it begin with the name by which this program was called.
func Message(stderr io.Writer, kind string, err error) {
	fmt.Fprintf(stderr, "%s: %s\n", kind, problem.PlainLine(address.Redact(called.Text(err.Error()))))
}

// OneByOne returns the errors that an error consists of, each for a line of its own.
func OneByOne(err error) []error {
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

// Warnings prints findings as [Messages] does.
func Warnings(w io.Writer, warnings []*problem.Problem) {
	messages := make([]error, len(warnings))
	for i, warning := range warnings {
		messages[i] = warning
	}
	Messages(w, "Warning", messages)
}
