package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// What the clusters know: the API versions are those besides what Kubernetes serves by default.
const kubeVersion = "1.37.1"

var additionalAPIVersions = []string{"argoproj.io/v1alpha1", "example.com/v1/Widget"}

// applicationOf reads an Application.
func applicationOf(t *testing.T, object any) *v1alpha1.Application {
	t.Helper()
	text, err := json.Marshal(object)
	require.NoError(t, err)
	var app v1alpha1.Application
	require.NoError(t, json.Unmarshal(text, &app))
	return &app
}

// objectsOf asks for an Application's objects as Argo CD's controller does (controller/state.go, GetRepoObjs), without
// tracking labels. It also returns of which kind each source is.
func (a *argoCD) objectsOf(ctx context.Context, app *v1alpha1.Application) (objects, kinds []string, err error) {
	repository := func(_ context.Context, url, _ string) (*v1alpha1.Repository, error) {
		return &v1alpha1.Repository{Repo: url}, nil
	}
	refs, err := argo.GetRefSources(ctx, app.Spec.Sources, app.Spec.Project, repository, nil)
	if err != nil {
		return nil, nil, err
	}
	for i, source := range app.Spec.GetSources() {
		answer, err := a.client.GenerateManifest(ctx, &apiclient.ManifestRequest{
			Repo: &v1alpha1.Repository{Repo: source.RepoURL, EnableOCI: source.Chart != "" &&
				!strings.Contains(source.RepoURL, "://")},
			Revision:           source.TargetRevision,
			AppName:            app.Name,
			Namespace:          app.Spec.Destination.Namespace,
			ApplicationSource:  &source,
			KubeVersion:        kubeVersion,
			ApiVersions:        slices.Concat(servedByDefault(), additionalAPIVersions),
			TrackingMethod:     "annotation",
			HasMultipleSources: app.Spec.HasMultipleSources(),
			RefSources:         refs,
			ProjectName:        app.Spec.Project,
			ProjectSourceRepos: []string{"*"},

			AnnotationManifestGeneratePaths: app.GetAnnotation(v1alpha1.AnnotationKeyManifestGeneratePaths),
		})
		if err != nil {
			return nil, nil, fmt.Errorf("source %d: %w", i+1, err)
		}
		objects = append(objects, answer.Manifests...)
		if source.Path != "" || source.Chart != "" {
			kinds = append(kinds, answer.SourceType)
		}
	}
	return objects, kinds, nil
}

// manifestFlags make cmp render objects as for a cluster that the servers are told of.
func (r *repository) manifestFlags() []string {
	return []string{
		"--stage", "manifests", "--kube-version", kubeVersion, "--api-versions", strings.Join(additionalAPIVersions,
			","),
		"--cache-dir", filepath.Join(filepath.Dir(r.checkout), "cache"),
	}
}

// objectsByApplication reads the objects that cmp has rendered, by "APPLICATION CLUSTER".
func objectsByApplication(t *testing.T, output []byte) map[string][]any {
	t.Helper()
	objects, key := map[string][]any{}, ""
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(output)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		require.NoError(t, err)
		if head, _, _ := strings.Cut(string(document), "\n"); strings.HasPrefix(head, "# Application ") {
			key = strings.ReplaceAll(strings.TrimPrefix(head, "# Application "), ", cluster", "")
		}
		var object any
		require.NoError(t, yaml.Unmarshal(document, &object))
		require.NotEmpty(t, key)
		objects[key] = append(objects[key], object)
	}
}

// newFleetWithCharts makes a repository of the example fleet whose charts and whose own URL can be reached, and returns
// it with all its Applications.
func newFleetWithCharts(t *testing.T) (*repository, []any) {
	t.Helper()
	r := newFleet(t)
	charts := newShelf(t)
	require.NoError(t, filepath.WalkDir(r.checkout, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			line = strings.ReplaceAll(line, "https://git.example.com/platform/fleet.git", r.url)
			if key, value, _ := strings.Cut(line, ": "); strings.HasSuffix(key, "chartRepository") ||
				strings.HasSuffix(key, "repoURL") {
				if outside, found := strings.CutPrefix(value, "https://"); found {
					line = key + ": " + charts.http + "/" + outside
				} else if !strings.Contains(value, "{{") && !strings.Contains(value, "://") {
					line = key + ": " + charts.registry + "/" + value
				}
			}
			lines[i] = line
		}
		return os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600)
	}))
	r.push(t)
	applications := r.items(t, "render", "--stage", "applications", "-A")
	charts.fill(t, applications)
	return r, applications
}

