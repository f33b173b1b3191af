package linked

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	matrixreport "github.com/eks-fleet-management/fleet-cmp/render/matrix/report"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
	"github.com/eks-fleet-management/fleet-cmp/render/page/report"
)

// besides are the formats of the matrix that are written beside the page, with the names of the files.
var besides = [][2]string{{"json", "matrix.json"}, {"csv", "matrix.csv"}}

// Page is [page.Of] and a report of lint, with all written.
func (Stages) Page(ctx context.Context, session workshop.Later, p workshop.Page) error {
	found, o, err := look(ctx, session, p.Matrix)
	if err != nil {
		return err
	}
	files := make([]bytes.Buffer, len(besides))
	for i, of := range besides {
		o.Downloads = append(o.Downloads, of[1])
		if err := matrixreport.Print(&files[i], found.Matrix, matrixreport.Options{Format: of[0]}); err != nil {
			return err
		}
	}
	o.Live = p.Live
	o.Changes, _ = p.Changes.(*compare.Result)
	var out bytes.Buffer
	if err := report.Print(&out, found, o); err != nil {
		return err
	}
	if err := p.Write("index.html", out.Bytes()); err != nil {
		return err // before anything beside it is written: it may be a file of others
	}
	for i, of := range besides {
		if err := p.Write(of[1], files[i].Bytes()); err != nil {
			return err
		}
	}
	return failuresOf(found, o)
}

// onePage prints the page of a matrix as one file.
func onePage(ctx context.Context, session workshop.Later, m workshop.Matrix) error {
	found, o, err := look(ctx, session, m)
	if err != nil {
		return err
	}
	if err := report.Print(m.Stdout, found, o); err != nil {
		return err
	}
	return failuresOf(found, o)
}

// look finds out what the page of a matrix shows.
func look(ctx context.Context, session workshop.Later, m workshop.Matrix) (*page.Page, report.Options, error) {
	o := report.Options{Title: titleOf(m)}
	own, err := sessionOf(session)
	if err != nil {
		return nil, o, err
	}
	findings := lint.Begin(ctx, own, lint.Options{Request: m.Request, Output: m.Output, Tree: m.Tree})
	found, err := page.Of(ctx, own, matrix.Options{Request: m.Request, Hub: m.Hub, Release: m.Release,
		Output: m.Output, Survey: findings.Survey})
	if err == nil {
		o.Findings, err = findings.Finish(ctx)
	}
	m.Done()
	return found, o, asked(err)
}

// titleOf returns the title of a page: by default with the name of the directory that the fleet is in.
func titleOf(m workshop.Matrix) string {
	directory := worktree.DirectoryOf(m.Tree)
	switch {
	case m.Title != "":
		return m.Title
	case directory == "":
		return "Fleet"
	}
	return "Fleet " + filepath.Base(directory)
}

// failuresOf returns why a page does not show all; nil if it does.
func failuresOf(p *page.Page, o report.Options) error {
	failures := p.Matrix.Failures
	if len(failures) == 0 { // then those of what the matrix does not render: the values of Applications
		for _, f := range o.Findings.Findings {
			if f.Rule == problem.RuleRender {
				failures = append(failures, f.Problem)
			}
		}
	}
	if failures = append(slices.Clip(failures), comparedIn(o.Changes, failures)...); len(failures) > 0 {
		return failures
	}
	return nil
}

// comparedIn returns what could not be compared, but for what is said already.
func comparedIn(changes *compare.Result, said render.Failures) (failures render.Failures) {
	if changes == nil {
		return nil
	}
	for _, failure := range changes.Failures {
		if !slices.ContainsFunc(said, func(err error) bool { return err.Error() == failure.Message }) {
			failures = append(failures, fmt.Errorf("%s: %s", failure.Side, failure.Message))
		}
	}
	return failures
}
