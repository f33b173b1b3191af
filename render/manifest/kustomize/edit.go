package kustomize

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// edit writes an Application's options into a kustomization, each as the `kustomize edit` command with which Argo CD
// does it (kustomize/v5/commands/edit).
func edit(t *tree, f *file, options Options) error {
	k, source, env := &f.kustomization, options.Source, environment(options.Env)
	k.NamePrefix = cmp.Or(source.NamePrefix, k.NamePrefix)
	k.NameSuffix = cmp.Or(source.NameSuffix, k.NameSuffix)
	k.Namespace = cmp.Or(source.Namespace, k.Namespace)
	if err := setImages(f, source.Images, env); err != nil {
		return err
	}
	if err := setReplicas(f, source.Replicas); err != nil {
		return err
	}
	if err := addLabels(f, source, env); err != nil {
		return err
	}
	annotations := source.CommonAnnotations
	if source.CommonAnnotationsEnvsubst {
		annotations = substituted(annotations, env)
	}
	if len(annotations) > 0 {
		if k.CommonAnnotations == nil {
			k.CommonAnnotations = map[string]string{}
		}
		if err := add(f, "commonAnnotations", k.CommonAnnotations, annotations,
			source.ForceCommonAnnotations); err != nil {
			return err
		}
	}
	if err := addPatches(f, source.Patches); err != nil {
		return err
	}
	components, ignoreMissing := source.Components, source.IgnoreMissingComponents
	if ignoreMissing && options.OneComponent {
		components = present(t, f, components)
		if len(components) > 1 {
			if options.LeftOut != nil {
				options.LeftOut(components[1:])
			}
			components = components[:1]
		}
	}
	return addComponents(t, f, components, ignoreMissing)
}

func environment(variables map[string]string) v1alpha1.Env {
	var env v1alpha1.Env
	for name, value := range variables {
		env = append(env, &v1alpha1.EnvEntry{Name: name, Value: value})
	}
	return env
}

func substituted(values map[string]string, env v1alpha1.Env) map[string]string {
	out := make(map[string]string, len(values))
	for key, value := range values {
		out[key] = env.Envsubst(value)
	}
	return out
}

// setImages is `kustomize edit set image`: NAME=NEWNAME, with :TAG and @DIGEST, or NAME:TAG@DIGEST, where "*" keeps
// what the kustomization has. Images are sorted by name, as there.
func setImages(f *file, images v1alpha1.KustomizeImages, env v1alpha1.Env) error {
	if len(images) == 0 {
		return nil
	}
	byName := map[string]types.Image{}
	for _, text := range images {
		argument := env.Envsubst(string(text))
		key, value, renamed := strings.Cut(argument, "=")
		if !renamed {
			value = argument
		}
		name, tag, digest := splitImage(value)
		image := types.Image{Name: name, NewTag: tag, Digest: digest}
		if renamed && key != "" {
			image.Name, image.NewName = key, name
		}
		if name == argument {
			return problem.New(relative(f.dir), 0, "the Application's image %q gives no new name, tag or digest",
				argument).
				WithHint("write NAME=NEWNAME, NAME:TAG or NAME@DIGEST")
		}
		byName[image.Name] = image
	}
	keep := func(given, existing string) string {
		if given == "*" {
			return existing
		}
		return given
	}
	for _, existing := range f.kustomization.Images {
		image, given := byName[existing.Name]
		if !given {
			image = existing
		}
		image.NewName = keep(image.NewName, existing.NewName)
		image.NewTag = keep(image.NewTag, existing.NewTag)
		image.Digest = keep(image.Digest, existing.Digest)
		byName[existing.Name] = image
	}
	f.kustomization.Images = nil
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		image := byName[name]
		image.NewName, image.NewTag, image.Digest = keep(image.NewName, ""), keep(image.NewTag, ""),
			keep(image.Digest, "")
		f.kustomization.Images = append(f.kustomization.Images, image)
	}
	return nil
}

// splitImage splits NAME:TAG@DIGEST as Kustomize does (api/internal/image.Split): a colon before the first slash
// belongs to the registry.
func splitImage(image string) (name, tag, digest string) {
	registry, rest := "", image
	if i := strings.Index(image, "/"); i > 0 {
		registry, rest = image[:i], image[i:]
	}
	rest, digest, _ = strings.Cut(rest, "@")
	rest, tag, _ = strings.Cut(rest, ":")
	return registry + rest, tag, digest
}

// setReplicas is `kustomize edit set replicas`.
func setReplicas(f *file, replicas v1alpha1.KustomizeReplicas) error {
	if len(replicas) == 0 {
		return nil
	}
	counts := map[string]int64{}
	for _, existing := range f.kustomization.Replicas {
		counts[existing.Name] = existing.Count
	}
	for _, replica := range replicas {
		count, err := replica.GetIntCount()
		if err != nil {
			return problem.New(relative(f.dir), 0, "the Application's replicas of %q: %w", replica.Name, err)
		}
		counts[replica.Name] = int64(count)
	}
	f.kustomization.Replicas = nil
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		f.kustomization.Replicas = append(f.kustomization.Replicas, types.Replica{Name: name, Count: counts[name]})
	}
	return nil
}

