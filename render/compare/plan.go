package compare

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
)

// plan renders the ApplicationSets of both sides, and pairs them.
func (c *comparison) plan(ctx context.Context) error {
	var group errgroup.Group
	var failed [2]error
	progress := c.options.Output.Progress.Parts(len(c.sides))
	for i := range c.sides {
		group.Go(func() error {
			output := c.options.Output
			output.Progress = progress[i]
			plan, err := c.sides[i].Session.Plan(ctx, c.sides[i].Request, output)
			c.plans[i], failed[i] = plan, err
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, err := range failed {
		if c.plans[i] != nil && err == nil {
			err = errors.Join(c.plans[i].Failures...)
		}
		if errors.Is(err, render.ErrIncomplete) { // it is asked for what does not exist
			return c.plans[i].Failures[0]
		}
	}
	if failed[0] != nil && failed[1] != nil || ctx.Err() != nil {
		return errors.Join(failed[1], ctx.Err())
	}
	for i, err := range failed {
		c.fail(i, err)
		if c.plans[i] != nil {
			for _, err := range c.plans[i].Failures {
				c.fail(i, err)
			}
			for _, warning := range c.plans[i].Warnings {
				if warning.Rule == problem.RuleForeignCatalog { // what is compared is not what will be there
					c.fail(i, warning)
				}
			}
		}
	}
	clusters := c.pair()
	c.findDescribed()
	c.identities = identity.Of(clusters)
	c.result.Clusters, c.result.Labels = len(c.identities.Names), c.identities.Labels
	c.grouper = newGrouper(c.identities)
	c.pairRenamed()
	return c.filter(clusters)
}

// pair pairs the ApplicationSets of both sides, and returns the clusters of both, those of the side after first.
func (c *comparison) pair() (clusters []cluster.Cluster) {
	index := map[string]*pair{}
	for _, side := range []int{1, 0} {
		if c.plans[side] == nil {
			continue
		}
		for _, set := range c.plans[side].Sets {
			clusters = append(clusters, set.On.Targets...)
			key := set.On.Cluster.Name + "/" + hierarchy.NameOf(set.Object)
			if index[key] == nil {
				index[key] = &pair{}
				c.pairs = append(c.pairs, index[key])
			}
			index[key][side] = set
		}
	}
	return clusters
}

// filter leaves out what is not asked for. It fails for what is on neither side.
func (c *comparison) filter(clusters []cluster.Cluster) error {
	f := c.options.Filter
	var groups, components []string
	for _, p := range c.pairs {
		groups = append(groups, p.of().Group)
		components = append(components, p.of().Component.Key)
	}
	if f.Group != "" && !slices.Contains(groups, f.Group) {
		return render.Incomplete("neither side has an ApplicationSet of group %q; %s", f.Group,
			problem.Suggest(f.Group, groups, "the groups are those of fleet.yaml"))
	}
	for _, component := range f.Components {
		if !slices.Contains(components, component) {
			return render.Incomplete("neither side has the component %q; %s", component,
				problem.Suggest(component, components, "list them with cmp matrix"))
		}
	}
	c.pairs = slices.DeleteFunc(c.pairs, func(p *pair) bool {
		return f.Group != "" && p.of().Group != f.Group ||
			len(f.Components) > 0 && !slices.Contains(f.Components, p.of().Component.Key)
	})
	if f.Cluster == "" && f.Selector == "" {
		return nil
	}
	selector, err := labels.Parse(f.Selector)
	if err != nil {
		return render.Incomplete("--selector: %w", err)
	}
	c.selected = map[string]bool{}
	for _, one := range clusters {
		if (f.Cluster == "" || one.Name == f.Cluster) && selector.Matches(one.AllLabels()) {
			c.selected[one.Name] = true
		}
	}
	if len(c.selected) == 0 && f.Cluster != "" {
		return render.Incomplete("neither side has a cluster %q; %s", f.Cluster,
			problem.Suggest(f.Cluster, c.identities.Names, "list them with cmp clusters"))
	}
	if len(c.selected) == 0 {
		return render.Incomplete("no cluster of either side matches %q; list them with cmp clusters", f.Selector)
	}
	return nil
}

// findDescribed finds the clusters that the sides describe otherwise, or that only one side has.
func (c *comparison) findDescribed() {
	var known [2]map[string]cluster.Cluster
	for side, plan := range c.plans {
		known[side] = map[string]cluster.Cluster{}
		if plan == nil {
			return
		}
		var last string // ApplicationSets of one Argo CD follow each other
		for _, set := range plan.Sets {
			if key := set.Group + "/" + set.On.Cluster.Name; key != last {
				last = key
				for _, target := range set.On.Targets {
					known[side][target.Name] = target
				}
			}
		}
	}
	for side := range known {
		for name, target := range known[side] {
			if other, both := known[1-side][name]; !both || !sameIdentity(target, other) {
				c.described[name] = true
			}
		}
	}
}

// pairRenamed pairs ApplicationSets that only one side has with the only one of the same component on the same Argo CD
// that only the other side has.
func (c *comparison) pairRenamed() {
	alone := map[string][2][]*pair{}
	for _, p := range c.pairs {
		if p[0] != nil && p[1] != nil {
			continue
		}
		of := p.of()
		key := strings.Join([]string{of.On.Cluster.Name, of.Group, of.Component.Key}, "/")
		sides := alone[key]
		side := 0
		if p[0] == nil {
			side = 1
		}
		sides[side] = append(sides[side], p)
		alone[key] = sides
	}
	for _, sides := range alone {
		if len(sides[0]) == 1 && len(sides[1]) == 1 {
			sides[1][0][0] = sides[0][0][0]
			*sides[0][0] = pair{}
		}
	}
	c.pairs = slices.DeleteFunc(c.pairs, func(p *pair) bool { return p[0] == nil && p[1] == nil })
}
