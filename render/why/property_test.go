package why_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
	"github.com/eks-fleet-management/fleet-cmp/render/why"
)

// rendered returns the Applications that stage applications has for each component and cluster, as GROUP/KEY/CLUSTER.
func rendered(t *testing.T, f why.Fleet) map[string][]stages.Visited {
	all := map[string][]stages.Visited{}
	_, err := f.Session.Survey(t.Context(), render.Request{Stage: render.StageApplications, AppPath: ".",
		Anywhere:   true,
		AllowEmpty: true, Targets: render.Targets{All: true}}, render.Output{}, stages.Visitor{
		ApplicationSets: func(string, render.ArgoCD, *render.Result) {},
		Application: func(v stages.Visited) {
			key := strings.Join([]string{v.Group, v.Component.Key, v.Application.Cluster}, "/")
			all[key] = append(all[key], v)
		}})
	require.NoError(t, err)
	return all
}

// questions returns one for each component and cluster of the fleet.
func questions(t *testing.T, f why.Fleet) []why.Question {
	clusters, _, err := f.Session.Clusters(render.Request{})
	require.NoError(t, err)
	groups, _ := f.Session.Fleet().AllGroups(".")
	var all []why.Question
	for _, group := range groups {
		merged, err := f.Session.Session.Values(render.Request{Group: group, Cluster: "hub-prod", Anywhere: true,
			AllFindings: true})
		require.NoError(t, err)
		for _, component := range applicationset.Components(merged.Values) {
			for _, c := range clusters {
				all = append(all, why.Question{Component: component, Cluster: c.Name, Group: group})
			}
		}
	}
	require.Greater(t, len(all), 150)
	return all
}

// TestTruth: for each component and cluster of the example fleet, the answer is what stage applications renders, the
// version is that of the Application, and what is said to be against it is so exactly where it is not there.
func TestTruth(t *testing.T) {
	f := open(t, example)
	all := rendered(t, f)
	seen := 0
	for _, q := range questions(t, f) {
		answer, err := why.Look(t.Context(), f, q)
		require.NoError(t, err, "%+v", q)
		want := all[q.Group+"/"+q.Component+"/"+q.Cluster]
		seen += len(want)
		require.Equal(t, len(want) > 0, answer.There, "%+v", q)
		names := map[string]string{}
		for _, v := range want {
			names[v.ArgoCD] = v.Application.Name()
		}
		for _, p := range answer.Places {
			require.Equal(t, names[p.ArgoCD], p.Application, "%+v on %s", q, p.ArgoCD)
			against := false
			for _, fact := range p.Facts {
				against = against || fact.State == why.Against
			}
			require.Equal(t, !p.There, against, "%+v on %s: %v", q, p.ArgoCD, p.Facts)
			if p.There {
				require.True(t, strings.HasSuffix(p.Application, "-"+p.Version), "%s: %s", p.Application, p.Version)
			}
			delete(names, p.ArgoCD)
		}
		require.Empty(t, names, "%+v: Applications elsewhere", q)
	}
	total := 0
	for _, applications := range all {
		total += len(applications)
	}
	require.Equal(t, total, seen, "all Applications were asked for")
}

// TestTurns: the change that is told turns the answer, for a sample of all questions.
func TestTurns(t *testing.T) {
	f := open(t, example)
	all := questions(t, f)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, q := range all[:24] {
		answer, err := why.Ask(t.Context(), f, q)
		require.NoError(t, err, "%+v", q)
		require.True(t, answer.Turn.Proven, "%+v: %+v", q, answer.Turn)
		require.NotEmpty(t, answer.Turn.Steps)
	}
}
