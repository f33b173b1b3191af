package linked_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/plugin"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

const host = "https://git.example.com/platform/"

// splitFleet writes the example fleet to four directories: as it is in one repository, and split into three. The
// clusters know each repository by its address. apps is where the addons repository has its hierarchy.
func splitFleet(t *testing.T, apps string) (one fs.FS, directories map[string]string) {
	t.Helper()
	source := os.DirFS(filepath.Join("..", "..", "..", "testdata", "fleet"))
	directories = map[string]string{"one": "", "fleet": "", "addons": "", "resources": ""}
	for name := range directories {
		directories[name] = t.TempDir()
	}
	require.NoError(t, fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		text := string(data)
		for _, other := range []string{"addons", "resources"} {
			text = strings.ReplaceAll(text, other+"_repo_url: "+host+"fleet.git", other+"_repo_url: "+host+other+".git")
		}
		first, rest, _ := strings.Cut(name, "/")
		// Which is the file of a member, too.
		name = strings.Replace(name, "/hub-prod/retail-prod-1.yaml", "/hub-prod/retail-prod-1.yml", 1)
		// So that the catalog is beside the values.
		if strings.HasSuffix(name, "versions/applicationSets.yaml") {
			text = regexp.MustCompile(`(?m)^ *chartRepo(Url|Revision): .*\n`).ReplaceAllString(text, "")
		}
		write := func(to, name, text string) {
			file := filepath.Join(directories[to], filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		write("one", name, text)
		text = strings.ReplaceAll(text, "addons_repo_basepath: addons", "addons_repo_basepath: "+apps)
		switch first {
		case "addons":
			write("addons", path.Join(apps, rest), text)
		case "resources":
			write("resources", name, text)
		case "charts", "manifests":
			write("addons", name, text)
			write("resources", name, text)
		case "fleet.yaml":
			write("fleet", name, strings.Replace(text, "\n  groups:\n", "\n  repositories:\n"+
				"    addons: {url: "+host+"addons.git, path: "+apps+"}\n"+
				"    resources: {url: "+host+"resources.git}\n  groups:\n", 1))
		default:
			write("fleet", name, text)
		}
		return nil
	}))
	return open(t, directories["one"]), directories
}

func open(t *testing.T, directory string) fs.FS {
	t.Helper()
	fsys, err := worktree.Open(directory)
	require.NoError(t, err)
	return fsys
}

func join(t *testing.T, directories map[string]string, names ...string) (fs.FS, error) {
	t.Helper()
	base := open(t, directories["fleet"])
	f, err := fleet.Load(hierarchy.NewRepository(base))
	require.NoError(t, err)
	checkouts := map[string]fs.FS{}
	for _, name := range names {
		checkouts[name] = open(t, directories[name])
	}
	return f.Join(base, checkouts)
}

// rendered returns what a request renders of a tree, as YAML, without what only a split fleet needs as parameters.
func rendered(t *testing.T, tree fs.FS, r render.Request) (string, error) {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), tree, render.Options{},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	var objects []render.Object
	var out strings.Builder
	if render.NeedsStages(r.Stage) {
		_, err = session.RenderTo(t.Context(), r, render.Output{
			Encode: func(o render.Object) ([]byte, error) { withoutCarried(o); return render.EncodeValue(o, "yaml") },
			Emit:   func(r render.Rendered) error { out.Write(r.Data); return nil }})
		return withoutFleetPaths(out.String()), err
	}
	result, err := session.Render(r)
	if err == nil {
		objects = result.Objects
	}
	for _, o := range objects {
		withoutCarried(o)
	}
	data, failed := render.Encode(objects, "yaml")
	require.NoError(t, failed)
	return withoutFleetPaths(string(data)), err
}

// withoutFleetPaths removes from the annotation manifest-generate-paths what is in the repository of the fleet, of
// which an Application of another one is no longer rendered anew.
func withoutFleetPaths(text string) string {
	for _, name := range []string{"fleet.yaml", "fleet/bootstrap/versions/applicationSets.yaml",
		"fleet/fleet-bootstrap/fleet-members"} {
		text = strings.ReplaceAll(text, ";/"+name, "")
	}
	return text
}

// carried are the parameters that Applications of a split fleet have besides.
var carried = []string{"fleet", "releases", "repository", "members"}

func withoutCarried(value any) {
	switch value := value.(type) {
	case map[string]any:
		if list, is := value["parameters"].([]any); is {
			value["parameters"] = slices.DeleteFunc(list, func(p any) bool {
				m, _ := p.(map[string]any)
				name, _ := m["name"].(string)
				return slices.Contains(carried, name)
			})
		}
		for _, child := range value {
			withoutCarried(child)
		}
	case []any:
		for _, child := range value {
			withoutCarried(child)
		}
	}
}

