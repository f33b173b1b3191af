package stages

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// idle counts the ApplicationSets that select none of their targets, for as long as nothing is rendered, and what they
// ask of these.
type idle struct {
	sets    int
	targets map[string]cluster.Cluster
	wanted  map[string]*wanted // by label
}

// wanted is what ApplicationSets ask of a label that none of the targets has.
type wanted struct {
	sets int
	how  map[string]bool // label=value, label in (a,b), !label
}

// add counts an ApplicationSet that gives nothing for its targets.
func (i *idle) add(set render.Object, targets []cluster.Cluster) {
	if i.targets == nil {
		i.targets, i.wanted = map[string]cluster.Cluster{}, map[string]*wanted{}
	}
	i.sets++
	for _, target := range targets {
		i.targets[target.Name] = target
	}
	if len(targets) != 1 {
		return
	}
	spec, _ := set["spec"].(render.Object)
	counted := map[string]bool{}
	for _, requirement := range unmet(spec["generators"], targets[0].AllLabels()) {
		label := requirement.Key()
		if i.wanted[label] == nil {
			i.wanted[label] = &wanted{how: map[string]bool{}}
		}
		how := strings.ReplaceAll(requirement.String(), ",", ", ")
		if values := requirement.ValuesUnsorted(); requirement.Operator() == selection.In && len(values) == 1 {
			how = label + "=" + values[0]
		}
		i.wanted[label].how[how] = true
		if !counted[label] {
			i.wanted[label].sets++
			counted[label] = true
		}
	}
}

// unmet returns the requirements of the selectors of generators, nested ones too, that labels do not meet.
func unmet(generators any, have labels.Set) labels.Requirements {
	var found labels.Requirements
	list, _ := generators.([]any)
	for _, item := range list {
		for kind, value := range asObject(item) {
			if kind != "clusters" {
				found = append(found, unmet(asObject(value)["generators"], have)...)
				continue
			}
			selects, err := selectorOf(asObject(value)["selector"])
			if err != nil {
				continue // about which there is an error already
			}
			requirements, _ := selects.Requirements()
			for _, requirement := range requirements {
				if !requirement.Matches(have) {
					found = append(found, requirement)
				}
			}
		}
	}
	return found
}

func asObject(value any) render.Object {
	object, _ := value.(render.Object)
	return object
}

// err is the error for a run without any result. It says which labels are missing, the most wanted ones first.
func (i *idle) err() error {
	const most = 3
	message := "there is nothing to render: no ApplicationSet selects the cluster"
	if len(i.targets) > 1 {
		message += fmt.Sprintf("s %s", problem.Few(slices.Sorted(maps.Keys(i.targets))))
	}
	for _, target := range i.targets {
		if len(i.targets) > 1 {
			break
		}
		byNumber := slices.SortedFunc(maps.Keys(i.wanted), func(a, b string) int {
			return cmp.Or(i.wanted[b].sets-i.wanted[a].sets, strings.Compare(a, b))
		})
		for _, label := range byNumber[:min(most, len(byNumber))] {
			message += "; " + i.describe(label, target)
		}
	}
	return errors.New(message + "; if that is intended, allow it (--allow-empty, parameter allow-empty)")
}

// describe says how many ApplicationSets want what of a label, and what the cluster has.
func (i *idle) describe(label string, target cluster.Cluster) string {
	w := i.wanted[label]
	how := strings.Join(slices.Sorted(maps.Keys(w.how)), " or ")
	has := "which " + target.Name + " lacks"
	if value, is := target.Labels[label]; is {
		has = fmt.Sprintf("but %s has %s=%s", target.Name, label, value)
	} else if meant := problem.Likely(label, slices.Sorted(maps.Keys(target.Labels))); meant != "" {
		has += fmt.Sprintf(" (is its label %s meant?)", meant)
	}
	number := fmt.Sprintf("%d of %d ApplicationSets want", w.sets, i.sets)
	if i.sets == 1 {
		number = "the ApplicationSet wants"
	}
	return fmt.Sprintf("%s %s, %s", number, how, has)
}
