package clusters

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// unknown stands for a number that cannot be told.
const unknown = "<unknown>"

// applications are how many Applications clusters are meant to have, by name: one for each ApplicationSet that selects
// them, whatever becomes of it. They are counted at the stage applicationsets, which needs no chart of them.
type applications struct {
	mu      sync.Mutex
	of      map[string]int
	unknown map[string]bool // clusters of which a part cannot be told; "" for all
	remote  bool            // since only cmp-stages has a catalog

	done, all int // Argo CDs
}

// count counts the Applications of the targets, which must exist. What cannot be counted is unknown, and no failure. It
// fails when the context ends.
func count(ctx context.Context, session *render.Session, targets render.Targets, progress render.Progress) (
	*applications, error) {
	a := &applications{of: map[string]int{}, unknown: map[string]bool{}}
	names, appPath := session.Fleet().AllGroups(".")
	if progress != nil {
		defer progress(1, 1) // however it ends: a display goes away
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, name := range names {
		r := render.Request{Group: name, AppPath: appPath, Targets: targets, Anywhere: true, AllowEmpty: true,
			AllFindings: true, Unjudged: true}
		argoCDs, _, err := session.ArgoCDs(r)
		if err != nil {
			a.lose([]cluster.Cluster{{}}, err)
			continue
		}
		a.tell(0, len(argoCDs), progress)
		for _, argoCD := range argoCDs {
			work.Go(func() error {
				defer a.tell(1, 0, progress)
				result, err := session.ApplicationSets(r, argoCD, false)
				if err != nil {
					a.lose(argoCD.Targets, err)
					return ctx.Err()
				}
				for _, object := range result.Objects {
					a.add(applicationset.Selected(object, argoCD.Targets))
				}
				return ctx.Err()
			})
		}
	}
	return a, work.Wait()
}

// tell tells how far the work is, when more Argo CDs are done, or there are more to do.
func (a *applications) tell(done, all int, progress render.Progress) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done, a.all = a.done+done, a.all+all
	if progress != nil && a.done < a.all {
		progress(a.done, a.all)
	}
}

// add counts an ApplicationSet for the clusters that it selects.
func (a *applications) add(selected []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range selected {
		a.of[name]++
	}
}

// lose notes that the Applications of a group cannot be told for some clusters. Why is for cmp matrix to say: here, the
// clusters are asked for.
func (a *applications) lose(clusters []cluster.Cluster, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remote = a.remote || errors.Is(err, fleet.ErrNoChartReader)
	for _, c := range clusters {
		a.unknown[c.Name] = true
	}
}

// text is what a table shows of a cluster.
func (a *applications) text(name string) string {
	if a.unknown[""] || a.unknown[name] {
		return unknown
	}
	return strconv.Itoa(a.of[name])
}
