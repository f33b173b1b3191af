package compare_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// TestRandomEdits: what a comparison finds is what the comparison of two whole renders finds, whatever is edited.
// COMPARE_EDITS is how many edits there are; the nightly run has a thousand.
func TestRandomEdits(t *testing.T) {
	count := edits
	if asked, err := strconv.Atoi(os.Getenv("COMPARE_EDITS")); err == nil {
		count = asked
	}
	files := exampleFleet(t)
	before := openTree(t, files)
	whole := renderWhole(t, before)
	require.Empty(t, whole.failed)
	affected, unproven := 0, 0
	for seed := range count {
		e := editor{Rand: rand.New(rand.NewPCG(uint64(seed), 1)), files: maps.Clone(files)}
		what := e.edit()
		t.Run(fmt.Sprintf("%d %s", seed, what), func(t *testing.T) {
			edited := openTree(t, e.files)
			after := renderWhole(t, edited)
			result := compareOpened(t, before, edited, compare.Options{Stage: render.StageManifests})
			if after.err != nil {
				require.NotEmpty(t, result.Failures, "what fails is said")
				return
			}
			checkNamed(t, result, whole, after)
			only := compareOpened(t, before, edited, compare.Options{Stage: render.StageManifests, Only: true})
			names := checkNamed(t, only, whole, after)
			affected += len(names)
			for name := range names {
				if whole.applications[name] == after.applications[name] && whole.texts[name] == after.texts[name] {
					t.Logf("%s is affected without a difference", name)
					unproven++
				}
			}
			applications := compareOpened(t, before, edited, compare.Options{Stage: render.StageApplications})
			checkNamed(t, applications, whole, after)
			checkGeneratePaths(t, whole, after, result.Files)
			if len(after.failed) > 0 {
				require.NotEmpty(t, result.Failures, "what fails is said")
				return
			}
			require.Equal(t, changedObjects(whole.objects, after.objects), objectsOf(result))
			if len(result.Failures) > 0 { // all stages before can be rendered
				require.Error(t, register(edited))
			}
		})
	}
	t.Logf("%d Applications are affected, %d of them without a difference", affected, unproven)
	require.LessOrEqual(t, 100*unproven, affected, "at most one of a hundred is affected for nothing")
}

