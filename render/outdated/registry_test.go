package outdated_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	helmregistry "helm.sh/helm/v3/pkg/registry"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// push makes a registry that has charts below karpenter/. It returns which tags of these it was asked about since.
func push(t *testing.T, charts ...published) (host string, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var tags []string
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, tag, is := strings.Cut(r.URL.Path, "/manifests/"); is && r.Method == http.MethodGet {
			mu.Lock()
			tags = append(tags, tag)
			mu.Unlock()
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	host = server.Listener.Addr().String()
	client, err := helmregistry.NewClient(helmregistry.ClientOptPlainHTTP(),
		helmregistry.ClientOptCredentialsFile(filepath.Join(t.TempDir(), "none.json")))
	require.NoError(t, err)
	for _, p := range charts {
		file, err := chartutil.Save(&helmchart.Chart{Metadata: &helmchart.Metadata{APIVersion: "v2", Name: p.name,
			Version: p.version, KubeVersion: p.kubernetes}}, t.TempDir())
		require.NoError(t, err)
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = client.Push(data, host+"/karpenter/"+p.name+":"+p.version)
		require.NoError(t, err)
	}
	mu.Lock()
	defer mu.Unlock()
	tags = nil
	return host, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Sorted(slices.Values(tags))
	}
}

// TestRegistry: the further chart of a component has a row of its own, and registries are asked what versions say.
func TestRegistry(t *testing.T) {
	var charts []published
	for _, name := range []string{"karpenter", "karpenter-crd"} {
		for version, kubernetes := range map[string]string{"1.5.1": ">=1.26", "1.6.0": ">=1.28", "2.0.0": ""} {
			charts = append(charts, published{name: name, version: version, kubernetes: kubernetes})
		}
	}
	host, _ := push(t, charts...)
	report := of(t, example(t, host, "repoURL: public.ecr.aws", "repoURL: "+host), t.TempDir(), false, false,
		"karpenter")
	require.Empty(t, report.Failures)
	want := "karpenter | next | 1.5.1 | outdated | 1.5.1>=1.26 | 1.6.0>=1.28 | 2.0.0 | 1"
	require.Contains(t, lines(report), want)
	require.Len(t, report.Rows, 4)
	for i, row := range report.Rows {
		require.Equal(t, i > 1, row.Additional)
		require.Equal(t, "oci://"+host, row.Repository)
		require.Equal(t, map[bool]string{false: "karpenter/karpenter", true: "karpenter/karpenter-crd"}[row.Additional],
			row.Chart)
	}
}

// TestKubernetesOfARegistry: where the newest versions are not for all clusters, the newest of each minor version below
// is asked about, until one is. That is not done without end.
func TestKubernetesOfARegistry(t *testing.T) {
	versions := func(kubernetes string, all ...string) (charts []published) {
		for _, version := range all {
			charts = append(charts, published{name: "karpenter", version: version, kubernetes: kubernetes})
		}
		return charts
	}
	var many []string
	for i := range 30 {
		many = append(many, "1.5."+strconv.Itoa(i+2), "1."+strconv.Itoa(i+6)+".0", "2."+strconv.Itoa(i)+".0")
	}
	for name, test := range map[string]struct {
		charts []published
		usable string
		asked  []string
		count  int
	}{
		"of the same major version": {slices.Concat(versions(">=1.26", "1.5.1", "1.6.0", "1.7.0", "1.7.5"),
			versions(">=1.28", "1.8.0", "1.8.3", "1.9.0", "2.0.0", "2.1.0-rc.1")), "1.7.5",
			[]string{"1.5.1", "1.7.5", "1.8.3", "1.9.0", "2.0.0"}, 5},
		"of another one": {slices.Concat(versions(">=1.26", "1.5.1", "2.0.0", "2.0.1"),
			versions(">=1.28", "1.6.0", "1.7.0", "2.1.0", "3.0.0")), "2.0.1",
			[]string{"1.5.1", "1.6.0", "1.7.0", "2.0.1", "2.1.0", "3.0.0"}, 6},
		"none":         {versions(">=1.28", "1.5.1", "1.6.0", "2.0.0"), "", []string{"1.5.1", "1.6.0", "2.0.0"}, 3},
		"too far away": {slices.Concat(versions(">=1.26", "1.5.1"), versions(">=1.28", many...)), "", nil, 21},
	} {
		t.Run(name, func(t *testing.T) {
			host, asked := push(t, test.charts...)
			tree := versioned(t, example(t, host, "repoURL: public.ecr.aws", "repoURL: "+host), "", "1.27")
			row := stable(t, of(t, tree, t.TempDir(), false, false, "karpenter"))
			require.Equal(t, outdated.Outdated, row.Status)
			if test.usable == "" {
				require.Nil(t, row.Usable)
			} else {
				require.Equal(t, test.usable, row.Usable.Version)
				require.Equal(t, test.usable, row.Target())
			}
			if test.asked != nil {
				require.Equal(t, test.asked, asked())
			}
			require.Len(t, asked(), test.count)
		})
	}
}

// TestRepositoriesThatTakeTooLong: all of them together have some time. What is known by then is shown.
func TestRepositoriesThatTakeTooLong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}))
	defer server.Close()
	session, err := stages.Config{}.Open(t.Context(), example(t, server.URL), render.Options{},
		stages.Charts{CacheDir: t.TempDir()})
	require.NoError(t, err)
	ended := false
	report, err := outdated.Of(t.Context(), session, outdated.Options{Patience: 10 * time.Millisecond,
		Matrix: matrix.Options{Output: render.Output{Progress: func(done, total int) { ended = done >= total }},
			Request: render.Request{Targets: render.Targets{All: true}, Group: "addons",
				Components: []string{"cert_manager", "metrics-server"}}}})
	require.NoError(t, err)
	require.NotEmpty(t, report.Rows)
	require.Len(t, report.Failures, 1)
	require.ErrorContains(t, report.Failures[0], "index.yaml: the repositories together took longer than 10ms")
	require.ErrorContains(t, report.Failures[0],
		"; ask for a part with --group or --component; with --offline, what was fetched before is used")
	require.True(t, ended)
}
