//go:build speed

package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	speedCalls = flag.Int("speed.calls", 40, "how many calls of each kind")
	speedRatio = flag.Float64("speed.ratio", 0, "fail if the plugin's median is more than this times that of the Helm source (0: never)")
)

// TestSpeed measures what GenerateManifest costs without caches: for the plugin, and for Argo CD's built-in Helm source
// with a chart that does the same job on the same values files. It does so in a small repository, in one with many more
// files, and with these kept from plugins (--plugin-tar-exclude). The calls take turns, so that a busy machine slows
// both.
func TestSpeed(t *testing.T) {
	s := selection{group: "addons", cluster: "hub-prod", release: "stable"}
	chart := &v1alpha1.ApplicationSourceHelm{
		ReleaseName: s.group,
		Parameters: []v1alpha1.HelmParameter{
			{Name: "applicationSetGroup", Value: s.group}, {Name: "releaseType", Value: s.release},
			{Name: "releases.addonsRelease", Value: s.release}, {Name: "useSelectors", Value: "true"},
		},
	}
	fmt.Printf("GenerateManifest without cache, %d calls of each kind in turn, milliseconds\n", *speedCalls)
	fmt.Printf("%-9s %-22s %-7s %7s %7s\n", "Argo CD", "files", "source", "p50", "p95")
	for _, extra := range []struct {
		files     int
		directory string
	}{{0, "extra"}, {3000, "extra"}, {3000, excludedDirectory}} {
		repository := newFleet(t)
		files := fmt.Sprintf("%d", repository.files(t))
		if extra.files > 0 {
			repository.fill(t, extra.directory, extra.files)
			files += fmt.Sprintf(" + %d %s", extra.files, extra.directory)
		}
		copyDirectory(t, "../testdata/bench/chart", filepath.Join(repository.checkout, "bench", "chart"))
		repository.push(t)
		chart.ValueFiles = nil
		for _, file := range []string{
			"charts/application-sets/values/addons.yaml", "charts/application-sets/values/ack.yaml", "charts/application-sets/values.yaml",
			"addons/bootstrap/defaults/addons.yaml", "addons/bootstrap/defaults/application-sets/addons.yaml",
			"addons/control-plane/defaults/application-sets/addons.yaml", "addons/control-plane/environments/prod/application-sets/addons.yaml",
			"addons/control-plane/environments/prod/defaults/application-sets/addons.yaml",
			"addons/control-plane/clusters/hub-prod/application-sets/addons.yaml",
			"addons/control-plane/environments/prod/clusters/hub-prod/application-sets/addons.yaml",
		} {
			if _, err := os.Stat(filepath.Join(repository.checkout, file)); err == nil {
				chart.ValueFiles = append(chart.ValueFiles, "/"+file)
			}
		}
		require.GreaterOrEqual(t, len(chart.ValueFiles), 4)

		for _, argo := range installations {
			kinds := []struct {
				name   string
				source *v1alpha1.ApplicationSource
			}{
				{"plugin", s.request(repository).source(argo.plugin)},
				{"helm", &v1alpha1.ApplicationSource{RepoURL: repository.url, Path: "bench/chart", TargetRevision: "main", Helm: chart}},
			}
			times := make([][]time.Duration, len(kinds))
			objects := make([]int, len(kinds))
			for n := range *speedCalls + 3 { // the first three are not counted
				for i, kind := range kinds {
					start := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
					answer, err := argo.generateSource(ctx, kind.name, "", kind.source)
					cancel()
					require.NoError(t, err)
					if objects[i] = len(answer); n >= 3 {
						times[i] = append(times[i], time.Since(start))
					}
				}
			}
			require.Equal(t, objects[0], objects[1], "the plugin and the chart do not the same job")
			for i, kind := range kinds {
				slices.Sort(times[i])
				fmt.Printf("%-9s %-22s %-7s %7.1f %7.1f\n", argo.version, files, kind.name, percentile(times[i], 50), percentile(times[i], 95))
			}
			if *speedRatio > 0 {
				ratio := percentile(times[0], 50) / percentile(times[1], 50)
				assert.LessOrEqual(t, ratio, *speedRatio, "%s: plugin to helm", argo.version)
			}
		}
	}
}

// percentile returns a percentile of sorted times, in milliseconds.
func percentile(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
}
