package linked

import (
	"context"
	"errors"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
	"github.com/eks-fleet-management/fleet-cmp/render/images/report"
)

// Images is [images.Of], or with a base [images.Compare], with the result printed.
func (Stages) Images(ctx context.Context, i workshop.Images) error {
	var sides []images.Side
	for _, side := range i.Sides {
		if side.Err != nil {
			return fmt.Errorf("%s: %w", side.Tree.Name, side.Err)
		}
		session, err := sessionOf(side.Session)
		if err != nil {
			return err
		}
		sides = append(sides, images.Side{Name: side.Tree.Name, Session: session,
			Options: images.Options{Request: side.Request, Output: i.Output, Filter: images.Filter{Hub: i.Hub,
				Group: i.Filter.Group, Cluster: i.Filter.Cluster, Selector: i.Filter.Selector,
				Components: i.Filter.Components}}})
	}
	notes, failures, print, err := findImages(ctx, i, sides)
	i.Done()
	if errors.Is(err, render.ErrIncomplete) {
		return usage.Error(err)
	}
	if err != nil {
		return err
	}
	for _, note := range notes {
		i.Note(note)
	}
	if err := print(); err != nil {
		return err
	}
	if len(failures) > 0 {
		return failures
	}
	return nil
}

// findImages finds what is asked for, and returns what prints it.
func findImages(ctx context.Context, i workshop.Images, sides []images.Side) (notes []string, failures render.Failures,
	print func() error, err error) {
	if len(sides) == 1 {
		found, err := images.Of(ctx, sides[0].Session, sides[0].Options)
		if err != nil {
			return nil, nil, nil, err
		}
		return found.Notes, found.Failures, func() error { return report.Print(i.Stdout, found, i.Format) },
			i.Found(sides[0].Session.Fleet(), found.Findings)
	}
	found, err := images.Compare(ctx, sides[0], sides[1])
	if err != nil {
		return nil, nil, nil, err
	}
	return found.Notes, found.Failures, func() error { return report.PrintDifference(i.Stdout, found, i.Format) },
		i.Found(sides[1].Session.Fleet(), found.Findings)
}
