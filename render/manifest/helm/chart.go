package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

// A Chart is a chart that is ready to be rendered any number of times, at the same time too. It keeps the parsed
// templates, so that its memory depends on the chart only.
type Chart struct {
	chart   *chart.Chart // never changed
	version string       // of Helm
	engine  engine
	limits  sandbox.Limits

	mu     sync.Mutex
	parsed map[parsedKey]*parsed
}

// A parsedKey is a template file under a name: a subchart with aliases appears under several.
type parsedKey struct {
	name string
	file *chart.File
}

// New prepares a chart for a version of Helm, such as 3.19.4. It fails for a chart that is no application (a library),
// is not valid, or lacks a dependency that its Chart.yaml names. The chart must not be changed afterwards.
func New(c *chart.Chart, version string) (*Chart, error) {
	if c == nil || c.Metadata == nil {
		return nil, errors.New("the chart has no Chart.yaml")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if t := c.Metadata.Type; t != "" && t != "application" {
		return nil, fmt.Errorf("a chart of type %s cannot be installed", t)
	}
	var missing []string
	for _, wanted := range c.Metadata.Dependencies {
		if wanted != nil && !slices.ContainsFunc(c.Dependencies(),
			func(d *chart.Chart) bool { return d.Name() == wanted.Name }) {
			missing = append(missing, wanted.Name)
		}
	}
	if len(missing) > 0 {
		return nil, problem.New("", 0, "dependencies of Chart.yaml are missing in its charts directory: %s",
			strings.Join(missing, ", ")).
			WithHint("run helm dependency build and commit the charts directory")
	}
	e, err := newEngine(c, version)
	if err != nil {
		return nil, err
	}
	return &Chart{chart: c, version: version, engine: e, limits: defaultLimits, parsed: map[parsedKey]*parsed{}}, nil
}

// Options say how to render a chart: the fields of an Application's helm section, with the files that they name.
type Options struct {
	ReleaseName string
	Namespace   string // "" is "default", as in Helm

	ValueFiles     []File
	Values         map[string]any // values or valuesObject
	ValuesLowest   bool           // Values are below the value files, just above the chart's own
	Parameters     []Parameter
	FileParameters []FileParameter

	SkipCRDs             bool
	SkipTests            bool // leave test hooks out
	SkipSchemaValidation bool

	// Memory keeps what value files hold, and what charts print, for those who ask for the same again; nil: nothing is
	// kept.
	Memory *memory.Memory

	// Twice is told of keys that what a template prints has twice, of which the last counts; nil: nobody wants to know.
	Twice func(file, key string)

	KubeVersion string   // as of --kube-version
	APIVersions []string // besides those that Helm is built with: GROUP/VERSION or GROUP/VERSION/KIND
}

// release says what templates see as .Release.
func (o Options) release() chartutil.ReleaseOptions {
	return chartutil.ReleaseOptions{Name: o.ReleaseName, Namespace: cmp.Or(o.Namespace, "default"), Revision: 1,
		IsInstall: true}
}

// Render returns the objects of a chart in the order of `helm template`: custom resource definitions of crds
// directories, then the objects by kind in Helm's order of installation, then hooks, by kind too. The weights of hooks
// count when they are run. What has a hook that Helm does not know is left out. A list is one object.
//
// It fails with one line: for values that are no YAML or do not fit the chart's schema (with the key), and a chart that
// wants another Kubernetes version. So it does for a template that fails or asks for too much memory, time or recursion
// (with file and line), and output that is no YAML (with the file).
func (c *Chart) Render(ctx context.Context, o Options) ([]Manifest, error) {
	documents, err := c.keptDocuments(ctx, o)
	if err != nil {
		return nil, err
	}
	var out []Manifest
	for _, d := range documents {
		if o.Twice != nil {
			d.tellTwice(o.Twice)
		}
		objects, err := parseObjects(d)
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
}

// documents does what `helm template` does, in its order.
func (c *Chart) documents(ctx context.Context, o Options) ([]document, error) {
	// As Helm; a name with a template, which --name-template would execute, is refused with it.
	if err := chartutil.ValidateReleaseName(o.ReleaseName); err != nil {
		return nil, fmt.Errorf("release name %q: %w", o.ReleaseName, err)
	}
	values, err := o.values(c)
	if err != nil {
		return nil, err
	}
	p, err := c.engine.prepare(values, o)
	if err != nil {
		return nil, err
	}
	if !o.SkipSchemaValidation {
		if err := validate(p.tree, p.values); err != nil {
			return nil, o.placed(c, err)
		}
	}
	if wanted := c.chart.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, p.kubeVersion) {
		return nil, fmt.Errorf("the chart needs Kubernetes %s, not %s", wanted, p.kubeVersion)
	}
	rendered, err := c.execute(ctx, c.renderables(p))
	if err != nil {
		return nil, err
	}
	return c.sortDocuments(p.tree, rendered, o)
}

// parse returns a template file, parsed once for all renders.
func (c *Chart) parse(name string, file *chart.File) (*parsed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := parsedKey{name, file}
	if p, ok := c.parsed[key]; ok {
		return p, nil
	}
	p, err := parseTemplate(name, string(file.Data), c.engine.functions().known)
	if err != nil {
		return nil, err
	}
	c.parsed[key] = p
	return p, nil
}