// answer is what repo-server makes of an Application.
type answer struct {
	objects []string
	kinds   []string // of its sources
	err     error
}

// generateAll asks for the objects of Applications, some at a time.
func (a *argoCD) generateAll(t *testing.T, applications []*v1alpha1.Application) []answer {
	t.Helper()
	answers := make([]answer, len(applications))
	var workers sync.WaitGroup
	next := make(chan int)
	for range 4 {
		workers.Go(func() {
			for i := range next {
				ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
				one := &answers[i]
				one.objects, one.kinds, one.err = a.objectsOf(ctx, applications[i])
				cancel()
			}
		})
	}
	for i := range applications {
		next <- i
	}
	close(next)
	workers.Wait()
	return answers
}

// sameObjects compares the objects of Applications that repo-server and cmp render. It returns the kinds of all
// sources.
func (a *argoCD) sameObjects(t *testing.T, applications []*v1alpha1.Application, rendered map[string][]any) (
	kinds []string) {
	t.Helper()
	total := 0
	for i, answer := range a.generateAll(t, applications) {
		app := applications[i]
		if !assert.NoError(t, answer.err, app.Name) {
			continue
		}
		ours, theirs := rendered[keyOf(app)], parse(t, answer.objects)
		total += len(theirs)
		kinds = append(kinds, answer.kinds...)
		if difference := differentObjects(ours, theirs); difference != "" {
			t.Errorf("%s: %s", app.Name, difference)
		}
	}
	t.Logf("%d objects of %d Applications", total, len(applications))
	return kinds
}

// keyOf names an Application in the answer of objectsByApplication.
func keyOf(app *v1alpha1.Application) string { return app.Name + " " + app.Spec.Destination.Name }

// differentObjects says how the objects of cmp and Argo CD differ.
func differentObjects(ours, theirs []any) string {
	names := func(objects []any) (all []string) {
		for _, object := range objects {
			fields, _ := object.(map[string]any)
			metadata, _ := fields["metadata"].(map[string]any)
			all = append(all, fmt.Sprintf("%v %v/%v", fields["kind"], metadata["namespace"], metadata["name"]))
		}
		return all
	}
	if own, other := names(ours), names(theirs); !slices.Equal(own, other) {
		return fmt.Sprintf("cmp has the objects\n%s, Argo CD\n%s", strings.Join(own, "\n"), strings.Join(other, "\n"))
	}
	var all []string
	for i := range ours {
		all = append(all, differences(ours[i], theirs[i], names(ours)[i])...)
	}
	return strings.Join(all, "\n")
}

// For each Application of the example fleet, repo-server renders the objects that cmp does, in the same order.
func TestManifests(t *testing.T) {
	repository, applications := newFleetWithCharts(t)
	var all []*v1alpha1.Application
	var names []string
	for _, object := range applications {
		app := applicationOf(t, object)
		all, names = append(all, app), append(names, keyOf(app))
	}
	each(t, func(t *testing.T, argo *argoCD) {
		args := append([]string{"render", "-A", "--argocd-version", argo.minor()}, repository.manifestFlags()...)
		output, message := repository.cmp(t, ".", args...)
		require.Empty(t, message)
		rendered := objectsByApplication(t, output)
		require.ElementsMatch(t, names, slices.Collect(maps.Keys(rendered)))
		kinds := argo.sameObjects(t, all, rendered)
		slices.Sort(kinds)
		require.Equal(t, []string{"Directory", "Helm", "Kustomize", "Plugin"}, slices.Compact(kinds))
	})
}