// addLabels is `kustomize edit add label`, with its flags --without-selector and --include-templates.
func addLabels(f *file, source *v1alpha1.ApplicationSourceKustomize, env v1alpha1.Env) error {
	k := &f.kustomization
	labels := substituted(source.CommonLabels, env)
	switch {
	case len(labels) == 0:
		return nil
	case !source.LabelWithoutSelector && source.LabelIncludeTemplates:
		return problem.New(relative(f.dir), 0, "the Application's labelIncludeTemplates needs labelWithoutSelector")
	case !source.LabelWithoutSelector:
		// Deprecated, but what `kustomize edit` writes, and labels would heed other transformer configurations.
		common := &k.CommonLabels //nolint:staticcheck // see above
		if *common == nil {
			*common = map[string]string{}
		}
		return add(f, "commonLabels", *common, labels, source.ForceCommonLabels)
	}
	same := func(l types.Label) bool {
		return !l.IncludeSelectors && l.IncludeTemplates == source.LabelIncludeTemplates
	}
	i := slices.IndexFunc(k.Labels, same)
	if i < 0 {
		i = len(k.Labels)
		k.Labels = append(k.Labels, types.Label{IncludeTemplates: source.LabelIncludeTemplates})
	}
	if k.Labels[i].Pairs == nil {
		k.Labels[i].Pairs = map[string]string{}
	}
	return add(f, "labels", k.Labels[i].Pairs, labels, source.ForceCommonLabels)
}

// add adds pairs to those of a kustomization, over which they win only by force. Argo CD gives them to Kustomize as
// KEY:VALUE, where quotes around the value are taken off.
func add(f *file, field string, existing, added map[string]string, force bool) error {
	for _, key := range slices.Sorted(maps.Keys(added)) {
		if key == "" {
			return problem.New(relative(f.dir), 0, "the Application's %s have an empty key", field)
		}
		if _, taken := existing[key]; taken && !force {
			return f.problem(field, key,
				"the Application's common labels or annotations have %q, which stands here already", key).
				WithHint("remove one, or set forceCommonLabels or forceCommonAnnotations")
		}
		value := added[key]
		if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		existing[key] = value
	}
	return nil
}

// addPatches appends patches, which have the same keys in an Application and in a kustomization.
func addPatches(f *file, patches v1alpha1.KustomizePatches) error {
	if len(patches) == 0 {
		return nil
	}
	data, err := json.Marshal(patches)
	if err != nil {
		return problem.New(relative(f.dir), 0, "the Application's patches cannot be read: %w", err)
	}
	var added []types.Patch
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&added); err != nil {
		return problem.New(relative(f.dir), 0, "the Application's patches are wrong: %s",
			strings.TrimPrefix(err.Error(), "json: "))
	}
	f.kustomization.Patches = append(f.kustomization.Patches, added...)
	return nil
}

// present returns those of the components that are directories with a kustomization.
func present(t *tree, f *file, components []string) []string {
	return slices.DeleteFunc(slices.Clone(components), func(component string) bool {
		return !slices.ContainsFunc(konfig.RecognizedKustomizationFileNames(), func(name string) bool {
			_, dir, err := t.locate(filepath.ToSlash(filepath.Join(f.dir, component, name)))
			return err == nil && !dir || errors.Is(err, worktree.ErrGit) // which is refused aloud
		})
	})
}

// addComponents is `kustomize edit add component`: patterns name all directories that match, and what is there already
// is not added again. Argo CD tests whether a component is missing before, without patterns.
func addComponents(t *tree, f *file, components []string, ignoreMissing bool) error {
	for _, component := range components {
		name := filepath.ToSlash(filepath.Join(f.dir, component))
		if _, _, err := t.locate(name); ignoreMissing && err != nil && !errors.Is(err, worktree.ErrGit) {
			continue
		}
		found := []string{component}
		if strings.ContainsAny(component, "*?[") && inside(name) {
			matches, err := fs.Glob(t.fsys, relative(name))
			if err != nil {
				return problem.New(relative(f.dir), 0, "the Application's component %q: %w", component, err)
			}
			if len(matches) > 0 {
				found = nil
			}
			for _, match := range matches {
				path, err := filepath.Rel(f.dir, absolute(match))
				if err != nil {
					return problem.New(relative(f.dir), 0, "the Application's component %q: %w", component, err)
				}
				found = append(found, filepath.ToSlash(path))
			}
		}
		for _, component := range found {
			if !slices.Contains(f.kustomization.Components, component) {
				f.kustomization.Components = append(f.kustomization.Components, component)
			}
		}
	}
	return nil
}
