package release

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCredentialsOfReleasesAreRefused(t *testing.T) {
	for _, key := range []string{"repoUrl", "chartRepoUrl", "chartRepo", "addons_repo_basepath", "chartRepoPath",
		"targetRevision", "clusterName"} {
		repo := files{builtIn().Releases: "releases:\n  addons:\n  - type: a\n    " + key +
			": https://me:CANARY@x/y\n"}.Repository()
		_, err := Read(builtIn(), repo, "addons")
		requireOneLine(t, err, builtIn().Releases+":4: releases of addons: "+key+" holds a credential")
		require.NotContains(t, err.Error(), "CANARY")
	}
}
