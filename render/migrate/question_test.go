package migrate_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

const bootstrapFile = "fleet/bootstrap/hub-1/groups.yaml"

// TestChartElsewhere: the chart is one of another repository, so that the one that there is here is rendered, or the
// one that is given.
func TestChartElsewhere(t *testing.T) {
	const versions = "fleet/bootstrap/versions/applicationSets.yaml"
	elsewhere := files{versions: edited(t, versions, "fleet.git\n    chartRepoPath: charts/application-sets",
		"charts.git\n    chartRepoPath: wrapper")}
	plan := run(t, elsewhere)
	require.True(t, plan.GroupsSame())
	require.Equal(t, "the chart wrapper of https://git.example.com/charts.git, revision main, is not in this "+
		"repository: charts/application-sets is rendered in its place; give that chart, if it is another one "+
		"(--chart DIR)", plan.Notes[0])

	q := question()
	q.Chart = fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: other\nversion: 1.0.0\n")},
		"templates/none.yaml": {Data: []byte("")}}
	given, err := migrate.Run(t.Context(), fleet(t, wrapped(t, elsewhere)), q)
	require.NoError(t, err)
	require.Contains(t, items(given, ""), "new ApplicationSet hub-1/argocd/metrics-stable", "the given chart makes "+
		"nothing")

	q.Chart = fstest.MapFS{}
	_, err = migrate.Run(t.Context(), fleet(t, wrapped(t, nil)), q)
	require.ErrorIs(t, err, migrate.ErrQuestion)

	for name := range wrapped(t, nil) {
		if strings.HasPrefix(name, "charts/application-sets/") && !strings.Contains(name, "values") {
			elsewhere[name] = ""
		}
	}
	missing := run(t, elsewhere)
	require.Contains(t, missing.Failures, `today: Application "cluster-addons-hub-1-stable": the chart wrapper of `+
		"https://git.example.com/charts.git, revision main, is not in this repository; give the chart as a directory "+
		"(--chart DIR)")
}

// TestSupposedHub: directories tell of a hub that nobody describes.
func TestSupposedHub(t *testing.T) {
	const fleetSecret = "addons/control-plane/environments/np/clusters/hub-1/fleet/fleet-secret/values.yaml"
	f := fleet(t, wrapped(t, files{
		fleetSecret: "externalSecret: {labels: {addonsRelease: stable, monitoringRelease: stable}}"}))
	f.Options.ClusterSecrets = nil
	plan, err := migrate.Run(t.Context(), f, question())
	require.NoError(t, err)
	require.Empty(t, plan.Failures)
	require.True(t, plan.GroupsSame())
	require.Contains(t, plan.Notes[0], `nobody describes the hub "hub-1": by the directories it is of tenant control-plane, `+
		"environment np, labels addonsRelease=stable,environment=np,fleet_member=hub-cluster,monitoringRelease=stable,"+
		"tenant=control-plane; give its cluster Secret (--cluster-file")
	require.NotContains(t, plan.Fleet, "git.invalid", "what is supposed is not written")

	// With what was found, the hub is described, but not where its repositories are.
	f.Tree = worktree.With(f.Tree, "fleet.yaml", []byte(plan.Fleet))
	again, err := migrate.Run(t.Context(), f, question())
	require.NoError(t, err)
	require.True(t, again.GroupsSame(), "%v", again.Failures)
	require.Contains(t, again.Notes[0], `the hub "hub-1" lacks the annotations addons_repo_url, addons_repo_revision, `)

	q := question()
	q.Hub = "hub-2"
	_, err = migrate.Run(t.Context(), f, q)
	require.ErrorIs(t, err, render.ErrNoCluster)
}

func TestWrongQuestions(t *testing.T) {
	q := question()
	q.Hub = "shop-1"
	_, err := migrate.Run(t.Context(), fleet(t, wrapped(t, nil)), q)
	require.ErrorIs(t, err, migrate.ErrQuestion)
	require.ErrorContains(t, err, `cluster "shop-1" is a spoke`)

	_, err = migrate.Run(t.Context(),
		fleet(t, wrapped(t, files{bootstrapFile: "", "fleet/bootstrap/hub-1/secrets.yaml": ""})),
		question())
	require.ErrorContains(t, err, `no file of the repository has an ApplicationSet that starts the fleet of hub "hub-1" `+
		"with the chart application-sets; name the files or directories (--bootstrap PATH)")
}

