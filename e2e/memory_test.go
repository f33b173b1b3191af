package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Many requests at once with large repositories, of several commits, stay within the memory of the container that the
// manifests give the server. CMP_E2E_NIGHTLY=1 has more and larger ones.
func TestMemory(t *testing.T) {
	requests, files, commits := 16, 3000, 4
	if os.Getenv("CMP_E2E_NIGHTLY") != "" {
		requests, files = 32, 30_000
	}
	limit, err := containerMemory()
	require.NoError(t, err)
	repository := newFleet(t)
	repository.fill(t, "extra", files)
	all := wants(t, repository, requests)
	for n := range commits {
		// Repositories of their own: repo-server has one commit of each checked out at a time.
		url := filepath.Join(t.TempDir(), "fleet.git")
		git(t, repository.checkout, "clone", "--quiet", "--bare", repository.url, url)
		repository.write(t, "extra/commit", fmt.Sprint(n))
		git(t, repository.checkout, "add", "--all")
		git(t, repository.checkout, "commit", "--quiet", "--message", "another commit")
		git(t, repository.checkout, "push", "--quiet", url, "main")
		for i := n; i < len(all); i += commits {
			all[i].request.repository = "file://" + url
		}
	}

	argo := servedAlone(t, newest())
	idle := resident(argo.process(nativeServer).cmd.Process.Pid)
	sampler := argo.sample()
	failed := argo.loadFor(t, patience, all).failed()
	most := sampler.end()
	front := resident(argo.process(nativeServer).cmd.Process.Pid)
	t.Logf("%d requests of %d files at once: at most %d MiB, of %d MiB; the server without its workers %d MiB "+
		"before, and %d MiB after",
		requests, files, most>>20, limit>>20, idle>>20, front>>20)
	require.NoError(t, failed)
	require.Less(t, most, limit)
	require.LessOrEqual(t, idle, int64(60<<20))
}
