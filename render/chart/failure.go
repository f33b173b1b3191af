package chart

import (
	"errors"
	"fmt"
	"path"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// cause is what is wrong with a chart, and what to do about it, to be completed with the chart's name. Its message is
// safe to show; what it wraps may not be.
type cause struct {
	message, hint string
	err           error
}

func (c *cause) Error() string { return c.message }
func (c *cause) Unwrap() error { return c.err }

// hinted returns a cause. However often it is wrapped, its hint ends up at the end of the line.
func hinted(hint, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &cause{message: err.Error(), hint: hint, err: errors.Unwrap(err)}
}

// hintOf returns the hint of an error; it may be empty.
func hintOf(err error) string {
	var c *cause
	if errors.As(err, &c) {
		return c.hint
	}
	return ""
}

// unhinted returns a problem as a cause, so that its hint ends up at the end of the line too.
func unhinted(err error) error {
	var own *problem.Problem
	if !errors.As(err, &own) {
		return err
	}
	bare := *own
	bare.Hint = ""
	return hinted(own.Hint, "%w", &bare)
}

// describe names a chart in messages. Without repository, it is not known or must not be shown.
func describe(r Reference, repository string) string {
	text := "chart " + r.Name
	if r.Version != "" {
		text += " " + r.Version
	}
	if repository != "" {
		text += " from " + repository
	}
	return text
}

// failure returns the error for a chart, in the form "chart NAME VERSION from REPOSITORY: reason; hint".
func failure(r Reference, repository string, err error) error {
	return problem.New("", 0, "%s: %w", describe(r, repository), err).WithHint("%s", hintOf(err))
}

// folderFailure returns the error for a chart in a folder of the repository, in the form "FILE: reason; hint". One
// that names its file already stays as it is.
func folderFailure(folder string, err error) error {
	if own, ok := err.(*problem.Problem); ok { //nolint:errorlint // one that is wrapped is about a dependency
		return own
	}
	return problem.New(path.Join(folder, "Chart.yaml"), 0, "%w", err).WithHint("%s", hintOf(err))
}
