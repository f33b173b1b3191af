package matrix

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// described is what the settings of a release say on an Argo CD.
type described struct {
	enabled  map[string]bool // of each component that is described
	origins  map[string]*Origin
	handover bool
	err      error
}

// describeAll reads what the settings say, of each Argo CD and each release that one of its clusters is on. Which
// release that is, is said by the settings that the Argo CD has for its own cluster.
func (b *builder) describeAll(ctx context.Context) error {
	var own, all []place
	for _, g := range b.groups {
		for _, a := range g.argoCDs {
			own = append(own, place{g, on{argoCD: a.Cluster.Name}})
		}
	}
	if err := b.describeThese(ctx, own); err != nil {
		return err
	}
	for _, g := range b.groups {
		b.setReleases(g)
		needed := map[on]bool{}
		for _, c := range b.clusters {
			for _, i := range g.places[c.Name] {
				argoCD := g.argoCDs[i].Cluster.Name
				where := on{argoCD, g.releaseOn(argoCD, c.Identity.Cluster)}
				if _, is := g.values[where]; !is && !needed[where] {
					all = append(all, place{g, where})
				}
				needed[where] = true
				if !g.has(where.release) { // whose components nobody can tell
					needed[on{argoCD, g.own[argoCD]}] = true
				}
			}
		}
		maps.DeleteFunc(g.values, func(where on, _ described) bool { return !needed[where] })
	}
	return b.describeThese(ctx, all)
}

// A place is where settings are: in a group, on an Argo CD, in a release; "" for the one that the Argo CD is on.
type place struct {
	group *group
	on    on
}

// describeThese reads what the settings say in some places. Where that cannot be read without a release, those with one
// say so.
func (b *builder) describeThese(ctx context.Context, places []place) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	for _, at := range places {
		work.Go(func() error {
			d, merged := b.describe(at.group, at.on)
			mu.Lock()
			defer mu.Unlock()
			where, g := at.on, at.group
			if merged != nil {
				if where.release == "" {
					where.release, g.choices[where.argoCD] = merged.Release, merged.Choices
					g.own[where.argoCD] = merged.Release
				}
				if b.options.Settings != nil {
					b.options.Settings(g.name, where.argoCD, where.release, merged)
				}
			}
			if merged != nil || g.has(where.release) {
				g.values[where] = d
			}
			return ctx.Err()
		})
	}
	return work.Wait()
}

// failToDescribe adds what keeps settings from being read where nothing else failed.
func (b *builder) failToDescribe() {
	for _, name := range slices.Sorted(maps.Keys(b.groups)) {
		g := b.groups[name]
		var said []string
		for where, d := range g.values {
			if d.err == nil || len(g.failuresOn(where.argoCD, "")) > 0 || !g.has(where.release) {
				continue
			}
			if text := d.err.Error(); !slices.Contains(said, text) {
				said = append(said, text)
				b.failures = append(b.failures, d.err)
			}
		}
	}
	slices.SortStableFunc(b.failures, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
}

// has tells whether a group has a release, or none at all.
func (g *group) has(release string) bool {
	return len(g.releases.All) == 0 || slices.Contains(g.releases.Names(), release)
}

func (b *builder) describe(g *group, where on) (described, *render.Merged) {
	d := described{enabled: map[string]bool{}, origins: map[string]*Origin{}}
	r := g.request
	r.Stage, r.Targets, r.Components = "", render.Targets{}, nil
	r.Cluster, r.Release, r.AllFindings = where.argoCD, where.release, true
	merged, err := b.session.Session.Values(r)
	if err != nil {
		d.err = err
		return d, nil
	}
	d.handover = hierarchy.SettingsReader(merged.Values).True(wellknown.SettingHandover)
	for _, key := range applicationset.Components(merged.Values) {
		d.enabled[key] = hierarchy.Reader(merged.Values, "", key).True("enabled")
		origins := merged.Values.Origins(key, "enabled")
		if len(origins) == 0 {
			origins = merged.Values.Origins(key)
		}
		if len(origins) > 0 {
			d.origins[key] = &Origin{origins[0].Source, origins[0].File, origins[0].Line}
		}
	}
	return d, merged
}
