package helm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

// helm3 is Helm 3: nulls of a chart's own values are values, and of a file with several documents the first counts.
type helm3 struct {
	chart       *chart.Chart // never changed
	version     string
	apiVersions []string // that it is built with
}

func (h helm3) read(data []byte) (map[string]any, error) {
	var out map[string]any
	err := yaml.Unmarshal(data, &out)
	return out, err
}

func (h helm3) prepare(values map[string]any, o Options) (*prepared, error) {
	kube, err := h.parseKubeVersion(o.KubeVersion)
	if err != nil {
		return nil, kubeVersionError(o, err)
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion, caps.APIVersions = *kube, slices.Concat(h.apiVersions, o.APIVersions)
	caps.HelmVersion.Version, caps.HelmVersion.GoVersion = "v"+h.version, ""
	own := clone(h.chart)
	if err := chartutil.ProcessDependenciesWithMerge(own, values); err != nil {
		return nil, dependenciesError(err)
	}
	merged, err := h.coalesced(own, values)
	if err != nil {
		return nil, valuesError(err)
	}
	top, err := chartutil.ToRenderValuesWithSchemaValidation(&chart.Chart{Metadata: own.Metadata}, nil, o.release(),
		caps, true)
	if err != nil {
		return nil, valuesError(err)
	}
	top["Values"] = chartutil.Values(merged)
	return &prepared{treeOf3(own), merged, top, kube.Version}, nil
}

// parseKubeVersion reads a Kubernetes version. Helm 3.16 keeps what follows its three numbers, such as -eks-1a2b3c.
func (h helm3) parseKubeVersion(text string) (*chartutil.KubeVersion, error) {
	kube, err := chartutil.ParseKubeVersion(text)
	if err != nil || !strings.HasPrefix(h.version, "3.16.") {
		return kube, err
	}
	whole, err := semver.NewVersion(text)
	if err != nil {
		return nil, err
	}
	kube.Version = "v" + whole.String()
	return kube, nil
}

func treeOf3(c *chart.Chart) *tree {
	metadata := struct {
		chart.Metadata
		IsRoot bool
	}{*c.Metadata, c.IsRoot()}
	t := &tree{loaded: c, name: c.Name(), path: c.ChartFullPath(), metadata: metadata}
	for _, child := range c.Dependencies() {
		t.subcharts = append(t.subcharts, treeOf3(child))
	}
	return t
}

func (h helm3) typed(values map[string]any) any { return chartutil.Values(values) }

func (h helm3) functions() functionSet {
	if minorOf(h.version) <= 16 {
		return functions316()
	}
	return functions3()
}

func (h helm3) sort(rendered map[string]string) (objects []document, hooks []hook, err error) {
	sortedHooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	for _, m := range manifests {
		objects = append(objects, document{m.Name, m.Content})
	}
	for _, h := range sortedHooks {
		hooks = append(hooks, hook{document{h.Path, h.Manifest}, slices.Contains(h.Events, release.HookTest)})
	}
	return objects, hooks, err
}

// clone copies what Helm's processing of dependencies changes: which subcharts there are, their metadata and values.
// Files are shared.
func clone(c *chart.Chart) *chart.Chart {
	out := *c
	metadata := *c.Metadata
	metadata.Dependencies = nil
	for _, d := range c.Metadata.Dependencies {
		if d != nil {
			copied := *d
			metadata.Dependencies = append(metadata.Dependencies, &copied)
		}
	}
	out.Metadata = &metadata
	dependencies := sortedDependencies(c)
	for i, child := range dependencies {
		dependencies[i] = clone(child)
	}
	out.SetDependencies(dependencies...)
	return &out
}

// sortedDependencies returns the subcharts in an order: Helm loads the charts directory in random order.
func sortedDependencies(c *chart.Chart) []*chart.Chart {
	return slices.SortedFunc(slices.Values(c.Dependencies()), func(a, b *chart.Chart) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(a.Metadata.Version, b.Metadata.Version))
	})
}

func kubeVersionError(o Options, err error) error {
	return fmt.Errorf("the Kubernetes version %q: %w", o.KubeVersion, err)
}
func dependenciesError(err error) error { return fmt.Errorf("dependencies: %w", err) }
func valuesError(err error) error       { return fmt.Errorf("values: %w", err) }
