package reach_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render/reach"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }

func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink}
}

// of returns what is known of the files, which are on the only side.
func of(files fstest.MapFS) *reach.Reach {
	return reach.New(reach.Tree{Repository: hierarchy.NewRepository(files), Files: files})
}

var repository = fstest.MapFS{
	"base/kustomization.yaml": file("resources: [x.yaml, ../more]"),
	"base/x.yaml":             file("{}"),
	"more/Kustomization": file(
		"resources: [m.yaml]\nsecretGenerator: [{files: [key=../base/x.yaml]}]"),
	"more/m.yaml":                           file("{}"),
	"tenants/a/core/app/kustomization.yaml": file("resources: [../../../../base, inner]"),
	"tenants/a/core/app/inner/x.yaml":       file("{}"),
	"tenants/b/core/app/kustomization.yml":  file("patches: [{path: ../../patch.yaml}]"),
	"tenants/b/patch.yaml":                  file("{}"),
	"tenants/c":                             link("b"),
	"charts/app/Chart.yaml":                 file("dependencies: [{name: lib, repository: 'file://../lib'}]"),
	"charts/lib/Chart.yaml":                 file("name: lib"),
	"charts/link":                           link("app"),
	"charts/linking/templates/x.yaml":       link("../../../shared/x.yaml"),
	"charts/broken/kustomization.yaml":      file("resources: ["),
	"charts/out/kustomization.yaml": file(
		"resources: [../../../elsewhere, /etc, https://example.com/x, ../out]"),
	"shared/x.yaml":              file("{}"),
	"values/{{odd}}/values.yaml": file("{}"),
	"odd/kustomization.yaml":     file("resources: ['../values/{{odd}}/values.yaml']"),
}

func TestOf(t *testing.T) {
	for directory, want := range map[string][]string{
		"base":                               {"more", "more/m.yaml"},
		"more":                               {"base/x.yaml"},
		"tenants/a/core/app":                 {"base", "more"},
		"tenants/b/core/app":                 {"tenants/b/patch.yaml"},
		"tenants/" + reach.Any + "/core/app": {"base", "more", "tenants/b/patch.yaml"},
		reach.Any:                            {"base", "charts/lib"},
		"charts/app":                         {"charts/lib"},
		"charts/broken":                      nil,
		"charts/out":                         nil,
		"charts/none":                        nil,
		"../x":                               nil,
		"shared/x.yaml":                      nil,
		"charts/linking":                     nil,
	} {
		got := of(repository).Of(directory)
		if want == nil {
			require.Empty(t, got, "%q", directory)
			continue
		}
		require.Subset(t, got, want, "%q", directory)
	}
}

func TestOutside(t *testing.T) {
	for template, want := range map[string][]string{
		"/charts/app":           {"charts/lib"},
		"charts/link":           {"charts/app", "charts/lib"},
		"charts/linking":        {"shared/x.yaml"},
		"charts/app/Chart.yaml": nil,
		"/tenants/{{ .metadata.labels.tenant }}/core/app": {"base", "more", "tenants/b", "tenants/c"},
		"/tenants/{{if .x}}{{.tenant}}{{end}}/core/app":   {"base", "more", "tenants/b", "tenants/c"},
		"/tenants/{{.tenant}}/core/other":                 {"tenants/b", "tenants/c"},
		"/tenants/{{.tenant}}":                            {"base", "more", "tenants/b", "tenants/c"},
		"odd":                                             {"values"},
	} {
		require.Equal(t, want, of(repository).Outside(template), "%q", template)
	}
}

// TestOutsideOfOverlays: a base beside the overlays of the clusters, which the template could be but is not.
func TestOutsideOfOverlays(t *testing.T) {
	files := fstest.MapFS{
		"app/prod/kustomization.yaml": file("resources: [../base]"),
		"app/np/kustomization.yaml":   file("resources: [../base, own.yaml]"),
		"app/np/own.yaml":             file("{}"),
		"app/base/kustomization.yaml": file("resources: [x.yaml]"),
		"app/base/x.yaml":             file("{}"),
	}
	require.Equal(t, []string{"app/base"}, of(files).Outside("app/{{.metadata.labels.environment}}"))
}

func TestOutsideNamesFewDirectories(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 100 {
		base := fmt.Sprintf("bases/b%d/x.yaml", i)
		files[fmt.Sprintf("tenants/t%d/kustomization.yaml", i)] = file("resources: [../../" + base + "]")
		files[base] = file("{}")
	}
	require.Equal(t, []string{"bases"}, of(files).Outside("tenants/{{.tenant}}"))
}

// TestOutsideFollowsLinksInWhatLinksLeadTo: also where they lead in a circle.
func TestOutsideFollowsLinksInWhatLinksLeadTo(t *testing.T) {
	files := fstest.MapFS{
		"charts/app/templates":       link("../../shared"),
		"shared/x.yaml":              link("../more/x.yaml"),
		"shared/again":               link("../charts/app"),
		"more/x.yaml":                file("{}"),
		"charts/app/values\xff.yaml": link("../../odd\xff"),
	}
	require.Equal(t, []string{"more/x.yaml", "shared"}, of(files).Outside("charts/app"))
}

// TestOutsideOfHostileNames: a name is text, however long or odd it is.
func TestOutsideOfHostileNames(t *testing.T) {
	for _, name := range []string{strings.Repeat("a/", 2000), strings.Repeat("a/", 100_000), "\xff", "(", "a{{", "/",
		"", strings.Repeat("{{.x}}", 600), strings.Repeat("{{.x}}/", 500)} {
		require.NotPanics(t, func() { of(repository).Outside(name) }, "%.20q", name)
	}
}

func TestPattern(t *testing.T) {
	for template, want := range map[string]string{
		"a/b":                          "a/b",
		"a/{{.x}}/b":                   "a/" + reach.Any + "/b",
		"a/{{if .x}}b/{{.y}}{{end}}/c": "a/" + reach.Any + "/c",
		"a/{{- with .x }}b{{ else }}c{{ end }}-{{.y}}/d": "a/" + reach.Any + "-" + reach.Any + "/d",
	} {
		require.Equal(t, want, reach.Pattern(template), "%q", template)
	}
}
