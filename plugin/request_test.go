package plugin

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

var exampleFleet = os.DirFS(filepath.Join("..", "testdata", "fleet"))

func request(t *testing.T, repository fs.FS, appPath, list string) (render.Request, error) {
	t.Helper()
	i, err := Read([]string{parameters(list)})
	require.NoError(t, err)
	return i.Request(repository, appPath)
}

// TestSameAsRender renders the example fleet for each cluster and group, once as the plugin is asked and once as the
// command line asks: by name alone, and as a cluster generator describes the cluster.
func TestSameAsRender(t *testing.T) {
	session, err := render.Open(exampleFleet, render.Options{})
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	require.Len(t, clusters, 6)
	for _, cluster := range clusters {
		for group, appPath := range map[string]string{"addons": "addons", "monitoring": "addons",
			"resources": "resources"} {
			direct, err := session.Render(render.Request{AppPath: appPath, Group: group, Cluster: cluster.Name})
			require.NoError(t, err)
			want, err := render.Encode(direct.Objects, "yaml")
			require.NoError(t, err)
			labels, err := json.Marshal(cluster.Labels)
			require.NoError(t, err)
			for _, list := range []any{
				[]map[string]any{{"name": "group", "string": group}, {"name": "cluster", "string": cluster.Name}},
				[]map[string]any{{"name": "group", "string": group}, {"name": "cluster", "string": cluster.Name},
					{"name": "labels", "string": string(labels)}, {"name": "annotations", "map": cluster.Annotations}},
			} {
				data, err := json.Marshal(list)
				require.NoError(t, err)
				r, err := request(t, exampleFleet, appPath, string(data))
				require.NoError(t, err)
				result, err := session.Render(r)
				require.NoError(t, err)
				got, err := render.Encode(result.Objects, "yaml")
				require.NoError(t, err)
				require.Equal(t, string(want), string(got), "%s of %s", group, cluster.Name)
			}
		}
	}
}

func TestRequest(t *testing.T) {
	repository := fstest.MapFS{
		"addons/site.yaml":         {Data: []byte("a: 1\n")},
		"shared/all.yaml":          {Data: []byte("b: 1\n")},
		"catalogs/one/values.yaml": {Data: []byte("c: 1\n")},
	}
	r, err := request(t, repository, "addons", `[{"name":"cluster","string":"c"},{"name":"release","string":"next"},
		{"name":"component","string":"karpenter"},{"name":"components","array":["addons"]},{"name":"settings","map":{"namespace":"x"}},
		{"name":"strict","string":"true"},{"name":"allow-empty","string":"false"},{"name":"stage","string":"applicationsets"},
		{"name":"value-files","array":["site.yaml","../shared/all.yaml"]},{"name":"values","string":"d: 1"},
		{"name":"catalog","string":"catalogs/one"}]`)
	require.NoError(t, err)
	require.Equal(t, "catalogs/one", r.Catalog.Name)
	r.Catalog = nil
	require.Equal(t, render.Request{
		AppPath: "addons", Anywhere: true, Cluster: "c", Release: "next", Stage: "applicationsets", Strict: true,
		Components: []string{"karpenter"}, ComponentFiles: []string{"addons"},
		Settings: map[string]string{"namespace": "x"},
		Files: []render.File{
			{Name: "addons/site.yaml", Data: []byte("a: 1\n")},
			{Name: "shared/all.yaml", Data: []byte("b: 1\n")},
			{Name: "parameter values", Data: []byte("d: 1")},
		},
	}, r)

	repository["own/values.yaml"], repository["addons/own/values.yaml"] = &fstest.MapFile{}, &fstest.MapFile{}
	for name, want := range map[string]string{
		"../catalogs/one": "catalogs/one", "./own": "addons/own", "own": "own", "own/": "own", "addons/../own": "own",
		"../own": "own",
	} {
		r, err = request(t, repository, "addons",
			`[{"name":"cluster","string":"c"},{"name":"catalog","string":"`+name+`"}]`)
		require.NoError(t, err)
		require.Equal(t, want, r.Catalog.Name, "a catalog that starts with a dot is relative to the app path")
		require.Equal(t, want, r.Catalog.Directory)
	}
}