// TestBootstrapFiles: which files start the fleet.
func TestBootstrapFiles(t *testing.T) {
	text := edited(t, bootstrapFile, "groups", "groups")
	moved := files{bootstrapFile: "", "fleet/bootstrap/hub-1/secrets.yaml": "", "apps/start.yaml": text,
		"apps/broken.yaml": "kind: ApplicationSet\n{", "charts/thing/templates/set.yaml": text}
	plan := run(t, moved)
	require.Equal(t, []string{"apps/start.yaml"}, plan.Files, "the one that names the chart")
	require.Contains(t, plan.Notes[0], "apps/broken.yaml")
	require.True(t, plan.GroupsSame())

	moved["root/all.yaml"] = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n" +
		"  goTemplate: true\n" +
		"  generators: [{clusters: {selector: {matchLabels: {fleet_member: hub-cluster}}}}]\n" +
		"  template:\n    metadata: {name: application-sets}\n    spec:\n      project: default\n" +
		"      source: {repoURL: r, path: apps, targetRevision: main, directory: {include: start.yaml}}\n" +
		"      destination: {name: '{{.name}}', namespace: argocd}\n"
	plan = run(t, moved)
	require.Equal(t, []string{"root/all.yaml"}, plan.Files, "what another one deploys is not where it starts")
	require.True(t, plan.GroupsSame(), "%v", plan.Failures)

	q := question()
	q.Bootstrap = []string{"apps/start.yaml"}
	plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, moved)), q)
	require.NoError(t, err)
	require.Equal(t, []string{"apps/start.yaml"}, plan.Files)

	q.ChartName, q.Bootstrap = "nothing", []string{"fleet/bootstrap/hub-1/secrets.yaml"}
	plan, err = migrate.Run(t.Context(), fleet(t, wrapped(t, nil)), q)
	require.NoError(t, err)
	require.Contains(t, plan.Failures, "today: the ApplicationSets in fleet/bootstrap/hub-1/secrets.yaml lead to no "+
		"Application with the chart nothing; say what the chart is called (--chart-name), or where the "+
		"ApplicationSets are (--bootstrap)")
	require.False(t, plan.GroupsSame(), "what could not be compared is not the same")
}

// TestKnownFailures: what fails today and then is told apart from what only one side fails for.
func TestKnownFailures(t *testing.T) {
	const settings = "charts/application-sets/values.yaml"
	plan := run(t, files{settings: edited(t, settings, "{{.metadata.labels.tenant}}", "{{.metadata.labels.missing}}")})
	require.Empty(t, plan.Failures)
	require.NotEmpty(t, plan.Known)
	require.True(t, plan.GroupsSame())

	plan = run(t, files{"fleet.yaml": groups(", valueFiles: ['{{.metadata.labels.missing}}']")})
	require.NotEmpty(t, plan.Failures)
	require.False(t, plan.GroupsSame())
}

// TestApplicationsWithoutEnd: a chart that always names another Application is not followed for ever.
func TestApplicationsWithoutEnd(t *testing.T) {
	plan := run(t, files{
		"fleet/bootstrap/hub-1/more.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " +
			"more}\nspec: {project: default, source: {repoURL: r, path: charts/more, targetRevision: main}, " +
			"destination: {name: hub-1, namespace: argocd}}\n---\napiVersion: argoproj.io/v1alpha1\nkind: " +
			"ApplicationSet\nmetadata: {name: none}\nspec: {generators: [{list: {elements: []}}], template: " +
			"{metadata: {name: x}, spec: {}}}\n",
		"charts/more/Chart.yaml": "apiVersion: v2\nname: more\nversion: 1.0.0\n",
		"charts/more/templates/app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\n" +
			"metadata: {name: '{{ .Release.Name }}x'}\nspec: {project: default, source: {repoURL: r, path: " +
			"charts/more, targetRevision: main}, destination: {name: hub-1, namespace: argocd}}\n"})
	require.Len(t, plan.Failures, 1)
	require.Contains(t, plan.Failures[0], "more than 8 Applications lead to it, so that it is not looked into")
}

// FuzzBootstrap looks for files that start a fleet in what anybody may have written.
func FuzzBootstrap(f *testing.F) {
	f.Add("kind: ApplicationSet")
	f.Add("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec: {generators: []}")
	f.Add("kind: ApplicationSet\nmetadata: application-sets\nspec: [")
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, files{bootstrapFile: text + " "})), question())
		if err == nil {
			require.NotEmpty(t, plan.Files)
		}
	})
}

// TestWhatCannotBeRead: files with ApplicationSets are found however they are written, and what is no YAML is said.
func TestWhatCannotBeRead(t *testing.T) {
	plan := run(t, files{
		bootstrapFile:    edited(t, bootstrapFile, "kind: ApplicationSet", `kind: "ApplicationSet"`),
		"fleet/odd.yaml": "kind: ApplicationSet\n  x: [",
	})
	require.True(t, plan.GroupsSame())
	require.Contains(t, strings.Join(plan.Notes, "\n"), "fleet/odd.yaml is left out: ")
}