// TestSplitFleetRendersTheSame: in three repositories, the example fleet gives the objects that it gives in one, at
// every stage. For what starts it, see TestSplitFleetInArgoCD.
func TestSplitFleetRendersTheSame(t *testing.T) {
	for _, apps := range []string{"addons", "config/hierarchy"} {
		one, directories := splitFleet(t, apps)
		three, err := join(t, directories, "addons", "resources")
		require.NoError(t, err)
		for _, name := range []string{"hub-prod", "retail-np-1", "payments-prod-1"} {
			var requests []render.Request
			for _, group := range []string{"addons", "monitoring", "resources"} {
				for _, stage := range []string{render.StageApplicationSets, render.StageApplications} {
					requests = append(requests,
						render.Request{Stage: stage, Group: group, Cluster: name, Anywhere: true})
				}
			}
			requests = append(requests,
				render.Request{Stage: render.StageManifests, Group: "resources", Cluster: name, Anywhere: true})
			if name != "payments-prod-1" { // which has no Argo CD of its own
				requests = append(requests, render.Request{Stage: render.StageRegistration, Cluster: name})
			}
			for _, r := range requests {
				t.Run(path.Join(apps, name, r.Stage, r.Group), func(t *testing.T) {
					want, err := rendered(t, one, r)
					require.NoError(t, err)
					got, err := rendered(t, three, r)
					require.NoError(t, err)
					// Both are the one or the other, depending on what the annotations say.
					require.Equal(t, want, strings.ReplaceAll(got, "config/hierarchy", "addons"))
				})
			}
		}
	}
}

// TestSplitFleetWithoutACheckout: what is in a repository that is not here is an error that says how to get it.
func TestSplitFleetWithoutACheckout(t *testing.T) {
	_, directories := splitFleet(t, "addons")
	tree, err := join(t, directories, "addons")
	require.NoError(t, err)
	_, err = rendered(t, tree, render.Request{Group: "addons", Cluster: "hub-prod", Anywhere: true})
	require.NoError(t, err, "of addons, all is here")
	_, err = rendered(t, tree, render.Request{Group: "resources", Cluster: "hub-prod", Anywhere: true})
	require.ErrorIs(t, err, fleet.ErrNoCheckout)
	require.EqualError(t, err, "resources: is in another repository: resources ("+host+
		"resources.git), of which there "+
		"is no checkout here (group resources, cluster hub-prod); clone it, and give its directory: "+
		"--repository resources=DIR")
	tree, err = join(t, directories, "resources")
	require.NoError(t, err)
	for _, stage := range []string{render.StageRegistration, render.StageBootstrap, render.StageApplications} {
		_, err := rendered(t, tree, render.Request{Stage: stage, Cluster: "hub-prod", Anywhere: true})
		require.ErrorContains(t, err, "--repository addons=DIR", stage)
	}
	_, err = join(t, directories, "one")
	require.ErrorContains(t, err, `there is no repository "one"`)
}

// source is that of an Application, as the plugin is called for it.
type source struct {
	RepoURL string `json:"repoURL"`
	Path    string `json:"path"`
	Plugin  struct {
		Parameters []json.RawMessage `json:"parameters"`
	} `json:"plugin"`
}

// generated returns what the plugin prints for the source of an Application, in the one repository that it sees.
func generated(t *testing.T, directory string, of any) string {
	t.Helper()
	var s source
	data, err := json.Marshal(of)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &s))
	parameters, err := json.Marshal(s.Plugin.Parameters)
	require.NoError(t, err)
	invocation, err := plugin.Read([]string{"ARGOCD_APP_PARAMETERS=" + string(parameters),
		"ARGOCD_APP_SOURCE_PATH=" + s.Path})
	require.NoError(t, err)
	repository := open(t, directory)
	request, err := invocation.Request(repository, s.Path)
	require.NoError(t, err)
	request.Strict = true
	tree, err := invocation.Tree(repository, "")
	require.NoError(t, err)
	out, err := rendered(t, tree, request)
	require.NoError(t, err)
	return out
}

func applications(t *testing.T, tree fs.FS, name string) map[string]map[string]any {
	t.Helper()
	session, err := render.Open(tree, render.Options{})
	require.NoError(t, err)
	result, err := session.Render(render.Request{Stage: render.StageBootstrap, Cluster: name, Strict: true})
	require.NoError(t, err)
	all := map[string]map[string]any{}
	for _, o := range result.Objects {
		all[o["kind"].(string)+" "+hierarchy.NameOf(o)] = o
	}
	return all
}

func sourceOf(o map[string]any) map[string]any {
	spec := o["spec"].(map[string]any)
	if o["kind"] == "ApplicationSet" {
		spec = spec["template"].(map[string]any)["spec"].(map[string]any)
	}
	return spec["source"].(map[string]any)
}

