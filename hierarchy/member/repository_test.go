package member

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
)

// counting counts how often files are opened, and fails for one of them.
type counting struct {
	fs.FS
	opened map[string]int
	broken string
}

var errDisk = errors.New("input/output error")

func (c counting) Open(name string) (fs.File, error) {
	c.opened[name]++
	if name == c.broken {
		return nil, &fs.PathError{Op: "open", Path: "/machine/" + name, Err: errDisk}
	}
	return c.FS.Open(name)
}

func TestRepositoryErrorsNameTheFileAndNoPathOfTheMachine(t *testing.T) {
	repo := hierarchy.NewRepository(counting{FS: files{}.FS(), opened: map[string]int{}, broken: "x"})
	_, err := repo.Document("x")
	require.EqualError(t, err, "x: cannot be read: input/output error")
	require.ErrorIs(t, err, errDisk)
	_, err = repo.HasDirectory("x")
	require.EqualError(t, err, "x: cannot be read: input/output error")
	_, err = repo.Entries("x")
	require.EqualError(t, err, "x: cannot be read: input/output error")
	_, _, err = Read((&fleet.Fleet{Members: "x"}), repo)
	require.EqualError(t, err, "x: cannot be read: input/output error")
	_, err = builtIn().ValueFiles(repo, "x")
	require.EqualError(t, err, "x: cannot be read: input/output error")
	_, err = release.OpenCatalog((&fleet.Fleet{Catalog: fleet.Chart{Path: "x"}}), repo)
	require.EqualError(t, err, "x: cannot be read: input/output error")
}
