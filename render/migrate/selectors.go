package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// selectors are about ApplicationSets that select clusters by labels which they need not have today.
func selectors(matches []match) []Trap {
	type more struct{ part, where, labels string }
	found := map[more][]string{}
	for _, one := range matches {
		if one[0] == nil || one[1] == nil || one[0].kind != argo.KindApplicationSet || one[0].starts {
			continue
		}
		was := argo.Required(one[0].object)
		added := slices.DeleteFunc(argo.Required(one[1].object), func(label string) bool {
			return slices.Contains(was, label)
		})
		if len(added) > 0 {
			key := more{one[1].part, one[1].where, strings.Join(added, ", ")}
			found[key] = append(found[key], about(one[1]))
		}
	}
	var all []Trap
	for key, things := range found {
		all = append(all, Trap{Kind: TrapSelectors, Objects: things,
			Message: fmt.Sprintf("group %s: %d ApplicationSets in the Argo CD of %s select by %s, which today's do "+
				"not: a cluster Secret without these labels loses its Applications: "+
				"%s", key.part, len(things), key.where,
				key.labels, problem.Few(things)),
			Remedy: "sync the registration before the groups, and see with kubectl get secrets --show-labels that " +
				"the cluster Secrets there have the labels"})
	}
	slices.SortFunc(all, func(a, b Trap) int { return strings.Compare(a.Message, b.Message) })
	return all
}
