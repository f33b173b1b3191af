//go:build speed

package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	speedCalls = flag.Int("speed.calls", 40, "how many calls of each kind; of a large repository fewer")
	speedFiles = flag.Int("speed.files", -1,
		"measure only with so many files more than those of the fleet (-1: with each number)")
	speedApps  = flag.Int("speed.apps", 100, "how many Applications of one commit, for the calls per minute")
	speedRatio = flag.Float64("speed.ratio", 0,
		"fail if the native server's median is more than this times that of the Helm source (0: never)")
)

// A kind is one way to have Argo CD render the same objects.
type kind struct {
	name   string
	source *v1alpha1.ApplicationSource
	calls  []call
}

// A call is what a GenerateManifest took.
type call struct{ took, inside, worker time.Duration }

// TestSpeed measures what GenerateManifest costs without Argo CD's caches: for the plugin, with argocd-cmp-server
// (exec) and with our own server (native), and for Argo CD's built-in sources, a chart that does the same job on the
// same values files (helm), and a directory with the result (directory). It does so in a small repository, in larger
// ones, and with the files kept from plugins (--plugin-tar-exclude); for the first request of a commit and for repeated
// ones, alone and 16 at once. The calls take turns, so that a busy machine slows all.
func TestSpeed(t *testing.T) {
	fmt.Printf("GenerateManifest without cache, calls of each kind in turn, milliseconds; inside: of our server's " +
		"side, from when it had the request;\n" +
		"worker: of that, with a worker\n")
	fmt.Printf("%-9s %-20s %-8s %-7s %-9s %6s %8s %8s %8s %8s\n", "Argo CD", "files", "request", "at once", "source",
		"calls",
		"p50", "p95", "inside", "worker")
	for _, extra := range []struct {
		files, share int
		directory    string
	}{{0, 1, "extra"}, {3000, 1, "extra"}, {3000, 4, excludedDirectory}, {30_000, 8, "extra"}} {
		if *speedFiles >= 0 && *speedFiles != extra.files {
			continue
		}
		repository, files := bench(t, extra.files, extra.directory)
		for _, argo := range installations {
			kinds := argo.kinds(t, repository)
			calls := max(*speedCalls/extra.share, 4)
			report := func(request string, atOnce int) {
				for _, k := range kinds {
					k.report(argo.version, files, request, atOnce)
					k.calls = nil
				}
			}
			for range max(calls/4, 2) {
				for _, k := range kinds {
					repository.add(t, "fleet.yaml", "# another commit\n")
					repository.push(t)
					argo.call(t, repository, k, 1)
				}
			}
			report("first", 1)
			for range calls {
				for _, k := range kinds {
					argo.call(t, repository, k, 1)
				}
			}
			ratio := percentile(kinds[1].times(), 50) / percentile(kinds[2].times(), 50)
			report("repeated", 1)
			for range max(calls/16, 1) {
				for _, k := range kinds {
					argo.call(t, repository, k, 16)
				}
			}
			report("repeated", 16)
			if *speedRatio > 0 {
				assert.LessOrEqual(t, ratio, *speedRatio, "%s, %s: native to helm", argo.version, files)
			}
		}
	}
}

// TestThroughput measures how many Applications of one commit with `delivery: plugin` are rendered in a minute, by
// either plugin server, and which part of the processor's time is repo-server's own. The servers take turns. The
// Applications say which files they are made of, so that repo-server sends only these.
func TestThroughput(t *testing.T) {
	const atOnce, turn = 8, 25
	for _, files := range []int{0, 3000} {
		repository, has := bench(t, files, "extra")
		text := delivered(t, repository.repository)
		for _, argo := range installations {
			took := map[string]time.Duration{}
			used := map[string][2]time.Duration{} // processor time of repo-server and of the plugin's side
			for first := 0; first < *speedApps; first += turn {
				for _, server := range argo.serving {
					start, before := time.Now(), argo.used(server)
					argo.deliver(t, repository.repository, argo.plugins[server], text, first,
						min(first+turn, *speedApps), atOnce)
					took[server] += time.Since(start)
					now, sum := argo.used(server), used[server]
					used[server] = [2]time.Duration{sum[0] + now[0] - before[0], sum[1] + now[1] - before[1]}
				}
			}
			for _, server := range argo.serving {
				each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(*speedApps) }
				fmt.Printf("%s, %s files, %s: %.0f Applications a minute; processor time of each: repo-server %.1f "+
					"ms, plugin %.1f ms\n",
					argo.version, has, server, float64(*speedApps)/took[server].Minutes(), each(used[server][0]),
					each(used[server][1]))
			}
			fmt.Printf("%s, %s files: %.1f times as many\n", argo.version, has, float64(took[execServer])/float64(
				took[nativeServer]))
		}
	}
}

