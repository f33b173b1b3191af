package applicationset

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// How the Applications of a component get their manifests: by Argo CD's own Helm, or by this plugin, which merges the
// five levels itself.
const (
	deliveryHelm   = "helm"
	deliveryPlugin = "plugin"
)

// PluginName is the name under which the plugin is installed. It has no version, so that an upgrade changes no
// Application.
const PluginName = "fleet-cmp"

// liveAnnotations is the template for the annotations of a cluster, as JSON. They are none if Argo CD has none for it,
// and never what `kubectl apply` leaves behind, which has the credentials of the cluster Secret in it.
const liveAnnotations = `{{ omit (index .metadata "annotations" | default dict | toJson | fromJson) ` +
	`"` + wellknown.AnnotationLastApplied + `" | toJson }}`

func readDelivery(r *fields.Reader, otherwise string) string {
	delivery := r.TextOr(wellknown.SettingDelivery, otherwise)
	if delivery != deliveryHelm && delivery != deliveryPlugin {
		r.Fail(wellknown.SettingDelivery, "delivery must be %s or %s, not %q", deliveryHelm, deliveryPlugin, delivery)
	}
	return delivery
}

// readSwitch returns a switch, or nil if it is not said.
func readSwitch(r *fields.Reader, key string) *bool {
	if !r.Has(key) {
		return nil
	}
	on := r.True(key)
	return &on
}

// withAllLevels returns the settings with the directories of all five levels in the place of the setting valueFiles.
func (s *settings) withAllLevels() *settings {
	all := *s
	all.basePath, all.valueFilesPrefix, all.valueFiles = "", "", s.options.LevelFiles
	return &all
}

// deliveredSources returns what the Application has for sources: with delivery by the plugin, the plugin, unless the
// sources behind it are asked for.
func (c *component) deliveredSources(s *settings, sources []any) []any {
	if !c.plugin || s.options.Resolve {
		return sources
	}
	parameters := []any{
		Object{"name": "stage", "string": "manifests"},
		Object{"name": "group", "string": s.group},
		Object{"name": "component", "string": c.key},
		Object{"name": "cluster", "string": "{{ .name }}"},
		Object{"name": "labels", "string": `{{ index .metadata "labels" | default dict | toJson }}`},
		Object{"name": "annotations", "string": liveAnnotations},
	}
	given := Object{wellknown.SettingUseVersionSelectors: "false"} // the cluster is on the release already
	if s.options.Handover {
		given[wellknown.SettingHandover] = "true"
	}
	parameters = append(parameters, Object{"name": "settings", "map": given})
	if s.options.Release != "" {
		parameters = append(parameters, Object{"name": "release", "string": s.options.Release})
	}
	for _, name := range slices.Sorted(maps.Keys(s.options.Carried)) {
		// The template of the ApplicationSet is to leave templates in it as they are.
		text := strings.ReplaceAll(s.options.Carried[name], "{{", `{{ "{{" }}`)
		parameters = append(parameters, Object{"name": name, "string": text})
	}
	source := gitSource(s, s.options.AppPath)
	source["plugin"] = Object{"name": PluginName, "parameters": parameters}
	return []any{source}
}

// mainSourceIndex returns which of the sources is the component itself.
func (c *component) mainSourceIndex(s *settings) int {
	index := 0
	if s.repoURL != "" {
		index++
	}
	if c.usePodIdentity {
		index++
	}
	return index
}

// generatePaths returns the value of the annotation manifest-generate-paths: the files and directories of the
// repository that the sources are rendered from, for the plugin also those that it finds them in, and what these name
// or link to outside of themselves. It is empty if it is not asked for.
func (c *component) generatePaths(s *settings, sources []any) string {
	if !c.generatePathsOn {
		return ""
	}
	var paths, outside []string
	add := func(file string) {
		if file = "/" + strings.Trim(file, "/"); !slices.Contains(paths, file) {
			paths = append(paths, file)
			if s.options.Outside != nil {
				outside = append(outside, s.options.Outside(file)...)
			}
		}
	}
	if c.plugin {
		for _, file := range s.options.Inputs {
			add(file)
		}
		for _, directory := range s.options.LevelFiles {
			for _, file := range s.options.SettingsIn(directory) {
				add(file)
			}
			add(join(directory, s.group, c.chartName)) // value files, of extra sources too, and overlays
		}
	}
	for _, source := range sources {
		source, _ := source.(Object)
		if directory, ok := source["path"].(string); ok {
			add(directory)
		}
		helm, _ := source["helm"].(Object)
		files, _ := helm["valueFiles"].([]any)
		for _, file := range files {
			text, _ := fields.Text(file)
			file, _ := strings.CutPrefix(text, "$values/")
			if !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix("/"+join(file), p+"/") }) {
				add(file)
			}
		}
	}
	for _, file := range outside {
		if !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix("/"+file+"/", p+"/") }) {
			paths = append(paths, "/"+file)
		}
	}
	return strings.Join(paths, ";")
}
