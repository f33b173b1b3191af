package outdated

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// update is what is asked of one Application: one of its sources at another version.
type update struct {
	row    *Row
	source int
}

// diff finds out what the updates do. Each Application is rendered as it is, and with each of its charts updated alone.
func (b *builder) diff(ctx context.Context) error {
	type of struct{ group, argoCD, applicationSet string }
	asked := map[of]map[string][]update{} // by Application
	for _, r := range b.rows {
		if r.Target() == "" {
			continue
		}
		r.Changes = &Changes{To: r.Target()}
		for d := range r.deployments {
			in := of{r.Group, d.argoCD, d.applicationSet}
			if asked[in] == nil {
				asked[in] = map[string][]update{}
			}
			asked[in][d.application] = append(asked[in][d.application], update{r, d.source})
		}
	}
	request := b.options.Matrix.Request
	request.Stage, request.AllowEmpty, request.Anywhere, request.Components = render.StageManifests, true, true, nil
	output := b.options.Matrix.Output
	plan, err := b.session.Plan(ctx, request, output)
	if err != nil {
		return err
	}
	if output.Progress != nil {
		defer output.Progress(1, 1) // however it ends: a display goes away
	}
	for _, err := range plan.Failures {
		b.fail(err)
	}
	for i, set := range plan.Sets {
		if output.Progress != nil {
			output.Progress(i, len(plan.Sets))
		}
		wanted := asked[of{set.Group, set.On.Cluster.Name, hierarchy.NameOf(set.Object)}]
		if len(wanted) == 0 {
			continue
		}
		if err := b.diffSet(ctx, set, wanted); err != nil {
			return err
		}
	}
	for in, applications := range asked {
		b.miss(in.applicationSet, applications)
	}
	return nil
}

// miss counts the Applications that there are up to their stage, but not to be rendered: which stops a render of
// manifests is only a finding before.
func (b *builder) miss(applicationSet string, applications map[string][]update) {
	for name, updates := range applications {
		for _, u := range updates {
			u.row.Changes.add(nil, nil, errMissed)
		}
		if len(b.report.Failures) == 0 {
			b.fail(problem.New("", 0, "ApplicationSet %q: Application %q cannot be rendered", applicationSet, name))
		}
	}
}

// errMissed says of an Application that it was not there to be compared.
var errMissed = errors.New("the Application is missing")

// diffSet compares the Applications of an ApplicationSet that are asked for, and takes them out of what is wanted.
func (b *builder) diffSet(ctx context.Context, set *stages.Set, wanted map[string][]update) error {
	expanded, err := set.Expand(ctx, nil)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, v := range expanded.Applications {
		updates := wanted[v.Application.Name()]
		if len(updates) == 0 {
			continue
		}
		delete(wanted, v.Application.Name())
		work.Go(func() error {
			before, err := set.Objects(ctx, v)
			for _, u := range updates {
				failed := err
				var after []render.Object
				if failed == nil {
					after, failed = set.Objects(ctx, set.At(v, u.source, u.row.Changes.To))
				}
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				mu.Lock()
				u.row.Changes.add(before, after, failed)
				b.fail(failed)
				mu.Unlock()
			}
			return nil
		})
	}
	if len(wanted) > 0 {
		for _, p := range expanded.Problems {
			b.fail(p)
		}
	}
	return work.Wait()
}

// fail adds a failure that is not known yet.
func (b *builder) fail(err error) {
	if err == nil {
		return
	}
	if b.said == nil {
		b.said = map[string]bool{}
		for _, known := range b.report.Failures {
			b.said[known.Error()] = true
		}
	}
	if text := err.Error(); !b.said[text] {
		b.said[text] = true
		b.report.Failures = append(b.report.Failures, err)
	}
}

// add counts the objects of an Application that an update changes.
func (c *Changes) add(before, after []render.Object, failed error) {
	c.Applications++
	if failed != nil {
		c.Failed++
		return
	}
	added, removed, changed := compare.Count(before, after)
	c.Added, c.Removed, c.Changed = c.Added+added, c.Removed+removed, c.Changed+changed
}