// used is the processor time of repo-server, and of a plugin server with all that it has started.
func (a *argoCD) used(server string) [2]time.Duration {
	pid := a.process(server).cmd.Process.Pid
	return [2]time.Duration{cpu(a.process("argocd-repo-server").cmd.Process.Pid), cpu(append(children(pid), pid)...)}
}

// delivered returns an Application of the example fleet that the plugin renders, for the cluster retail-np-1.
func delivered(t *testing.T, repository *repository) string {
	t.Helper()
	output, message := repository.cmp(t, "resources", "render", "--group", "resources", "--cluster", "retail-np-1",
		"--stage", "applications", "-o", "json")
	require.Empty(t, message)
	var list struct{ Items []v1alpha1.Application }
	require.NoError(t, json.Unmarshal(output, &list))
	i := slices.IndexFunc(list.Items, func(a v1alpha1.Application) bool { return a.Spec.GetSource().Plugin != nil })
	require.GreaterOrEqual(t, i, 0)
	require.NotEmpty(t, list.Items[i].Annotations[v1alpha1.AnnotationKeyManifestGeneratePaths])
	text, err := json.Marshal(list.Items[i])
	require.NoError(t, err)
	return string(text)
}

// deliver has a plugin render the Application of clusters with the numbers from first on, so many at once.
func (a *argoCD) deliver(t *testing.T, repository *repository, plugin, text string, first, end, atOnce int) {
	t.Helper()
	work := make(chan string, end-first)
	for n := first; n < end; n++ {
		work <- fmt.Sprintf("retail-np-%d", 1000+n)
	}
	close(work)
	var done sync.WaitGroup
	for range atOnce {
		done.Go(func() {
			for name := range work {
				var app v1alpha1.Application
				if !assert.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(text, "retail-np-1", name)), &app)) {
					return
				}
				source := app.Spec.GetSource()
				source.RepoURL, source.TargetRevision, source.Plugin.Name = repository.url, "main", plugin
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				objects, err := a.generateSource(ctx, name,
					app.Annotations[v1alpha1.AnnotationKeyManifestGeneratePaths], &source)
				cancel()
				if assert.NoError(t, err) {
					assert.NotEmpty(t, objects)
				}
			}
		})
	}
	done.Wait()
}

// bench makes a repository with so many files more, and says how many it has.
func bench(t *testing.T, more int, directory string) (*benchRepository, string) {
	t.Helper()
	repository := &benchRepository{repository: newFleet(t)}
	files := fmt.Sprintf("%d", repository.files(t))
	if more > 0 {
		repository.fill(t, directory, more)
		files += fmt.Sprintf(" + %d %s", more, directory)
	}
	copyDirectory(t, "../testdata/bench/chart", filepath.Join(repository.checkout, "bench", "chart"))
	objects, _ := repository.cmp(t, "addons", benchSelection.command()...)
	repository.objects = len(benchSelection.rendered(t, repository.repository))
	repository.write(t, "bench/plain/objects.json", string(objects))
	repository.push(t)
	return repository, files
}

// A benchRepository is one for measuring.
type benchRepository struct {
	*repository
	objects int // that benchSelection gives
}

var benchSelection = selection{group: "addons", cluster: "hub-prod", release: "stable"}

func (s selection) command() []string { return append([]string{"render", "-o", "json"}, s.flags()...) }

