package kustomize

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// pluginFiles are the keys under which built-in plugins name files to read (api/internal/builtins, those that call
// Loader().Load). Their configurations are read without regard to case.
var pluginFiles = []string{"path", "paths", "targetFilePath", "files", "envs", "env", "valuesFile",
	"additionalValuesFiles"}

// functionAnnotations make a configuration run a container or an executable (kyaml/fn/runtime/runtimeutil).
var functionAnnotations = []string{"config.kubernetes.io/function", "config.k8s.io/function"}

// plugins checks an entry of generators, transformers or validators: the configuration itself, a file of them, or a
// directory with a kustomization that lists such files. Only Kustomize's built-in plugins run.
//
// Kustomize would also patch, prefix and generate configurations in such a directory, so that only a build shows what
// they say. There, every field but resources is refused: a path to download could be put together out of harmless
// pieces.
func (c *checker) plugins(f *file, field, entry string, chain []string) error {
	if err := safeyaml.CheckStream([]byte(entry), relative(f.path)); err != nil {
		return err
	}
	if configurations, err := c.factory.NewResMapFromBytes([]byte(entry)); err == nil {
		return refusePlugins(f, field, entry, configurations.Resources())
	}
	real, isDirectory, err := c.find(f, field, entry)
	if err != nil {
		return err
	}
	if isDirectory {
		return c.pluginDirectory(f, field, entry, real, chain)
	}
	data, err := c.yamlFile(f, field, entry)
	if err != nil {
		return err
	}
	configurations, err := c.factory.NewResMapFromBytes(data)
	if err != nil {
		return f.problem(field, entry, "%q holds no plugin configurations: %s", entry, readable(err))
	}
	return refusePlugins(f, field, entry, configurations.Resources())
}

func (c *checker) pluginDirectory(f *file, field, entry, real string, chain []string) error {
	chain = append(chain[:len(chain):len(chain)], f.dir)
	if slices.ContainsFunc(chain, func(visited string) bool {
		return visited == real ||
			strings.HasPrefix(visited, real+"/")
	}) {
		return f.problem(field, entry, "%q makes a cycle", entry)
	}
	if c.dirs++; c.dirs > maxDirectories {
		return f.problem(field, entry, "goes through more than %d kustomizations", maxDirectories)
	}
	sub, err := c.tree.readFile(real)
	if err != nil {
		return err
	}
	rest := sub.kustomization
	rest.TypeMeta, rest.MetaData, rest.Resources = types.TypeMeta{}, nil, nil
	if rest.CheckEmpty() == nil {
		return sub.problem("resources", "",
			"lists configurations for %s of %s, and may have no other field than resources", field, relative(f.path)).
			WithHint("name the files directly")
	}
	for _, reference := range sub.kustomization.Resources {
		if err := c.plugins(sub, "resources", reference, chain); err != nil {
			return err
		}
	}
	return nil
}

// refusePlugins refuses configurations of anything but built-in plugins, and those that would download.
func refusePlugins(f *file, field, entry string, configurations []*resource.Resource) error {
	for _, configuration := range configurations {
		kind, annotations := configuration.GetKind(), configuration.GetAnnotations()
		gvk := configuration.GetGvk()
		builtin := gvk.Group == "" && gvk.Version == konfig.BuiltinPluginApiVersion
		if !builtin || slices.ContainsFunc(functionAnnotations,
			func(key string) bool { _, ok := annotations[key]; return ok }) {
			return f.problem(field, entry, "%s is a plugin or function, and none is run", kind).
				WithHint("only Kustomize's built-in generators and transformers work here (apiVersion: builtin)")
		}
		if strings.HasPrefix(kind, "HelmChart") {
			return f.problem(field, entry, "%s is not run, since it would start helm", kind).
				WithHint("make the chart a source of its own, and patch it with a level's overlay")
		}
		values, err := configuration.Map()
		if err != nil {
			return f.problem(field, entry, "%s cannot be read: %s", kind, readable(err))
		}
		if reference := downloaded(values); reference != "" {
			return f.problem(field, entry, "%s: %q is not in the repository, and nothing is downloaded", kind,
				reference).
				WithHint("copy it into the repository, and name it by a relative path")
		}
	}
	return nil
}

// downloaded returns the first value that a built-in plugin would download, or "".
func downloaded(values any) string {
	switch values := values.(type) {
	case map[string]any:
		for key, value := range values {
			isFile := slices.ContainsFunc(pluginFiles, func(name string) bool { return strings.EqualFold(name, key) })
			if reference := downloadedText(value); isFile && reference != "" {
				return reference
			}
			if reference := downloaded(value); reference != "" {
				return reference
			}
		}
	case []any:
		for _, value := range values {
			if reference := downloaded(value); reference != "" {
				return reference
			}
		}
	}
	return ""
}

func downloadedText(value any) string {
	switch value := value.(type) {
	case string:
		_, after, _ := strings.Cut(value, "=") // KEY=PATH of generators
		if download(value) || download(after) {
			return value
		}
	case []any:
		for _, item := range value {
			if reference := downloadedText(item); reference != "" {
				return reference
			}
		}
	}
	return ""
}
