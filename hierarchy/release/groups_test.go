package release

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

func TestUnknownKeysOfReleases(t *testing.T) {
	releases, err := readText(t,
		"releases:\n  globals: {type: x}\n  addons:\n  - type: a\n    chartVersion: 1\n    chartRepoURL: x\n")
	require.NoError(t, err)
	got := messages(releases.Warnings)
	require.Len(t, got, 3)
	require.Contains(t, got[0], `releases.yaml:2: releases.globals: unknown key "type", which has no effect; `)
	require.Equal(t,
		`releases.yaml:6: releases of addons: unknown key "chartRepoURL", which has no effect; did you mean chartRepoUrl?`, got[1])
	require.Contains(t, got[2],
		`releases.yaml:5: releases of addons: unknown key "chartVersion", which has no effect; the keys are `)
}

func TestReleaseGroups(t *testing.T) {
	f := &fleet.Fleet{Releases: "r.yaml"}
	groups, err := Groups(f, files{"r.yaml": "releases: {globals: {}, b: [], a: []}"}.Repository())
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, groups)
	groups, err = Groups(f, files{}.Repository())
	require.NoError(t, err)
	require.Empty(t, groups)
	_, err = Groups(f, files{"r.yaml": "releases: []\nx: ["}.Repository())
	requireOneLine(t, err, "r.yaml")
}
