package chart

import (
	"errors"
	"path"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// unhinted returns a problem as a cause, so that its hint ends up at the end of the line too.
func unhinted(err error) error {
	var own *problem.Problem
	if !errors.As(err, &own) {
		return err
	}
	bare := *own
	bare.Hint = ""
	return problem.Hinted(own.Hint, "%w", &bare)
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
	return problem.New("", 0, "%s: %w", describe(r, repository), err).WithHint("%s", problem.HintOf(err))
}

// directoryFailure returns the error for a chart in a directory of the repository, in the form "FILE: reason; hint".
// One that names its file already stays as it is.
func directoryFailure(directory string, err error) error {
	if own, ok := err.(*problem.Problem); ok { //nolint:errorlint // one that is wrapped is about a dependency
		return own
	}
	return problem.New(path.Join(directory, "Chart.yaml"), 0, "%w", err).WithHint("%s", problem.HintOf(err))
}
