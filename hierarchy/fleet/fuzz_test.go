package fleet

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
)

// FuzzLoadFleet: whatever fleet.yaml holds, it is a fleet or an error of one line that names the file.
func FuzzLoadFleet(f *testing.F) {
	for _, seed := range []string{
		"", "- a", "spec: {", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n", fleetHeader + "  x: 1\n",
		fleetHeader + "  catalog: oci://x\n", fleetHeader + "  catalog: ../x\n", fleetHeader + "  members: {a: b}\n",
		fleetHeader + "  levels: [{name: a, paths: ['{{.tenant}}/{{if .environment}}x{{else}}y{{end}}']}]\n",
		fleetHeader + "  levels: [{name: a, paths: ['{{range .x}}{{end}}', '{{define \"x\"}}{{end}}']}]\n",
		fleetHeader +
			"  groups: {addons: {path: addons, components: [a], repoNames: [b], settingsFiles: [GROUP.yaml], " +
			"useSelectors: false, mergeValues: " +
			"{a: {use: x}}}}\n",
		fleetHeader + "  groups: {\"a\\nb\": {path: [1]}}\n", fleetHeader + "  groups: {a: {x: 1}, b: null}\n",
		fleetHeader +
			"  clusters: [{name: hub, server: s, labels: {tenant: t, environment: np}, annotations: {a: b}}]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		repo := files{hierarchy.FleetFile: string(data), "addons/defaults/": "", "addons/hub/": ""}.Repository()
		fleet, err := Load(repo)
		if err != nil {
			require.Nil(t, fleet)
			requireOneLine(t, err, hierarchy.FleetFile)
			return
		}
		_, err = fleet.Group("none")
		if err != nil {
			requireOneLine(t, err, hierarchy.FleetFile)
		}
		for _, group := range fleet.Groups {
			require.NoError(t, cluster.CheckSegment(group.Name))
			layer := fleet.Layer(group, nil)
			v := hierarchy.Merge(nil, nil, []hierarchy.Layer{layer})
			for _, e := range v.Explain() {
				require.Equal(t, hierarchy.Origin{Source: layer.Source, File: layer.File, Line: e.Line, Value: e.Value},
					e.Origin)
				value, there := valueAt(v.Map(), e.Path...)
				require.True(t, there, "%v", e.Path)
				require.Equal(t, value, e.Value)
			}
			for _, c := range append([]cluster.Cluster{spoke}, fleet.Clusters...) {
				levels, err := fleet.LevelsOf(repo, c, group.Path)
				if err != nil {
					requireOneLine(t, err, hierarchy.FleetFile)
					continue
				}
				require.Len(t, levels, len(fleet.Levels))
			}
			if _, err := fleet.ValueFiles(repo, group.Path); err != nil {
				requireOneLine(t, err, hierarchy.FleetFile)
			}
		}
	})
}

// FuzzLevelPath: whatever the labels and names of a cluster are, a path of a level is below the app path, or an error.
func FuzzLevelPath(f *testing.F) {
	for _, value := range []string{"retail", "", ".", "..", "a/b", "../../etc", "/etc", `a\b`, "a\x00", "a\n", "\xff",
		"{{.name}}", "a.b", "...", "//"} {
		f.Add(value, "np", "c", "x", "{{.metadata.labels.more}}")
		f.Add("retail", value, "c", "x", "a/{{index . \"tenant\"}}/{{with .environment}}{{.}}{{end}}")
		f.Add("retail", "np", value, "x",
			"{{if eq .name \"c\"}}{{.nameNormalized}}{{else}}{{.metadata.annotations.more}}{{end}}")
		f.Add("retail", "np", "c", value, "{{$.metadata.labels.more}}{{printf \"%s/%v\" .server .metadata}}")
	}
	levels := builtIn().Levels
	f.Fuzz(func(t *testing.T, tenant, environment, name, more, text string) {
		c := cluster.Cluster{Name: name, Server: more, File: "cluster.yaml",
			Annotations: map[string]string{"more": more},
			Labels:      map[string]string{"tenant": tenant, "environment": environment, "more": more}}
		require.NotContains(t, c.NameNormalized(), "/")
		data := c.Fields()
		for _, level := range append(levels, Level{"fuzzed", []string{text}}) {
			for _, path := range level.Paths {
				for _, path := range []string{path, levelpath.FromTenant(path)} {
					directory, missing, err := new(levelpath.Templates).Expand(c, path, data)
					if err != nil {
						requireOneLine(t, err, "")
						require.True(t, level.Name == "fuzzed" || errors.Is(err, cluster.ErrSegment), "%v", err)
					}
					if err != nil || len(missing) > 0 {
						require.Empty(t, directory)
						continue
					}
					if directory == "" {
						require.Equal(t, "fuzzed", level.Name)
						continue
					}
					for segment := range strings.SplitSeq(directory, "/") {
						require.NotContains(t, []string{"", ".", ".."}, segment, "%q from %q", directory, path)
						require.NotContains(t, segment, "\x00")
						require.NotContains(t, segment, `\`)
					}
					if level.Name != "fuzzed" {
						require.Equal(t, strings.Count(path, "/"), strings.Count(directory, "/"), "%q from %q",
							directory,
							path)
					}
				}
			}
		}
	})
}
