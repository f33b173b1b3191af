package applicationset

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Options are what a render knows besides the values.
type Options struct {
	ReleaseName string            // label app.kubernetes.io/instance
	BasePath    string            // where the value files' directories are in the repository, if the values do not say
	ValueFiles  []string          // if the values have none (rule value-file-paths in docs/rules/applications.md)
	Components  []string          // render only these, by key; all if empty
	Clusters    []cluster.Cluster // of the fleet, for findings; none if they are not known
	Alone       bool              // there may be other clusters: that none of them has a label is not known
	Off         bool              // findings are wanted of components that are off, too
	// LabelPlace tells where a label of a cluster is set, for findings; nil if that is not known.
	LabelPlace func(c cluster.Cluster, label string) (file string, line int)
	ArgoCD     argocd.Version // whose fields the findings are about; none for the newest

	// For delivery by the plugin:

	AppPath    string   // the path of the group, from the root of the repository
	LevelFiles []string // the directories of all levels, as templates over the cluster, from the root of the repository
	// SettingsIn returns the files of the group's settings in a directory of a level.
	SettingsIn func(directory string) []string
	Handover   bool     // each Application has one owner: what the plugin delivers is to be of that one
	Inputs     []string // files and directories that every render of the group reads, from the root of the repository
	Release    string   // the release that is rendered, as it is written

	// Carried are the parameters for what the plugin does not find in the repository of the Application, as text.
	Carried map[string]string

	// Outside returns what else counts for a file or directory, a template over the cluster; nil if nothing is known.
	Outside func(template string) []string

	// Resolve has components that the plugin delivers come with the sources that the plugin has rendered in the end, so
	// that the Applications are those whose manifests the plugin prints.
	Resolve bool
}

// A Result are ApplicationSets, and what is to be said of them.
type Result struct {
	Objects    []Object
	Components []Component // what each of the objects was made of
	Findings   []*problem.Problem
}

// A Component describes a component whose ApplicationSet was built.
type Component struct {
	Key        string
	File       string     // that describes it first; "" if none does
	ValueFiles ValueFiles // where its value files are
	MainSource int        // which of the sources of its resolved Applications is the component itself
}

// Described returns the file that describes the component first, and which component it is: "" if none does.
func (c Component) Described() string {
	if c.File == "" {
		return ""
	}
	return fmt.Sprintf("%s, component %s", c.File, c.Key)
}

// Build returns the ApplicationSets of the enabled components in the byte order of their keys, and what would fail
// later or silently does nothing as findings. It fails on keys of the wrong type, on credentials in addresses, and on
// components that would fight over a name. That is one of ApplicationSets, or the 20 bytes of it that become part of
// Application names (rule names-are-unique in docs/rules/components.md).
func Build(values *hierarchy.Values, options Options) (*Result, error) {
	s, err := readSettings(values, options)
	if err != nil {
		return nil, err
	}
	if err := checkSettings(values); err != nil {
		return nil, err
	}
	for _, key := range options.Components {
		if err := checkComponent(values, key); err != nil {
			return nil, err
		}
	}
	f := newFindings(values, s, options)
	f.checkTopLevel()
	f.checkSharedMetadata()
	names := uniqueNames{values: values, byName: map[string]string{}, byPart: map[string]string{}}
	result, count := &Result{}, 0
	for _, key := range fields.SortedKeys(values.Map()) {
		if on, err := enabled(values, key); err != nil {
			return nil, err
		} else if !on {
			if options.Off && len(options.Components) == 0 {
				f.checkOff(key, s, options.ReleaseName)
			}
			continue
		}
		if count++; count > maxComponents {
			file, line := values.Locate(key)
			return nil, problem.New(file, line, "more than %d components are enabled", maxComponents)
		}
		c, err := readComponent(values, key, s)
		if err != nil {
			return nil, err
		}
		if err := c.checkCredentials(values); err != nil {
			return nil, err
		}
		if err := names.add(c); err != nil {
			return nil, err
		}
		if len(options.Components) > 0 && !slices.Contains(options.Components, key) {
			continue
		}
		object := c.applicationSet(s, options.ReleaseName)
		f.checkComponent(c, object)
		result.Objects = append(result.Objects, object)
		result.Components = append(result.Components, Component{
			Key: key, File: values.FirstFile(key),
			ValueFiles: ValueFiles{s.group, c.chartName, c.valuesFileName, c.plugin},
			MainSource: c.mainSourceIndex(s),
		})
	}
	result.Findings = f.finish()
	return result, nil
}

// ErrNoComponent is the cause when a component is asked for that a group does not have.
var ErrNoComponent = errors.New("there is no component")

func checkComponent(values *hierarchy.Values, key string) error {
	if _, ok := values.Map()[key].(map[string]any); ok && !wellknown.IsSetting(key) {
		return nil
	}
	return NoComponent(key, Components(values))
}

// NoComponent returns the error for a component that is none of those that there are.
func NoComponent(key string, components []string) error {
	return problem.New("", 0, "%w %q; %s", &noComponent{components}, key,
		problem.Suggest(key, components, "the components are "+cmp.Or(strings.Join(components, ", "), "none")))
}

// A noComponent is [ErrNoComponent] with the components that there are.
type noComponent struct{ components []string }

func (*noComponent) Error() string { return ErrNoComponent.Error() }

func (*noComponent) Unwrap() error { return ErrNoComponent }

