package why

import "context"

// Look is Ask without what would turn the answer.
func Look(ctx context.Context, f Fleet, q Question) (*Answer, error) {
	s, err := f.look(ctx, f.Session, q)
	if err != nil {
		return nil, err
	}
	return &s.answer, nil
}
