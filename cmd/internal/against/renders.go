package against

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A rendering is one run on its way: where each program writes, and what it says once it has ended.
type rendering struct {
	directories [2]string
	messages    [2]chan []string
}

// programsAtOnce is how many programs run at the same time. Both of a run always do, so that neither waits for the
// other.
func programsAtOnce() int { return max(2, runtime.GOMAXPROCS(0)) }

// renderings renders runs with both programs, as many as may run at once, and calls use with what differs, in the order
// of the runs. The first program that cannot be run ends all others.
func (c *comparison) renderings(ctx context.Context, runs []run, use func(workshop.Rendered) error) error {
	all := make([]rendering, len(runs))
	for i := range all {
		all[i].messages = [2]chan []string{make(chan []string, 1), make(chan []string, 1)}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.start(ctx, group, runs, all) })
	group.Go(func() error {
		for i, r := range runs {
			messages, err := all[i].wait(ctx)
			if err != nil {
				return err
			}
			if err := c.compare(r, all[i].directories, messages, use); err != nil {
				return err
			}
			if err := os.RemoveAll(filepath.Dir(all[i].directories[0])); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// start starts both programs of each run, one after the other as they find room. It ends with the context.
func (c *comparison) start(ctx context.Context, group *errgroup.Group, runs []run, all []rendering) error {
	room := make(chan struct{}, c.atOnce)
	for i, r := range runs {
		base, err := os.MkdirTemp(c.directory, "run-")
		if err != nil {
			return err
		}
		for side := range c.programs {
			all[i].directories[side] = filepath.Join(base, strconv.Itoa(side))
		}
		for side, program := range c.programs {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			group.Go(func() error {
				defer func() { <-room }()
				messages, err := program.render(ctx, all[i].directories[side], slices.Concat(c.flags, r.args))
				if err != nil {
					return err
				}
				c.step(1)
				all[i].messages[side] <- messages
				return nil
			})
		}
	}
	return nil
}

// wait returns what both programs say, once they have ended. It fails with the context.
func (r *rendering) wait(ctx context.Context) (messages [2][]string, err error) {
	for side := range messages {
		select {
		case messages[side] = <-r.messages[side]:
		case <-ctx.Done():
			return messages, context.Cause(ctx)
		}
	}
	return messages, nil
}

// rest returns the runs of later stages that are of use, which the ApplicationSets have said.
func (c *comparison) rest(later []run) (wanted []run) {
	for _, r := range later {
		if r, is := c.only(r); is {
			wanted = append(wanted, r)
		} else {
			c.step(len(c.programs))
		}
	}
	return wanted
}

// firstLater returns the index of the first run that is not of ApplicationSets, of which all others come before it.
func firstLater(all []run) int {
	later := slices.IndexFunc(all, func(r run) bool { return r.stage != render.StageApplicationSets })
	if later < 0 {
		return len(all)
	}
	return later
}

// A display shows how many of the programs that are to run have ended.
type display struct {
	mutex       sync.Mutex
	show        func(done, total int) // nil: nobody looks
	done, total int
}

// step counts programs that have ended, or that need not run.
func (d *display) step(more int) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.done += more
	if d.show != nil {
		d.show(d.done, d.total)
	}
}

// end counts all, which removes what is shown.
func (d *display) end() { d.step(d.total - d.done) }
