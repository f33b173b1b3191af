package report_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
	"github.com/eks-fleet-management/fleet-cmp/render/images/report"
)

var update = flag.Bool("update", false, "write testdata/golden again")

func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func use(component, kind, name, written string) images.Use {
	return images.Use{Group: "addons", Component: component, ArgoCD: "hub", Application: "hub-" + component,
		APIVersion: "apps/v1", Kind: kind, Namespace: "shop", Name: name, Field: "containers", Container: "main",
		Written: written}
}

const (
	nginx  = "docker.io/library/nginx:1.29"
	digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// inventory is one of as many clusters: all have nginx, those for production a pinned image, and the first an odd one.
func inventory(count int) *images.Inventory {
	i := &images.Inventory{Failures: render.Failures{errors.New("application web: no chart")}}
	var all []cluster.Cluster
	for n := range count {
		name := fmt.Sprintf("spoke-%04d", n)
		environment := []string{"np", "prod"}[n%2]
		all = append(all, cluster.Cluster{Name: name, Labels: map[string]string{"environment": environment}})
		c := images.Cluster{Name: name, Hub: "hub", Tenant: "shops", Environment: environment, Images: []images.Image{
			{Reference: nginx, Uses: []images.Use{use("web", "Deployment", "web", "nginx:1.29")}}}}
		if environment == "prod" {
			c.Images = append(c.Images, images.Image{Reference: "registry.example:5000/shop/db:1@" + digest,
				Uses: []images.Use{use("db", "StatefulSet", "db", "registry.example:5000/shop/db:1@"+digest)}})
		}
		if n == 0 {
			c.Images = append(c.Images, images.Image{Reference: "Shop/x\x1b[31m", Invalid: "it has capitals",
				Uses: []images.Use{use("odd", "Pod", "odd\nname", "Shop/x")}})
		}
		if n != 1 {
			c.Images = append(c.Images, images.Image{Reference: "quay.io/shop/agent:2",
				Uses: []images.Use{use("agent", "DaemonSet", "agent", "quay.io/shop/agent:2")}})
		}
		i.Clusters = append(i.Clusters, c)
	}
	i.Identities = identity.Of(all)
	return i
}

func difference(count int) *images.Difference {
	d := &images.Difference{Before: "main", After: "the working tree", Clusters: []images.ClusterChange{},
		Failures: render.Failures{errors.New("main: application web: no chart")}}
	of := inventory(count)
	for n, c := range of.Clusters {
		change := images.ClusterChange{Cluster: c.Name, Added: []images.Change{}, Removed: []images.Change{},
			Changed: []images.Change{{Before: nginx, After: "docker.io/library/nginx:1.30",
				Uses: []images.Use{use("web", "Deployment", "web", "nginx:1.30")}}}}
		if n%2 == 0 {
			change.Added = []images.Change{{After: "quay.io/shop/new:1",
				Uses: []images.Use{use("new", "Job", "new", "quay.io/shop/new:1")}}}
			change.Removed = []images.Change{{Before: "quay.io/shop/old:1",
				Uses: []images.Use{use("old", "Job", "old", "quay.io/shop/old:1")}}}
		}
		d.Clusters = append(d.Clusters, change)
	}
	d.Identities = of.Identities
	return d
}

func printed(t *testing.T, i *images.Inventory, format string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, report.Print(&out, i, format))
	return out.String()
}

func TestInventory(t *testing.T) {
	for _, format := range report.Formats {
		t.Run(format, func(t *testing.T) { golden(t, "images."+format, printed(t, inventory(3), format)) })
	}
}

func TestDifference(t *testing.T) {
	for _, format := range report.Formats[:len(report.Formats)-1] {
		t.Run(format, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, report.PrintDifference(&out, difference(3), format))
			golden(t, "diff."+format, out.String())
		})
	}
}

// TestManyClusters proves that a thousand clusters fit a screen, and that hostile text stays on its line.
func TestManyClusters(t *testing.T) {
	golden(t, "many.text", printed(t, inventory(1200), "text"))
	var out strings.Builder
	require.NoError(t, report.PrintDifference(&out, difference(1200), "text"))
	golden(t, "many-diff.text", out.String())
	for _, format := range report.Formats {
		require.NotContains(t, printed(t, inventory(3), format), "\x1b", format)
	}
}

func TestNothing(t *testing.T) {
	require.Equal(t, "no images\n", printed(t, &images.Inventory{}, "text"))
	require.Empty(t, printed(t, &images.Inventory{}, "name"))
	var out strings.Builder
	require.NoError(t, report.PrintDifference(&out, &images.Difference{}, "text"))
	require.Equal(t, "no images differ\n", out.String())
	printed(t, &images.Inventory{Clusters: []images.Cluster{{}}}, "cyclonedx")
}

// TestBillOfMaterials proves that the library reads it, that every reference is there, and that it is always the same.
func TestBillOfMaterials(t *testing.T) {
	text := printed(t, inventory(40), "cyclonedx")
	require.Equal(t, text, printed(t, inventory(40), "cyclonedx"))
	var bom cyclonedx.BOM
	require.NoError(t, cyclonedx.NewBOMDecoder(strings.NewReader(text), cyclonedx.BOMFileFormatJSON).Decode(&bom))
	known := map[string]bool{bom.Metadata.Component.BOMRef: true}
	for _, c := range *bom.Components {
		require.False(t, known[c.BOMRef], c.BOMRef)
		known[c.BOMRef] = true
	}
	for _, d := range *bom.Dependencies {
		require.True(t, known[d.Ref], d.Ref)
		if d.Dependencies != nil {
			for _, on := range *d.Dependencies {
				require.True(t, known[on], on)
			}
		}
	}
	require.Empty(t, bom.SerialNumber)
	require.Empty(t, bom.Metadata.Timestamp)
	complete := inventory(1)
	complete.Failures = nil
	require.NotContains(t, printed(t, complete, "cyclonedx"), "incomplete")
}

func TestWrongFormats(t *testing.T) {
	var out strings.Builder
	require.ErrorContains(t, report.Print(&out, &images.Inventory{}, "xml"), `"xml"`)
	require.ErrorContains(t, report.PrintDifference(&out, &images.Difference{}, "cyclonedx"), `"cyclonedx"`)
	broken := iotest.TruncateWriter(failing{}, 1)
	require.Error(t, report.Print(broken, inventory(1), "text"))
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
