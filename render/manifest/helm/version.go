package helm

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
)

// An engine is what differs between the major versions of Helm, for one chart. It is safe for concurrent use.
type engine interface {
	// read returns the values in a file.
	read(data []byte) (map[string]any, error)
	// prepare processes the chart's dependencies with values, and lays these over the chart's own.
	prepare(values map[string]any, o Options) (*prepared, error)
	// typed returns a map in the type that templates see values in.
	typed(values map[string]any) any
	// functions are those that templates may call.
	functions() functionSet
	// sort returns the objects that templates printed, and the hooks, each in the order of installation.
	sort(rendered map[string]string) (objects []document, hooks []hook, err error)
}

// A prepared chart can be rendered once.
type prepared struct {
	tree        *tree
	values      map[string]any
	scope       map[string]any // has Release and Capabilities, as templates see them
	kubeVersion string         // as charts restrict it
}

// A tree is a chart with those of its subcharts that take part in a render.
type tree struct {
	loaded    *chart.Chart // has the files
	name      string       // its own, or its alias
	path      string       // CHART, CHART/charts/SUBCHART, ...
	metadata  any          // what templates see as .Chart
	subcharts []*tree
}

// newEngine returns the engine for a version of Helm, such as 3.19.4.
func newEngine(c *chart.Chart, version string) (engine, error) {
	switch major, _, _ := strings.Cut(version, "."); major {
	case "3":
		return helm3{c, version, builtInAPIVersions(version)}, nil
	case "4":
		return newHelm4(c, version)
	}
	return nil, fmt.Errorf("there is no Helm %q", version)
}