// TestSplitFleetInArgoCD: each Application of the bootstrap names its repository, and has as parameters what the plugin
// does not find there, so that it prints what it prints in the one repository. Labels arrive: those of the members come
// from their files and from the levels.
func TestSplitFleetInArgoCD(t *testing.T) {
	one, directories := splitFleet(t, "addons")
	three, err := join(t, directories, "addons", "resources")
	require.NoError(t, err)
	for _, name := range []string{"hub-prod", "retail-np-1"} {
		wanted, found := applications(t, one, name), applications(t, three, name)
		for name, o := range wanted {
			if strings.Contains(name, "fleet-bootstrap-") || strings.Contains(name, "fleet-member-") {
				continue
			}
			t.Run(name, func(t *testing.T) {
				require.Contains(t, found, name)
				of := sourceOf(found[name])
				repository := "addons"
				if strings.Contains(name, "cluster-resources") {
					repository = "resources"
				}
				require.Equal(t, host+repository+".git", of["repoURL"])
				require.Equal(t, generated(t, directories["one"], sourceOf(o)),
					generated(t, directories[repository], of))
			})
		}
	}
}

// TestPluginDeliversInASplitFleet: what the Application of a component with delivery plugin prints for a spoke that the
// hub deploys to is what it prints in the one repository, although the plugin sees neither members nor fleet.yaml.
func TestPluginDeliversInASplitFleet(t *testing.T) {
	one, directories := splitFleet(t, "addons")
	three, err := join(t, directories, "addons", "resources")
	require.NoError(t, err)
	delivered := func(tree fs.FS) map[string]any {
		session, err := stages.Config{}.Open(t.Context(), tree, render.Options{},
			stages.Charts{CacheDir: t.TempDir(), Offline: true})
		require.NoError(t, err)
		sources := map[string]any{}
		_, err = session.RenderTo(t.Context(), render.Request{Stage: render.StageApplications, Group: "resources",
			Cluster: "hub-prod", Targets: render.Targets{All: true}, Components: []string{"team-namespaces"},
			Settings: map[string]string{"handover": "true"}}, render.Output{
			Encode: func(o render.Object) ([]byte, error) {
				sources[hierarchy.NameOf(o)] = o["spec"].(map[string]any)["sources"].([]any)[0]
				return nil, nil
			},
			Emit: func(render.Rendered) error { return nil }})
		require.NoError(t, err)
		return sources
	}
	wanted, found := delivered(one), delivered(three)
	require.NotEmpty(t, wanted)
	require.Equal(t, slices.Sorted(maps.Keys(wanted)), slices.Sorted(maps.Keys(found)))
	for name, of := range wanted {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, generated(t, directories["one"], of), generated(t, directories["resources"], found[name]))
		})
	}
}

// TestSpokesOfASplitFleet: a spoke with an Argo CD of its own is started by each repository with a group of it.
func TestSpokesOfASplitFleet(t *testing.T) {
	one, directories := splitFleet(t, "addons")
	three, err := join(t, directories, "addons", "resources")
	require.NoError(t, err)
	sets := applications(t, three, "hub-prod")
	require.NotContains(t, sets, "Application fleet-bootstrap-hub-prod")
	session, err := render.Open(three, render.Options{})
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	spoke := clusters[slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == "retail-np-1" })]
	wanted := applications(t, one, spoke.Name)
	names := map[string]bool{}
	for _, repository := range []string{"addons", "resources"} {
		set := sourceOf(sets["ApplicationSet fleet-member-bootstrap-hub-prod-"+repository])
		for _, text := range strings.SplitAfter(generated(t, directories[repository], forCluster(t, set, spoke)),
			"\n---\n") {
			var o map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(text), &o))
			names["Application "+hierarchy.NameOf(o)] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(wanted)), slices.Sorted(maps.Keys(names)))
	want, err := rendered(t, one, render.Request{Stage: render.StageRegistration, Cluster: spoke.Name})
	require.NoError(t, err)
	require.Equal(t, want, generated(t, directories["addons"],
		forCluster(t, sourceOf(sets["ApplicationSet fleet-member-registration-hub-prod"]), spoke)))
}

// forCluster returns what the template of an ApplicationSet is for a cluster.
func forCluster(t *testing.T, of any, c cluster.Cluster) any {
	t.Helper()
	data, err := json.Marshal(of)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	return evaluated(t, value, map[string]any{"name": c.Name,
		"metadata": map[string]any{"labels": c.Labels, "annotations": c.Annotations}})
}

func evaluated(t *testing.T, value any, data map[string]any) any {
	t.Helper()
	switch value := value.(type) {
	case string:
		parsed, err := template.New("").Funcs(sprig.TxtFuncMap()).Option("missingkey=error").Parse(value)
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, parsed.Execute(&out, data))
		return out.String()
	case map[string]any:
		for key, child := range value {
			value[key] = evaluated(t, child, data)
		}
	case []any:
		for i, child := range value {
			value[i] = evaluated(t, child, data)
		}
	}
	return value
}
