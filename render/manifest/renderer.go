package manifest

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/directory"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/kustomize"
)

// Charts gives Helm charts with all their dependencies; [chart.Cache] is one. A chart that is returned belongs to the
// caller, but for the bytes of its files. It must be safe for concurrent use.
type Charts interface {
	// Fetch returns a chart of a chart repository or registry.
	Fetch(ctx context.Context, reference chart.Reference) (*helmchart.Chart, error)
	// Directory returns the chart in a directory of the repository, or of an artifact.
	Directory(ctx context.Context, repository fs.FS, path string) (*helmchart.Chart, error)
	// Artifact returns the files of an artifact in a registry.
	Artifact(ctx context.Context, reference chart.Reference) (fs.FS, error)
}

// Options are what an Application is rendered with.
type Options struct {
	// Version is the Argo CD whose rules count; [argocd.Newest] if zero.
	Version argocd.Version

	// KubeVersion and APIVersions are those of the destination cluster, which charts see as .Capabilities unless the
	// Application says others. The version is that of Version if empty. The API versions, GROUP/VERSION and
	// GROUP/VERSION/KIND, are what Kubernetes of that version serves by default if nil, and AdditionalAPIVersions what
	// the cluster serves besides. Helm adds all to those that it is built with.
	KubeVersion           string
	APIVersions           []string
	AdditionalAPIVersions []string

	// Repository is the checkout that all Git sources are taken from.
	Repository fs.FS
	// FileSize is how large the files may be that Applications name there: value files, file parameters and overrides.
	// 0 is [hierarchy.MaxFileSize].
	FileSize int64
	// RepositoryURLs are the addresses of that repository. Git sources with another are refused; if there are none, all
	// are taken for this repository.
	RepositoryURLs []string
	// Locate returns where in Repository a path of a Git repository is, which has an address; nil: at that path.
	Locate func(url, name string) string

	// Charts gives the charts of Helm sources, and artifacts. Memory keeps them, prepared; renderers of the same files
	// and charts can share it. One of its own if nil.
	Charts Charts
	Memory *memory.Memory

	// KeysTwice says that keys which a chart prints twice are findings.
	KeysTwice bool

	// ValuesLowest makes values and valuesObject of an Application the lowest layer above the chart's own values, where
	// Argo CD lets them win over all value files.
	ValuesLowest bool
}

// A Renderer renders Applications. It keeps the charts that it has seen, prepared, so that another Application of the
// same chart costs only its rendering; it is safe for concurrent use.
type Renderer struct {
	options Options
	urls    map[string]bool
	kept    *memory.Memory // of what charts print, which is small: the same is asked for soon, or never again
}

// keptBytes is room for the value files of a large fleet, and what the charts of the last Applications print.
const keptBytes = 16 << 20

// New returns a renderer.
func New(o Options) *Renderer {
	if o.Version.IsZero() {
		o.Version = argocd.Newest()
	}
	o.KubeVersion = cmp.Or(o.KubeVersion, o.Version.Kubernetes)
	if o.Memory == nil {
		o.Memory = memory.New(memory.Usual)
	}
	r := &Renderer{options: o, urls: map[string]bool{}, kept: memory.New(keptBytes)}
	for _, url := range o.RepositoryURLs {
		r.urls[git.NormalizeGitURL(url)] = true
	}
	return r
}

// An Overlay changes the objects of one of an Application's sources, which are counted from 0.
type Overlay func(source int, objects []map[string]any) ([]map[string]any, error)

// A Destination is the cluster that an Application is rendered for.
type Destination struct {
	KubeVersion string  // in place of that of the options; "" if it is not known
	Overlay     Overlay // over the objects of each source; nil for none
	// OverlayOrigins returns the files of what Overlay gives, "" for those that it is given; nil if that is all. It may
	// be nil itself.
	OverlayOrigins func(source int, objects []map[string]any) ([]string, error)
	// Missing is told of sources whose chart is not in the cache and is not to be fetched, so that the others are
	// rendered all the same; nil: that is a failure.
	Missing func(error)
}

// Render returns an Application's objects for a destination, in the order of Argo CD: source by source, each in the
// order of its tool. A source with neither path nor chart, which others refer to, has none. Lists are taken apart.
// Whole numbers are float64, as sigs.k8s.io/yaml reads them; only those that a float64 cannot hold are int64. The
// objects are the caller's own. The problems are warnings: about revisions that Argo CD may refuse, IAM policies that
// AWS refuses, and, without a scope since other Applications have them too, value files of which only a part is read.
//
// It fails, without objects and with one line that names Application and source, for everything that Argo CD fails for.
// It also fails where Argo CD only warns: objects without apiVersion, kind or name, and two objects with the same
// group, kind, namespace and name.
func (r *Renderer) Render(
	ctx context.Context, of application.Application, to Destination,
) ([]map[string]any, []*problem.Problem, error) {
	all, namespace, warnings, err := r.objects(ctx, of, to)
	if err != nil {
		return nil, nil, err
	}
	objects, found, err := check(all, namespace)
	if err != nil {
		return nil, nil, err
	}
	return values(objects), append(warnings, found...), nil
}

