package release

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

func TestTheFleetSaysHowLargeItsFilesMayBe(t *testing.T) {
	sized := func(size int) string { return "a: 1\n#" + strings.Repeat("x", size-len("a: 1\n#")) }
	all := files{
		"large.yaml": sized(hierarchy.MaxFileSize + 1), "larger.yaml": sized(2<<20 + 1),
		"charts/application-sets/values.yaml":   sized(2 << 20),
		"charts/application-sets/values/a.yaml": sized(2<<20 + 1),
	}
	const hint = "; is this the right file? Only spec.limits.fileSize in fleet.yaml raises the limit"
	repo := all.Repository()
	_, err := fleet.Load(repo)
	require.NoError(t, err)
	_, err = repo.Document("large.yaml")
	require.EqualError(t, err, "large.yaml: is larger than 1 MiB"+hint)

	repo = all.With(files{hierarchy.FleetFile: fleetHeader + "  limits: {fileSize: 2Mi}\n"}).Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	d, err := repo.Document("large.yaml")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)
	_, err = repo.Document("larger.yaml")
	require.EqualError(t, err, "larger.yaml: is larger than 2 MiB"+hint)
	catalog, err := OpenCatalog(f, repo)
	require.NoError(t, err)
	_, err = catalog.defaults()
	require.NoError(t, err)
	selected := map[string]any{"mergeValues": map[string]any{"a": map[string]any{"use": true}}}
	settings := hierarchy.Merge(nil, nil, []hierarchy.Layer{{Values: selected}})
	_, _, err = catalog.components(settings, false)
	require.EqualError(t, err, "charts/application-sets/values/a.yaml: is larger than 2 MiB"+hint)

	repo = all.With(files{hierarchy.FleetFile: fleetHeader + "  limits: {fileSize: 1500}\n"}).Repository()
	_, err = fleet.Load(repo)
	require.NoError(t, err)
	_, err = repo.Document("large.yaml")
	require.EqualError(t, err, "large.yaml: is larger than 1500 bytes"+hint, "it can lower it too")

	header := fleetHeader + "  limits: {fileSize: 10Mi}\n"
	for size, want := range map[int]string{
		hierarchy.MaxFileSize: "",
		hierarchy.MaxFileSize + 1: "fleet.yaml: is larger than 1 MiB; is this the right file? The limit cannot be " +
			"raised",
	} {
		_, err = fleet.Load(files{hierarchy.FleetFile: header + "#" +
			strings.Repeat("x", size-len(header)-1)}.Repository())
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}
