package releases_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/releases"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

func TestNames(t *testing.T) {
	repository := hierarchy.NewRepository(fstest.MapFS{
		"fleet.yaml": {Data: []byte("apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: {releases: releases.yaml}\n")},
		"releases.yaml": {Data: []byte("releases: {addons: [{type: a}, {type: b}], extra: [{type: a}], " +
			"resources: [{type: a}]}\n")},
	})
	f, err := fleet.Load(repository)
	require.NoError(t, err)
	names, err := releases.Names(repository, f)
	require.NoError(t, err)
	for want, labels := range map[string]map[string]string{
		"a":                            nil,
		"a,b(addons)":                  {"addonsRelease": "b"},
		"a,c(no such release)(addons)": {"addonsRelease": "c"},
	} {
		require.Equal(t, want, names(cluster.Cluster{Name: "x", Labels: labels}))
	}
}