// objects returns what the sources of an Application give, with the namespace of its destination.
func (r *Renderer) objects(ctx context.Context, of application.Application, to Destination) (all []object,
	namespace string, warnings []*problem.Problem, err error) {
	app, err := r.rendering(of)
	if err != nil {
		return nil, "", nil, err
	}
	app.kubeVersion = cmp.Or(to.KubeVersion, r.options.KubeVersion)
	if warnings, err = app.checkReferences(); err != nil {
		return nil, "", nil, inScope(err, app.scope())
	}
	for i := range app.sources {
		s := &app.sources[i]
		objects, err := r.renderSource(ctx, app, s)
		warnings = append(warnings, s.warnings...)
		if err != nil && to.Missing != nil && errors.Is(err, chart.ErrOffline) {
			to.Missing(inScope(err, s.scope()))
			continue
		}
		if err != nil {
			return nil, "", nil, inScope(err, s.scope())
		}
		if to.Overlay != nil {
			if objects, err = overlaid(to, i, objects); err != nil {
				return nil, "", nil, inScope(err, s.scope())
			}
		}
		for _, o := range objects {
			o.source = s
			all = append(all, o)
		}
	}
	return all, app.namespace(), warnings, nil
}

// overlaid returns the objects of a source with an overlay over them, which does not tell their files by itself.
func overlaid(to Destination, source int, objects []object) ([]object, error) {
	below := values(objects)
	changed, err := to.Overlay(source, below)
	out := objectsOf("the overlays", changed)
	if to.OverlayOrigins != nil {
		from(out, func() ([]string, error) {
			files, err := to.OverlayOrigins(source, below)
			if files == nil && err == nil {
				for _, o := range objects {
					files = append(files, o.origin())
				}
			}
			return files, err
		})
	}
	return out, err
}

// from makes objects tell the files that they are from, which are found out once.
func from(objects []object, find func() ([]string, error)) {
	origins := sync.OnceValue(func() []string {
		if files, err := find(); err == nil && len(files) == len(objects) {
			return files
		}
		return make([]string, len(objects))
	})
	for i := range objects {
		objects[i].from = func() string { return origins()[i] }
	}
}

