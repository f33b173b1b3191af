package why

import (
	"context"
	"io/fs"
	"reflect"
	"slices"
)

// maxSteps is how many changes are put together.
const maxSteps = 12

// A change is a step that can be tried; without an edit, one that is not for the repository.
type change struct {
	text string
	edit *edit
}

// turn looks for the nearest change that turns the answer, and for what it needs besides. Each change is made in
// memory, and the fleet is looked at again.
func (f Fleet) turn(ctx context.Context, first *sight, q Question) (Turn, error) {
	var turn Turn
	var made, tried []change
	var broken error
	for s := first; len(tried) < maxSteps; {
		next, ok := s.next(!first.answer.There, tried)
		if !ok {
			turn.Result = s.stuck(broken)
			return turn, nil
		}
		tried = append(tried, next)
		if next.edit == nil {
			turn.Steps = append(turn.Steps, s.step(next))
			turn.Result = "what is outside of the repository cannot be tried"
			return turn, nil
		}
		after, err := f.try(ctx, append(slices.Clip(made), next), q)
		switch {
		case ctx.Err() != nil:
			return turn, ctx.Err()
		case err != nil:
			broken = err
			continue
		}
		turn.Steps, made = append(turn.Steps, s.step(next)), append(made, next)
		if after.answer.There != first.answer.There {
			turn.Proven, turn.Result = true, outcome(first, after)
			err = f.leaveOut(ctx, &turn, made, first.answer.There, q)
			return turn, err
		}
		s = after
	}
	turn.Result = "that is not enough, and more was not tried"
	return turn, nil
}

// leaveOut leaves out the steps without which the answer turns as well.
func (f Fleet) leaveOut(ctx context.Context, turn *Turn, tried []change, there bool, q Question) error {
	for i := len(tried) - 2; i >= 0; i-- { // with the last one, it turned
		others := slices.Delete(slices.Clone(tried), i, i+1)
		after, err := f.try(ctx, others, q)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && after.answer.There != there {
			tried, turn.Steps = others, slices.Delete(turn.Steps, i, i+1)
		}
	}
	return nil
}

// try looks at the fleet with changes.
func (f Fleet) try(ctx context.Context, changes []change, q Question) (*sight, error) {
	tree := f.Tree
	for _, c := range changes {
		var err error
		if tree, err = c.edit.apply(tree); err != nil {
			return nil, err
		}
	}
	return f.lookIn(ctx, tree, q)
}

func (f Fleet) lookIn(ctx context.Context, tree fs.FS, q Question) (*sight, error) {
	session, err := f.Open(tree)
	if err != nil {
		return nil, err
	}
	return f.look(ctx, session, q)
}

// step returns a change as it is told.
func (s *sight) step(c change) Step {
	step := Step{Text: c.text}
	if c.edit == nil {
		return step
	}
	step.File = c.edit.file
	if d, err := s.session.Repository().Document(c.edit.file); err == nil && d != nil {
		step.Line = max(d.Line(c.edit.path...), 1)
	}
	return step
}

// next returns the first change that may help, and was not tried.
func (s *sight) next(there bool, tried []change) (change, bool) {
	candidates := s.toLose()
	if there {
		candidates = s.toGet()
	}
	for _, c := range candidates {
		if !slices.ContainsFunc(tried, func(t change) bool { return reflect.DeepEqual(t, c) }) {
			return c, true
		}
	}
	return change{}, false
}

// stuck says why there is no further change. broken is why one was not possible; nil if each was.
func (s *sight) stuck(broken error) string {
	if broken != nil {
		return "with another change the fleet cannot be read: " + broken.Error()
	}
	for _, p := range s.answer.Places {
		if len(p.Failures) > 0 {
			return "no Application can be made: " + p.Failures[0]
		}
	}
	return "no change of one file in the repository turns it"
}

// outcome says what the changes led to.
func outcome(before, after *sight) string {
	with, what := after, " appears on "
	if before.answer.There {
		with, what = before, " goes from "
	}
	for _, p := range with.answer.Places {
		if p.There {
			return "the Application " + p.Application + what + p.ArgoCD
		}
	}
	return ""
}