func TestRequestRefuses(t *testing.T) {
	repository := fstest.MapFS{"addons/site.yaml": {}, "addons/big.yaml": {Data: make([]byte, 10<<20+1)}}
	for name, tt := range map[string]struct{ list, want string }{
		"no cluster":           {`[]`, "parameter cluster is missing"},
		"a value file outside": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["../../etc/passwd"]}]`, `value-files: "../../etc/passwd" is not a file of the repository`},
		"an absolute value file": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["/site.yaml"]}]`,
			`value-files: "/site.yaml" is not a file of the repository`},
		"a missing value file": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["nope.yaml"]}]`,
			`value-files: "nope.yaml" is not a file`},
		"a directory as value file": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["."]}]`,
			`value-files: "." is not a file`},
		"a large value file": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["big.yaml"]}]`,
			"addons/big.yaml: is larger than 10 MiB; is this the right file? The limit"},
		"a catalog outside": {`[{"name":"cluster","string":"c"},{"name":"catalog","string":"../../x"}]`,
			`catalog: "../../x" is not a directory of the repository`},
		"an absolute catalog": {`[{"name":"cluster","string":"c"},{"name":"catalog","string":"/etc"}]`,
			`catalog: "/etc" is not a directory of the repository`},
		"a label with a template": {`[{"name":"cluster","string":"c"},{"name":"labels","map":{"tenant":"{{env \"HOME\"}}"}}]`, "is no label of Kubernetes"},
		"a label with a path": {`[{"name":"cluster","string":"c"},{"name":"labels","map":{"tenant":"../x"}}]`,
			"is no label of Kubernetes"},
		"a flag that is neither": {`[{"name":"cluster","string":"c"},{"name":"strict","string":"yes"}]`,
			`parameter strict must be "true" or "false", not "yes"`},
		"another flag that is neither": {`[{"name":"cluster","string":"c"},{"name":"allow-empty","string":"1"}]`,
			`parameter allow-empty must be`},
		"a link that leaves, as os.Root":  {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["sub/../../../x"]}]`, "is not a file of the repository"},
		"a name with a null byte in JSON": {`[{"name":"cluster","string":"c"},{"name":"value-files","array":["a\u0000b"]}]`, "is not a file of the repository"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := request(t, repository, "addons", tt.list)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestHostileRender has what only shows when the request is rendered.
func TestHostileRender(t *testing.T) {
	session, err := render.Open(exampleFleet, render.Options{})
	require.NoError(t, err)
	for name, tt := range map[string]struct{ list, want string }{
		"a cluster that is a path":    {`[{"name":"group","string":"addons"},{"name":"cluster","string":"../hub-prod"},{"name":"labels","map":{"tenant":"retail","environment":"np"}}]`, "cannot be part of a path"},
		"a group that is a path":      {`[{"name":"group","string":"../addons"},{"name":"cluster","string":"hub-prod"}]`, `there is no group "../addons"`},
		"a component file outside":    {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"components","array":["../../../fleet"]}]`, "must be a path inside the catalog"},
		"a chart name outside":        {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"release","string":"../x"}]`, `has no release "../x"`},
		"an unknown stage":            {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"stage","string":"x"}]`, `there is no stage "x"`},
		"values that are a bomb":      {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"values","string":"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"}]`, "YAML aliases expand beyond measure"},
		"values that are not a map":   {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"values","string":"- a"}]`, "parameter values:1: must hold a map"},
		"a setting that is not known": {`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"settings","map":{"x":"y"}}]`, `there is no setting "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := request(t, exampleFleet, "addons", tt.list)
			require.NoError(t, err)
			_, err = session.Render(r)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestAnnounce(t *testing.T) {
	announced := func(appPath, list string) map[string]Announcement {
		i, err := Read([]string{parameters(list)})
		require.NoError(t, err)
		all, err := i.Announce(hierarchy.NewRepository(exampleFleet), appPath, fleet.Load)
		require.NoError(t, err)
		byName := map[string]Announcement{}
		for _, a := range all {
			require.NotEmpty(t, a.Title)
			require.NotEmpty(t, a.Tooltip)
			require.Contains(t, []string{typeString, typeArray, typeMap}, a.CollectionType)
			byName[a.Name] = a
		}
		require.Len(t, byName, len(names()))
		return byName
	}
	given := announced("addons",
		`[{"name":"group","string":"monitoring"},{"name":"labels","string":"{\"a\":\"b\"}"},{"name":"value-files","array":["x"]}]`)
	require.Equal(t, "monitoring", given["group"].String)
	require.Equal(t, map[string]string{"a": "b"}, given["labels"].Map)
	require.Equal(t, []string{"x"}, given["value-files"].Array)
	require.Equal(t, "applicationsets", given["stage"].String)
	require.True(t, given["cluster"].Required)

	require.Equal(t, "resources", announced("resources", `[]`)["group"].String, "the only group with this app path")
	require.Empty(t, announced("addons", `[]`)["group"].String, "there are two")

	i, err := Read(nil)
	require.NoError(t, err)
	broken := hierarchy.NewRepository(fstest.MapFS{"fleet.yaml": {Data: []byte("kind: Nonsense\n")}})
	_, err = i.Announce(broken, "addons", fleet.Load)
	require.ErrorContains(t, err, "fleet.yaml")
}

// TestVersionOfArgoCD: the parameter wins over the variable that the sidecar sets.
func TestVersionOfArgoCD(t *testing.T) {
	const cluster = `{"name":"cluster","string":"hub-prod"}`
	for name, tt := range map[string]struct {
		environ     []string
		want, fails string
	}{
		"neither": {[]string{parameters("[" + cluster + "]")}, "", ""},
		"variable": {[]string{parameters("[" + cluster + "]"), "CMP_ARGOCD_VERSION=v3.5.1"},
			"v3.5.1", ""},
		"parameter": {[]string{parameters("[" + cluster +
			`,{"name":"argocd-version","string":"3.4"}]`), "CMP_ARGOCD_VERSION=v3.5.1"}, "3.4", ""},
		"as in env": {[]string{parameters("[" + cluster + "]"), "ARGOCD_ENV_ARGOCD_VERSION=3.4"},
			"3.4", ""},
		"a stage that is the same for all": {[]string{parameters("[" + cluster + "]"), "CMP_ARGOCD_VERSION=v3.99.0"},
			"", ""},
		"placeholder": {[]string{parameters("[" + cluster + `,{"name":"stage","string":"manifests"}]`),
			"CMP_ARGOCD_VERSION=ARGOCD_VERSION"}, "", `CMP_ARGOCD_VERSION: "ARGOCD_VERSION" is no version of Argo CD`},
		"unknown one": {[]string{parameters("[" + cluster + `,{"name":"argocd-version","string":"9.9"}]`)}, "",
			"parameter argocd-version: version 9.9 of Argo CD is not known here"},
	} {
		t.Run(name, func(t *testing.T) {
			i, err := Read(tt.environ)
			require.NoError(t, err)
			options, err := i.Options()
			if tt.fails != "" {
				require.ErrorContains(t, err, tt.fails)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, options.ArgoCD)
		})
	}
}
