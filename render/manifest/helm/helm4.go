package helm

import (
	"bytes"
	"errors"
	"slices"

	"helm.sh/helm/v3/pkg/chart"
	accessor "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart4 "helm.sh/helm/v4/pkg/chart/v2"
	loader4 "helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil4 "helm.sh/helm/v4/pkg/chart/v2/util"
	release4 "helm.sh/helm/v4/pkg/release/v1"
	releaseutil4 "helm.sh/helm/v4/pkg/release/v1/util"
)

// helm4 is Helm 4: nulls of a chart's own values are as if they were not there, and all documents of a file count.
type helm4 struct {
	chart       *chart.Chart // as Helm 3 has loaded it, never changed
	version     string
	apiVersions []string // that it is built with
	values      map[*chart.Chart]map[string]any
	marks       map[*chart.Chart]*common.File
	loaded      map[*common.File]*chart.Chart // the charts by their marks
}

func newHelm4(c *chart.Chart, version string) (*helm4, error) {
	h := &helm4{
		c, version, builtInAPIVersions(version),
		map[*chart.Chart]map[string]any{}, map[*chart.Chart]*common.File{}, map[*common.File]*chart.Chart{},
	}
	if err := h.add(c); err != nil {
		return nil, err
	}
	return h, nil
}

// add reads the values of a chart and of its subcharts, and marks the charts.
func (h *helm4) add(c *chart.Chart) error {
	mark := &common.File{}
	h.marks[c], h.loaded[mark], h.values[c] = mark, c, c.Values
	if i := slices.IndexFunc(c.Raw, func(f *chart.File) bool { return f.Name == "values.yaml" }); i >= 0 &&
		severalDocuments(c.Raw[i].Data) {
		values, err := h.read(c.Raw[i].Data)
		if err != nil {
			return noMapping(File{c.ChartFullPath() + "/values.yaml", c.Raw[i].Data}, err)
		}
		h.values[c] = values
	}
	for _, child := range c.Dependencies() {
		if err := h.add(child); err != nil {
			return err
		}
	}
	return nil
}

func (h *helm4) read(data []byte) (map[string]any, error) {
	out, err := loader4.LoadValues(bytes.NewReader(data))
	if inner := errors.Unwrap(err); inner != nil {
		err = inner // as of Helm 3
	}
	return out, err
}

func (h *helm4) prepare(values map[string]any, o Options) (*prepared, error) {
	kube, err := common.ParseKubeVersion(o.KubeVersion)
	if err != nil {
		return nil, kubeVersionError(o, err)
	}
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion, caps.APIVersions = *kube, slices.Concat(h.apiVersions, o.APIVersions)
	caps.HelmVersion.Version, caps.HelmVersion.GoVersion, caps.HelmVersion.KubeClientVersion = "v"+h.version, "", ""
	own := h.convert(h.chart)
	if err := chartutil4.ProcessDependencies(own, values); err != nil {
		return nil, dependenciesError(err)
	}
	top, err := util.ToRenderValuesWithSchemaValidation(own, values, common.ReleaseOptions(o.release()), caps, true)
	if err != nil {
		return nil, valuesError(err)
	}
	merged, err := top.Table("Values")
	if err != nil {
		return nil, valuesError(err)
	}
	t, err := h.treeOf(own)
	return &prepared{t, merged, top, kube.String()}, err
}

// convert returns a chart in the type of Helm 4, but without its files. Its mark stands in the place of the raw ones,
// and stays where Helm copies the chart for an alias.
func (h *helm4) convert(c *chart.Chart) *chart4.Chart {
	m := c.Metadata
	metadata := &chart4.Metadata{
		Name: m.Name, Home: m.Home, Sources: m.Sources, Version: m.Version, Description: m.Description,
		Keywords: m.Keywords,
		Icon:     m.Icon, APIVersion: m.APIVersion, Condition: m.Condition, Tags: m.Tags, AppVersion: m.AppVersion,
		Deprecated: m.Deprecated, Annotations: m.Annotations, KubeVersion: m.KubeVersion, Type: m.Type,
	}
	for _, one := range m.Maintainers {
		if one != nil {
			maintainer := chart4.Maintainer(*one)
			metadata.Maintainers = append(metadata.Maintainers, &maintainer)
		}
	}
	for _, one := range m.Dependencies {
		if one != nil {
			dependency := chart4.Dependency(*one)
			metadata.Dependencies = append(metadata.Dependencies, &dependency)
		}
	}
	out := &chart4.Chart{Raw: []*common.File{h.marks[c]}, Metadata: metadata, Values: h.values[c]}
	for _, child := range sortedDependencies(c) {
		out.AddDependency(h.convert(child))
	}
	return out
}

func (h *helm4) treeOf(c *chart4.Chart) (*tree, error) {
	access, err := accessor.NewAccessor(c)
	if err != nil {
		return nil, err
	}
	metadata := access.MetadataAsMap()
	metadata["IsRoot"] = access.IsRoot()
	t := &tree{loaded: h.loaded[c.Raw[0]], name: c.Name(), path: c.ChartFullPath(), metadata: metadata}
	for _, child := range c.Dependencies() {
		subchart, err := h.treeOf(child)
		if err != nil {
			return nil, err
		}
		t.subcharts = append(t.subcharts, subchart)
	}
	return t, nil
}

func (h *helm4) typed(values map[string]any) any { return common.Values(values) }

func (h *helm4) functions() functionSet {
	if minorOf(h.version) <= 2 {
		return functions42()
	}
	return functions4()
}

func (h *helm4) sort(rendered map[string]string) (objects []document, hooks []hook, err error) {
	sortedHooks, manifests, err := releaseutil4.SortManifests(rendered, nil, releaseutil4.InstallOrder)
	for _, m := range manifests {
		objects = append(objects, document{m.Name, m.Content})
	}
	for _, h := range sortedHooks {
		hooks = append(hooks, hook{document{h.Path, h.Manifest}, slices.Contains(h.Events, release4.HookTest)})
	}
	return objects, hooks, err
}
