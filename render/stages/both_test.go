package stages_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// TestBoth proves that each of two visitors is shown what it wants to see, and nothing else.
func TestBoth(t *testing.T) {
	var shown []string
	see := func(who, what string) { shown = append(shown, who+" "+what) }
	visitor := func(who string) stages.Visitor {
		return stages.Visitor{
			ApplicationSets: func(group string, _ render.ArgoCD, _ *render.Result) { see(who, group) },
			Application:     func(v stages.Visited) { see(who, v.Group) },
			Objects:         func(v stages.Visited, _ stages.Objects) { see(who, v.Group+" objects") },
			Failed:          func(f stages.Failure) { see(who, f.Group) },
		}
	}
	sets := stages.Visitor{ApplicationSets: visitor("sets").ApplicationSets, NamesOnly: true, KeysTwice: true}
	for name, test := range map[string]struct {
		a, b stages.Visitor
		want []string
	}{
		"all and all": {visitor("a"), visitor("b"), []string{"a sets", "b sets", "a app", "b app", "a app objects",
			"b app objects", "a bad", "b bad"}},
		"all and some": {visitor("a"), sets, []string{"a sets", "sets sets", "a app", "a app objects", "a bad"}},
		"some and all": {sets, visitor("b"), []string{"sets sets", "b sets", "b app", "b app objects", "b bad"}},
	} {
		t.Run(name, func(t *testing.T) {
			shown = nil
			both := stages.Both(test.a, test.b)
			both.ApplicationSets("sets", render.ArgoCD{}, nil)
			both.Application(stages.Visited{Group: "app"})
			both.Objects(stages.Visited{Group: "app"}, stages.Objects{})
			both.Failed(stages.Failure{Group: "bad"})
			require.Equal(t, test.want, shown)
			require.False(t, both.NamesOnly)
			require.Equal(t, test.a.KeysTwice || test.b.KeysTwice, both.KeysTwice)
		})
	}
	both := stages.Both(sets, sets)
	require.Nil(t, both.Application)
	require.True(t, both.NamesOnly)
}