// checkNamed checks that all Applications which are not the same at the stage of a result are named, and returns the
// names.
func checkNamed(t *testing.T, result *compare.Result, before, after whole) map[string]bool {
	t.Helper()
	was, is := before.texts, after.texts
	if result.Stage == render.StageApplications {
		was, is = before.applications, after.applications
	}
	names := map[string]bool{}
	for _, app := range result.Applications {
		if app.Group == "fleet" {
			continue // registration and bootstrap, of which the whole knows nothing
		}
		names[app.Name] = true
		if app.Was != "" {
			names[app.Was] = true
		}
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	for name := range all {
		if was[name] != is[name] {
			require.True(t, names[name], "%s differs, and is not named", name)
		}
	}
	return names
}

// register renders the registration of the hub, and returns why it fails.
func register(o opened) error {
	_, err := o.session.Render(render.Request{Stage: render.StageRegistration, Cluster: "hub-prod"})
	return err
}

// checkGeneratePaths checks that Argo CD asks for the manifests of each Application again that get others: a file that
// changed is one of those in its annotation.
func checkGeneratePaths(t *testing.T, before, after whole, changed []string) {
	t.Helper()
	for name, application := range before.applications {
		if application != after.applications[name] || before.texts[name] == after.texts[name] {
			continue // its sources are others, which Argo CD sees
		}
		documents, err := hierarchy.ParseObjects("application", []byte(application))
		require.NoError(t, err)
		metadata, _ := documents[0]["metadata"].(render.Object)
		annotations, _ := metadata["annotations"].(render.Object)
		text, _ := annotations[wellknown.AnnotationGeneratePaths].(string)
		require.NotEmpty(t, text, name)
		paths := strings.Split(text, ";")
		require.True(t, slices.ContainsFunc(changed, func(file string) bool {
			return slices.ContainsFunc(paths, func(p string) bool {
				is, err := path.Match(p, "/"+file)
				return err == nil && is || strings.HasPrefix("/"+file+"/", p+"/")
			})
		}), "%s changes, and %s names none of %s", name, text, changed)
	}
}

// A whole is all that a fleet renders.
type whole struct {
	applications map[string]string         // by name
	texts        map[string]string         // what each Application consists of
	objects      map[string]map[string]int // how many Applications have which text, by what objectKey returns
	failed       []error
	err          error
}

func renderWhole(t testing.TB, o opened) whole {
	t.Helper()
	w := whole{applications: map[string]string{}, texts: map[string]string{}, objects: map[string]map[string]int{}}
	if o.err != nil {
		w.err = o.err
		return w
	}
	for _, stage := range []string{render.StageApplications, render.StageManifests} {
		_, err := o.session.RenderTo(t.Context(), request(stage), render.Output{
			Encode: func(o render.Object) ([]byte, error) { return render.EncodeValue(o, "yaml") },
			Emit: func(r render.Rendered) error {
				if stage == render.StageApplications {
					documents, err := hierarchy.ParseObjects("application", r.Data)
					require.NoError(t, err)
					// There can be one in several Argo CDs.
					w.applications[hierarchy.NameOf(documents[0])] += string(r.Data)
					return nil
				}
				w.texts[r.Application] += string(r.Data)
				documents, err := hierarchy.ParseObjects("object", r.Data)
				require.NoError(t, err)
				key := objectKey(r.Cluster, documents[0])
				if w.objects[key] == nil {
					w.objects[key] = map[string]int{}
				}
				w.objects[key][string(r.Data)]++
				return nil
			}})
		var failures render.Failures
		if errors.As(err, &failures) {
			w.failed = append(w.failed, failures...)
		} else if err != nil {
			w.err = err
			return w
		}
	}
	return w
}

func objectKey(cluster string, object render.Object) string {
	metadata, _ := object["metadata"].(render.Object)
	return fmt.Sprintf("%s: %v %v/%v", cluster, object["kind"], metadata["namespace"], metadata["name"])
}

// changedObjects returns the objects that are not the same.
func changedObjects(before, after map[string]map[string]int) []string {
	var changed []string
	for key := range before {
		if !maps.Equal(before[key], after[key]) {
			changed = append(changed, key)
		}
	}
	for key := range after {
		if before[key] == nil {
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return changed
}

// objectsOf returns the objects of all changes.
func objectsOf(result *compare.Result) []string {
	var changed []string
	for _, change := range result.Changes {
		if strings.HasPrefix(change.APIVersion, "argoproj.io/") || change.Group == "fleet" {
			continue // what Argo CD does with the objects, and what starts it
		}
		for _, object := range change.Objects {
			metadata := render.Object{"name": object.Name}
			if object.Namespace != "" {
				metadata["namespace"] = object.Namespace
			}
			changed = append(changed,
				objectKey(object.Cluster, render.Object{"kind": change.Kind, "metadata": metadata}))
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// repository is the chart that stands for each one that the example fleet has from elsewhere: it shows all values.
const anyChart = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data: {values: {{ .Values | toYaml | quote }}}
`

// exampleFleet returns the example fleet with charts of its own only, and with an overlay, a kustomization with a base
// elsewhere, and a link.
func exampleFleet(t testing.TB) fstest.MapFS {
	t.Helper()
	files := testfleet.Load(t, "../../testdata/fleet")
	testfleet.UseChart(files, "charts/link")
	add := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	const settings = "charts/application-sets/values.yaml"
	add(settings, string(files[settings].Data)+"\nmanifestGeneratePaths: true\n")
	files["charts/link"] = &fstest.MapFile{Data: []byte("any"), Mode: fs.ModeSymlink}
	add("charts/any/Chart.yaml", "apiVersion: v2\nname: any\nversion: 1.0.0\n")
	add("charts/any/values.yaml", "chart: any\n")
	add("charts/any/templates/values.yaml", anyChart)
	return files
}

func request(stage string) render.Request {
	return render.Request{Stage: stage, Anywhere: true, AppPath: ".", AllowEmpty: true,
		Targets: render.Targets{All: true}}
}

func open(t testing.TB, files fs.FS) (*stages.Session, error) {
	t.Helper()
	return stages.Config{}.Open(t.Context(), files, render.Options{},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
}

// An opened tree of files is one with its session.
type opened struct {
	files   fs.FS
	session *stages.Session
	err     error
}

func openTree(t testing.TB, files fs.FS) opened {
	t.Helper()
	session, err := open(t, files)
	return opened{files, session, err}
}

// compareTrees compares two trees of files.
func compareTrees(t testing.TB, before, after fs.FS, o compare.Options) *compare.Result {
	t.Helper()
	return compareOpened(t, openTree(t, before), openTree(t, after), o)
}

func compareOpened(t testing.TB, before, after opened, o compare.Options) *compare.Result {
	t.Helper()
	var sides [2]compare.Side
	for i, of := range []opened{before, after} {
		sides[i] = compare.Side{Name: []string{"before", "after"}[i], Tree: of.files, Session: of.session, Err: of.err,
			Request: request(o.Stage)}
	}
	result, err := compare.Run(t.Context(), sides[0], sides[1], o)
	require.NoError(t, err)
	return result
}