// ComponentsOf returns the components that there are where one is asked for that is not, which err says.
func ComponentsOf(err error) []string {
	var missing *noComponent
	if errors.As(err, &missing) {
		return missing.components
	}
	return nil
}

// Components returns the keys of the components in the values, enabled or not, sorted.
func Components(values *hierarchy.Values) []string {
	var keys []string
	for _, key := range fields.SortedKeys(values.Map()) {
		if m, ok := values.Map()[key].(map[string]any); ok && !wellknown.IsSetting(key) && m["enabled"] != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// uniqueNames refuses components that share a name.
type uniqueNames struct {
	values *hierarchy.Values
	byName map[string]string
	byPart map[string]string
}

func (u uniqueNames) add(c *component) error {
	if first, taken := u.byName[c.name]; taken {
		return u.collision(c.key, first, "ApplicationSet name", c.name)
	}
	u.byName[c.name] = c.key
	what, part := "part of Application names", c.applicationNamePart()
	if c.nameTemplate != "" {
		what, part = "Application name", c.nameTemplate
	}
	same := strings.NewReplacer("{{ ", "{{", " }}", "}}").Replace(part)
	if first, taken := u.byPart[same]; taken {
		return u.collision(c.key, first, what, part)
	}
	u.byPart[same] = c.key
	return nil
}

func (u uniqueNames) collision(key, first, what, name string) error {
	file, line := u.values.Locate(key)
	firstFile, firstLine := u.values.Locate(first)
	hint := "rename or switch off one of them, or set its appSetName"
	if c, ok := u.values.Map()[key].(map[string]any); ok && c[wellknown.SettingApplicationName] != nil ||
		u.values.Settings()[wellknown.SettingApplicationName] != nil {
		hint = "rename or switch off one of them, or let applicationName contain " + placeholderComponent
	}
	return problem.New(file, line, "components %q and %q (%s:%d) have the same %s %q", key, first, firstFile, firstLine,
		what, name).WithHint("%s", hint)
}

// applicationSet returns the component's ApplicationSet (docs/rules/applicationsets.md).
func (c *component) applicationSet(s *settings, releaseName string) Object {
	name := c.name
	if s.releaseType != "" {
		name += "-" + s.releaseType
	}
	labels := Object{
		"app.kubernetes.io/name":     s.name,
		"app.kubernetes.io/instance": releaseName,
		wellknown.LabelManagedBy:     PluginName,
	}
	maps.Copy(labels, toAny(s.commonLabels))
	spec := Object{
		"goTemplate":        true,
		"goTemplateOptions": texts(c.goTemplateOptions),
		"generators":        c.generators(s),
		"template":          c.template(s, labels),
		"syncPolicy":        c.syncPolicyAppSet,
		"templatePatch":     c.templatePatch,
		"preservedFields":   c.preservedFields,
		"strategy":          c.strategy,

		"ignoreApplicationDifferences": c.ignoreApplicationDifferences,
	}
	if c.nestedSelectors {
		spec["applyNestedSelectors"] = true
	}
	return Object{
		"apiVersion": "argoproj.io/v1alpha1",
		"kind":       "ApplicationSet",
		"metadata": withoutEmpty(Object{
			"name":        name,
			"namespace":   s.namespace,
			"labels":      merge(labels, c.labelsAppSet),
			"annotations": merge(toAny(s.annotations), c.annotationsAppSet),
		}),
		"spec": withoutEmpty(spec),
	}
}

// template returns the template of the Applications (docs/rules/applications.md).
func (c *component) template(s *settings, labels Object) Object {
	labels = merge(labels, c.labelsApp)
	labels["component"] = c.name
	labels[wellknown.LabelEnvironment] = "{{.metadata.labels.environment}}"
	labels["cluster"] = "{{.name}}"
	annotations := merge(toAny(s.annotations), c.annotationsApp)
	sources := c.sources(s)
	if paths := c.generatePaths(s, sources); paths != "" {
		annotations[wellknown.AnnotationGeneratePaths] = paths
	}
	return Object{
		"metadata": withoutEmpty(Object{
			"name":        c.applicationName(s.releaseType),
			"labels":      labels,
			"annotations": annotations,
		}),
		"spec": withoutEmpty(Object{
			"project": s.project,
			"sources": c.deliveredSources(s, sources),
			// An empty namespace stays: the parity cases have it, and Argo CD then takes those of the manifests.
			"destination":       Object{"name": "{{ .name }}", "namespace": c.namespace},
			"syncPolicy":        c.syncPolicy,
			"ignoreDifferences": c.ignoreDifferences,
		}),
	}
}

// applicationName returns the name of the Applications as a template (rules application-name and
// application-name-setting in docs/rules/applications.md).
func (c *component) applicationName(releaseType string) string {
	if c.nameTemplate != "" {
		return c.nameTemplate
	}
	name := c.applicationNamePart() + "-{{ .values.addonChartVersion }}"
	if releaseType != "" {
		name = releaseType + "-" + name
	}
	return name
}

func (c *component) applicationNamePart() string {
	if c.appSetName != "" {
		return c.appSetName
	}
	return "{{ .name | trunc 30 }}-" + cut(c.name, maxApplicationNamePart)
}

// merge returns a copy of an object with strings laid over it.
func merge(o Object, over map[string]string) Object {
	out := maps.Clone(o)
	maps.Copy(out, toAny(over))
	return out
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