// renderSource returns the objects of one source as its tool gives them.
func (r *Renderer) renderSource(ctx context.Context, app *rendering, s *source) ([]object, error) {
	if s.Path == "" && s.Chart == "" {
		switch {
		case s.IsOCI() && s.Ref == "" && r.options.Version.OCI:
			return nil, problem.New("", 0, "the source has no path").
				WithHint("write path: . for the artifact as a whole")
		case app.multiple():
			return nil, nil
		}
		return nil, problem.New("", 0, "the source has neither path nor chart")
	}
	files, err := r.files(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := mergeOverrides(&s.ApplicationSource, files, app.name); err != nil {
		return nil, err
	}
	kind, err := sourceType(s.ApplicationSource, files)
	if err != nil {
		return nil, err
	}
	if s.Chart != "" && (kind == v1alpha1.ApplicationSourceTypeKustomize ||
		kind == v1alpha1.ApplicationSourceTypeDirectory) {
		return nil, problem.New("", 0, "a chart can be rendered by Helm only, not as a %s source",
			strings.ToLower(string(kind)))
	}
	switch kind {
	case v1alpha1.ApplicationSourceTypeHelm:
		return r.helm(ctx, s, files)
	case v1alpha1.ApplicationSourceTypeKustomize:
		objects, err := kustomize.Build(s.fsys, s.dir(), r.kustomizeOptions(app, s))
		out := objectsOf(s.dir(), objects)
		from(out, func() ([]string, error) {
			return kustomize.Origins(s.fsys, s.dir(), r.kustomizeOptions(app, s))
		})
		return out, err
	case v1alpha1.ApplicationSourceTypePlugin:
		return nil, problem.New("", 0, "a plugin source (%s) cannot be rendered", s.Plugin.Name)
	}
	var o directory.Options
	if d := s.Directory; d != nil {
		all := s.field(r.options.Version, "directory", "disableExtensionFilter") == true
		o = directory.Options{Recurse: d.Recurse, Include: d.Include, Exclude: d.Exclude, DisableExtensionFilter: all}
	}
	objects, err := directory.Read(s.fsys, s.dir(), o, r.options.Version)
	out := make([]object, len(objects))
	for i, read := range objects {
		out[i] = object{file: read.File, value: read.Value, from: func() string { return read.File }}
	}
	return out, err
}

// kustomizeOptions returns the options that the Application gives to Kustomize.
func (r *Renderer) kustomizeOptions(app *rendering, s *source) kustomize.Options {
	o := kustomize.Options{Source: s.Kustomize, Env: app.env(s), OneComponent: r.options.Version.OneComponent}
	o.LeftOut = func(components []string) {
		warning := problem.New("", 0,
			"with ignoreMissingComponents, Argo CD %s adds only the first component that is there, and not %s",
			r.options.Version.Release, strings.Join(components, ", ")).WithHint("put the components into one").
			WithRule(problem.RuleNoEffect, s.dir())
		warning.Scope = s.scope()
		s.warnings = append(s.warnings, warning)
	}
	return o
}

// helm renders a Helm source.
func (r *Renderer) helm(ctx context.Context, s *source, files files) ([]object, error) {
	prepared, err := r.prepared(ctx, s)
	if err != nil {
		return nil, err
	}
	r.warnIgnored(s, prepared.values()...)
	o, err := r.helmOptions(s, files)
	if err != nil {
		return nil, err
	}
	if r.options.KeysTwice {
		o.Twice = s.warnTwice
	}
	manifests, err := prepared.helm.Render(ctx, o)
	if err != nil {
		return nil, err
	}
	out := make([]object, len(manifests))
	for i, m := range manifests {
		out[i] = object{file: m.File, value: m.Object}
	}
	return out, nil
}

func objectsOf(file string, values []map[string]any) []object {
	out := make([]object, len(values))
	for i, value := range values {
		out[i] = object{file: file, value: value}
	}
	return out
}

// plainVersion returns a Kubernetes version without what may follow its three numbers, as Argo CD hands it to Helm;
// older ones only take out the plus sign. What is no version stays, since Helm says so.
func plainVersion(text string, of argocd.Version) string {
	if of.WholeKubeVersion {
		return strings.ReplaceAll(text, "+", "")
	}
	if parsed, err := version.ParseGeneric(text); err == nil {
		return parsed.String()
	}
	return text
}

// apiVersions returns the API versions that a cluster of a Kubernetes version serves.
func (r *Renderer) apiVersions(kubeVersion string) []string {
	served := r.options.APIVersions
	if served == nil {
		served = kubernetes.APIVersions(kubeVersion)
	}
	if len(r.options.AdditionalAPIVersions) == 0 {
		return served // shared by all Applications
	}
	return slices.Concat(served, r.options.AdditionalAPIVersions)
}

// warnIgnored warns about what Helm does not read of files with values.
func (r *Renderer) warnIgnored(s *source, files ...helm.File) {
	if !r.options.Version.OneDocument {
		return
	}
	for _, file := range files {
		// the same for each Application that names the file
		if p := hierarchy.FurtherDocument(file.Name, file.Data); p != nil {
			s.warnings = append(s.warnings, p)
		}
	}
}

// helmOptions returns the options that the Application gives to Helm.
func (r *Renderer) helmOptions(s *source, files files) (helm.Options, error) {
	app := s.app
	o := helm.Options{
		Memory:       r.kept,
		ReleaseName:  app.name,
		Namespace:    s.GetNamespaceOrDefault(app.namespace()),
		ValuesLowest: r.options.ValuesLowest,
		KubeVersion:  plainVersion(s.GetKubeVersionOrDefault(app.kubeVersion), r.options.Version),
		APIVersions:  s.GetAPIVersionsOrDefault(r.apiVersions(app.kubeVersion)),
	}
	if s.Helm == nil {
		return o, nil
	}
	if v := s.Helm.Version; v != "" && !slices.Contains(r.options.Version.HelmVersions, v) {
		return o, problem.New("", 0, "helm version %q is not supported by Argo CD %s", v, r.options.Version.Name)
	}
	if s.Helm.ReleaseName != "" {
		o.ReleaseName = s.Helm.ReleaseName
	}
	o.SkipCRDs, o.SkipTests, o.SkipSchemaValidation = s.Helm.SkipCrds, s.Helm.SkipTests, s.Helm.SkipSchemaValidation
	in := inputs{r.repositoryFiles(), files, app, app.environment(s), r.checkRepository,
		r.options.Version.GlobValueFiles, s, r.options.Locate}
	var err error
	if o.ValueFiles, err = in.valueFiles(s.Helm.ValueFiles, s.Helm.IgnoreMissingValueFiles); err != nil {
		return o, err
	}
	text := ownValues(s.Helm)
	if err := safeyaml.CheckStream(text.Data, text.Name); err != nil {
		return o, err
	}
	if o.Values, err = helm.ReadValues(text.Data, r.options.Version.Helm); err != nil {
		return o, problem.New("", 0, "%s is no YAML map: %w", text.Name, err)
	}
	r.warnIgnored(s, append(slices.Clone(o.ValueFiles), text)...)
	for _, p := range s.Helm.Parameters {
		o.Parameters = append(o.Parameters,
			helm.Parameter{Name: p.Name, Value: in.env.Envsubst(p.Value), ForceString: p.ForceString})
	}
	for _, p := range s.Helm.FileParameters {
		file, err := in.file(p.Path)
		if err != nil {
			return o, err
		}
		o.FileParameters = append(o.FileParameters, helm.FileParameter{Name: p.Name, File: file})
	}
	return o, nil
}
