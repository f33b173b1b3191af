package page_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// example is the example fleet.
var example = os.DirFS("../../testdata/fleet")

func open(t testing.TB, tree fs.FS) *stages.Session {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), tree, render.Options{}, stages.Charts{Offline: true})
	require.NoError(t, err)
	return session
}

func of(t testing.TB, tree fs.FS) *page.Page {
	t.Helper()
	found, err := page.Of(t.Context(), open(t, tree),
		matrix.Options{Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	return found
}

// valuesOf returns the values of an Application, as they are evaluated for its cluster.
func valuesOf(t testing.TB, p *page.Page, a page.Application) []hierarchy.Explanation {
	t.Helper()
	require.GreaterOrEqual(t, a.Values, 0, a.Unknown)
	keys := slices.Clone(p.Values[a.Values])
	for _, e := range a.Evaluated {
		i := slices.IndexFunc(keys, func(k hierarchy.Explanation) bool { return slices.Equal(k.Path, e.Path) })
		require.GreaterOrEqual(t, i, 0, e.Path)
		keys[i].Value = e.Value
	}
	return keys
}

// TestValuesAreThoseOfApplications proves that sets of values that Applications have in common are each one's own: as
// the command values has them, but for the defaults of charts.
func TestValuesAreThoseOfApplications(t *testing.T) {
	p, session := of(t, example), open(t, example)
	require.Greater(t, len(p.Applications), 100)
	require.Less(t, len(p.Values), len(p.Applications))
	for _, app := range p.Applications {
		found, err := session.Values(t.Context(), render.Request{Group: app.Group, Cluster: app.Cluster,
			Components: []string{app.Component}, Anywhere: true}, render.ValuesOptions{}, limits.Limits{}, nil)
		require.NoError(t, err)
		want := slices.DeleteFunc(explanation.Of(found).Keys, func(k hierarchy.Explanation) bool {
			return k.Source == hierarchy.SourceChart
		})
		for i := range want {
			want[i].Overrode = slices.DeleteFunc(slices.Clone(want[i].Overrode), func(o hierarchy.Origin) bool {
				return o.Source == hierarchy.SourceChart
			})
		}
		lines := func(keys []hierarchy.Explanation) []string {
			var out []string
			for _, k := range keys {
				line := hierarchy.Key(k.Path) + " " + k.Source + " " + k.File
				for _, o := range k.Overrode {
					line += ", over " + o.Source + " " + o.File
				}
				out = append(out, line)
			}
			return out
		}
		of := app.Cluster + " " + app.Component
		// else the command looks at settings of the cluster, which are not those that count
		if app.ArgoCD == app.Cluster {
			require.Equal(t, lines(want), lines(valuesOf(t, p, app)), of)
		}
		for i, k := range valuesOf(t, p, app) {
			require.Equal(t, want[i].Path, k.Path, of)
			require.EqualValues(t, want[i].Value, k.Value, "%s %s", of, k.Path)
		}
	}
}

func TestClusters(t *testing.T) {
	p := of(t, example)
	require.Len(t, p.Levels, len(p.Matrix.Clusters))
	at := slices.IndexFunc(p.Matrix.Clusters, func(c matrix.Cluster) bool { return c.Name == "retail-np-1" })
	require.Equal(t, "cluster", p.Levels[at][4].Name)
	require.Contains(t, p.Levels[at][4].Directories, "addons/tenants/retail/environments/np/clusters/retail-np-1")
	require.Contains(t, p.Levels[at][4].Directories, "resources/tenants/retail/environments/np/clusters/retail-np-1")
	i := slices.IndexFunc(p.Metadata[at], func(k hierarchy.Explanation) bool {
		return slices.Equal(k.Path, []string{"labels", "enable_karpenter"})
	})
	require.GreaterOrEqual(t, i, 0)
	require.NotEmpty(t, p.Metadata[at][i].File)
}

// TestOnlyWhatTheMatrixHas proves that a part of the fleet is a part.
func TestOnlyWhatTheMatrixHas(t *testing.T) {
	p, err := page.Of(t.Context(), open(t, example), matrix.Options{Request: render.Request{Cluster: "retail-np-1",
		Components: []string{"external-dns"}}})
	require.NoError(t, err)
	require.Len(t, p.Applications, 1)
	_, err = page.Of(t.Context(), open(t, example), matrix.Options{Request: render.Request{Cluster: "retail-np-9"}})
	require.ErrorIs(t, err, render.ErrNoCluster)
}

// TestCredentialsAreHidden proves that none is in a page, wherever a value is written.
func TestCredentialsAreHidden(t *testing.T) {
	const file = "addons/bootstrap/defaults/addons/external-dns/values.yaml"
	data, err := fs.ReadFile(example, file)
	require.NoError(t, err)
	tree := worktree.With(example, file, []byte(string(data)+`
database: {password: plainword, passwordRef: db-password, adminPassword: "{{.metadata.annotations.dns_zone}}"}
apiKey: 123456789
token: s3cr3t-T0k3n-1
repository: https://user:s3cr3t-T0k3n-2@git.example.com/x.git
extraArgs: ["--token=s3cr3t-T0k3n-3", "--password", "s3cr3t-T0k3n-4"]
env: [{name: DB_PASSWORD, value: s3cr3t-T0k3n-5}]
extraObjects: [{apiVersion: v1, kind: Secret, stringData: {a: s3cr3t-T0k3n-6}}]
object: {kind: Secret, data: {any: s3cr3t-T0k3n-7}}
nested: [[{sshPrivateKey: s3cr3t-T0k3n-8}]]
moreArgs: ["--password=plainword"]
headers: {Authorization: "Bearer s3cr3t-T0k3n-10"}
config: "a: 1\n  password: plainword\n"
properties: "export token=plainword"
variable: {name: DB_PASSWORD, value: plainword}
users: {passwords: {david: s3cr3t-T0k3n-11}}
inBoth: {kind: Secret}
`))
	tree = testfleet.Replaced(t, tree, "charts/application-sets/values/addons.yaml", "txtOwnerId:",
		`clientSecret: s3cr3t-T0k3n-9
    inSecret: {kind: Secret, stringData: {a: 's3cr3t-T0k3n-12 {{.metadata.annotations.aws_region}}'}}
    inKind: {kind: '{{"Secret"}}', data: {a: 's3cr3t-T0k3n-13 {{.metadata.annotations.aws_region}}'}}
    inBoth: {stringData: {a: 's3cr3t-T0k3n-14 {{.metadata.annotations.aws_region}}'}}
    named: {name: DB_PASSWORD, value: 's3cr3t-T0k3n-15 {{.metadata.annotations.aws_region}}'}
    madeName: {name: 'DB_{{"PASSWORD"}}', value: 's3cr3t-T0k3n-16 {{.metadata.annotations.aws_region}}'}
    txtOwnerId:`)
	p := of(t, tree)
	hidden, seen := 0, map[string]any{}
	for _, app := range p.Applications {
		for _, k := range valuesOf(t, p, app) {
			if app.Component == "external-dns" {
				seen[strings.Join(k.Path, ".")] = k.Value
			}
			data, err := json.Marshal(k)
			require.NoError(t, err)
			text := strings.ToLower(string(data))
			require.NotContains(t, text, "s3cr3t-t0k3n", k.Path)
			require.NotContains(t, text, "plainword", k.Path)
			require.NotContains(t, text, "123456789", k.Path)
			hidden += strings.Count(text, "(hidden)")
		}
	}
	require.Greater(t, hidden, 10)
	require.Equal(t, "(hidden)", seen["database.password"])
	require.Equal(t, "db-password", seen["database.passwordRef"])
	require.Equal(t, "(hidden)", seen["clientSecret"])
	require.Equal(t, "(hidden)", seen["inKind.data.a"], "the kind is made by a template")
	require.Equal(t, "(hidden)", seen["inBoth.stringData.a"], "the kind is of another file")
	require.Contains(t, seen["txtOwnerId"], "-", "what is no credential is evaluated")
}