// kinds are the ways to have the objects of a repository rendered: exec, native, helm, directory.
func (a *argoCD) kinds(t *testing.T, repository *benchRepository) []*kind {
	t.Helper()
	s := benchSelection
	chart := &v1alpha1.ApplicationSourceHelm{
		ReleaseName: s.group,
		Parameters: []v1alpha1.HelmParameter{
			{Name: "applicationSetGroup", Value: s.group}, {Name: "releaseType", Value: s.release},
			{Name: "releases.addonsRelease", Value: s.release}, {Name: "useSelectors", Value: "true"},
		},
	}
	for _, file := range []string{
		"charts/application-sets/values/addons.yaml", "charts/application-sets/values/ack.yaml",
		"charts/application-sets/values.yaml",
		"addons/bootstrap/defaults/addons.yaml", "addons/bootstrap/defaults/application-sets/addons.yaml",
		"addons/control-plane/defaults/application-sets/addons.yaml",
		"addons/control-plane/environments/prod/application-sets/addons.yaml",
		"addons/control-plane/environments/prod/defaults/application-sets/addons.yaml",
		"addons/control-plane/clusters/hub-prod/application-sets/addons.yaml",
		"addons/control-plane/environments/prod/clusters/hub-prod/application-sets/addons.yaml",
	} {
		if _, err := os.Stat(filepath.Join(repository.checkout, file)); err == nil {
			chart.ValueFiles = append(chart.ValueFiles, "/"+file)
		}
	}
	require.GreaterOrEqual(t, len(chart.ValueFiles), 4)
	builtIn := func(path string) *v1alpha1.ApplicationSource {
		return &v1alpha1.ApplicationSource{RepoURL: repository.url, Path: path, TargetRevision: "main"}
	}
	helm := builtIn("bench/chart")
	helm.Helm = chart
	return []*kind{
		{name: "exec", source: s.request(repository.repository).source(a.plugin)},
		{name: "native", source: s.request(repository.repository).source(a.native)},
		{name: "helm", source: helm},
		{name: "directory", source: builtIn("bench/plain")},
	}
}

// call has the objects of a kind rendered, so many times at once, and notes how long each took.
func (a *argoCD) call(t *testing.T, repository *benchRepository, k *kind, atOnce int) {
	t.Helper()
	before := a.inside(t)
	took, objects := make([]time.Duration, atOnce), make([]int, atOnce)
	var done sync.WaitGroup
	for i := range atOnce {
		done.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			answer, err := a.generateSource(ctx, fmt.Sprintf("%s-%d", k.name, i), "", k.source)
			took[i], objects[i] = time.Since(start), len(answer)
			assert.NoError(t, err)
		})
	}
	done.Wait()
	inside := a.inside(t)[len(before):]
	for i := range took {
		require.Equal(t, repository.objects, objects[i], "the kinds do not the same job")
		c := call{took: took[i]}
		if k.name == "native" {
			require.Len(t, inside, atOnce)
			c.inside, c.worker = inside[i][0], inside[i][1]
		}
		k.calls = append(k.calls, c)
	}
}

// inside is what the requests of our server took from when it had all of them, and of that with a worker, as its log
// says.
func (a *argoCD) inside(t *testing.T) [][2]time.Duration {
	t.Helper()
	var all [][2]time.Duration
	seconds := func(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }
	for _, p := range a.processes {
		if p.name != "cmp-server" {
			continue
		}
		text, err := os.ReadFile(p.log)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			var said struct{ Seconds, Received, Worked *float64 }
			if json.Unmarshal([]byte(line), &said) == nil && said.Worked != nil {
				all = append(all, [2]time.Duration{seconds(*said.Seconds - *said.Received), seconds(*said.Worked)})
			}
		}
	}
	return all
}

func (k *kind) times() (sorted []time.Duration) {
	for _, c := range k.calls {
		sorted = append(sorted, c.took)
	}
	slices.Sort(sorted)
	return sorted
}

func (k *kind) report(version, files, request string, atOnce int) {
	inside := ""
	if k.name == "native" {
		var all, worker []time.Duration
		for _, c := range k.calls {
			all, worker = append(all, c.inside), append(worker, c.worker)
		}
		slices.Sort(all)
		slices.Sort(worker)
		inside = fmt.Sprintf("%8.1f %8.1f", percentile(all, 50), percentile(worker, 50))
	}
	times := k.times()
	fmt.Printf("%-9s %-20s %-8s %-7d %-9s %6d %8.1f %8.1f %s\n", version, files, request, atOnce, k.name, len(times),
		percentile(times, 50), percentile(times, 95), inside)
}

// percentile returns a percentile of sorted times, in milliseconds.
func percentile(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
}
