package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// maxDirectories is how many kustomizations one build may go through, each as often as it is reached: bases that are
// included twice at every step would double the objects with each directory.
const maxDirectories = 1000

// A checker goes through all that a kustomization can reach, in the order in which Kustomize does, and refuses what
// would leave the repository, use the network or start a process.
type checker struct {
	tree    *tree
	factory *resmap.Factory // Kustomize's own reader, so that both see the same plugin configurations
	dirs    int
	schema  bool // whether a kustomization brings its own OpenAPI schema
}

func newChecker(t *tree) *checker {
	return &checker{tree: t, factory: resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory())}
}

// directory checks the kustomization of a directory; chain are the directories which lead to it.
func (c *checker) dir(dir string, chain []string) error {
	if c.dirs++; c.dirs > maxDirectories {
		return problem.New(relative(chain[0]), 0, "goes through more than %d kustomizations", maxDirectories).
			WithHint("include each base once")
	}
	f, err := c.tree.readFile(dir)
	if err != nil {
		return err
	}
	return c.kustomization(f, append(chain[:len(chain):len(chain)], dir))
}

// entries are the values of a field.
type entries struct {
	field  string
	values []string
}

func (c *checker) kustomization(f *file, chain []string) error {
	k := &f.kustomization
	if err := c.refuseHelm(f); err != nil {
		return err
	}
	for _, reference := range k.Resources {
		if err := c.resource(f, reference, chain); err != nil {
			return err
		}
	}
	if err := c.files(f); err != nil {
		return err
	}
	for _, list := range []entries{{"generators", k.Generators}, {"transformers", k.Transformers},
		{"validators", k.Validators}} {
		for _, configuration := range list.values {
			if err := c.plugins(f, list.field, configuration, nil); err != nil {
				return err
			}
		}
	}
	for _, reference := range k.Components {
		real, isDirectory, err := c.find(f, "components", reference)
		if err != nil {
			return err
		}
		if !isDirectory {
			return f.problem("components", reference, "%q is no directory", reference)
		}
		if err := c.enter(f, "components", reference, real, chain); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) refuseHelm(f *file) error {
	if len(f.kustomization.HelmCharts) == 0 {
		return nil
	}
	field := "helmCharts"
	if f.line(field, "") == 0 {
		field = "helmChartInflationGenerator" // Kustomize reads it as helmCharts
	}
	return f.problem(field, f.kustomization.HelmCharts[0].Name, "%s are not rendered, since Kustomize would start helm",
		field).
		WithHint("make the chart a source of its own, and patch it with a level's overlay")
}

// files checks all fields that name files which Kustomize only reads.
func (c *checker) files(f *file) error {
	k := &f.kustomization
	for _, list := range []entries{{"configurations", k.Configurations}, {"crds", k.Crds}} {
		for _, reference := range list.values {
			if _, err := c.yamlFile(f, list.field, reference); err != nil {
				return err
			}
		}
	}
	if reference, ok := k.OpenAPI["path"]; ok {
		c.schema = true
		if _, err := c.yamlFile(f, "openapi", reference); err != nil {
			return err
		}
	}
	c.schema = c.schema || k.OpenAPI["version"] != ""
	if err := c.patches(f, "patches", k.Patches); err != nil {
		return err
	}
	if err := c.patches(f, "patchesJson6902",
		k.PatchesJson6902); err != nil { //nolint:staticcheck // deprecated, but in use: Kustomize reads it
		return err
	}
	for _, patch := range k.PatchesStrategicMerge { //nolint:staticcheck // deprecated, but in use: Kustomize reads it
		if err := c.inlineOrFile(f, "patchesStrategicMerge", string(patch)); err != nil {
			return err
		}
	}
	for _, replacement := range k.Replacements {
		if replacement.Path == "" {
			continue
		}
		if _, err := c.yamlFile(f, "replacements", replacement.Path); err != nil {
			return err
		}
	}
	for _, generator := range k.ConfigMapGenerator {
		if err := c.pairs(f, "configMapGenerator", generator.KvPairSources); err != nil {
			return err
		}
	}
	for _, generator := range k.SecretGenerator {
		if err := c.pairs(f, "secretGenerator", generator.KvPairSources); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) patches(f *file, field string, patches []types.Patch) error {
	for _, patch := range patches {
		if err := safeyaml.CheckStream([]byte(patch.Patch), relative(f.path)); err != nil {
			return err
		}
		if patch.Path == "" {
			continue
		}
		if _, err := c.yamlFile(f, field, patch.Path); err != nil {
			return err
		}
	}
	return nil
}

// pairs checks the files of a generator: PATH or KEY=PATH.
func (c *checker) pairs(f *file, field string, sources types.KvPairSources) error {
	for _, source := range sources.FileSources {
		reference := source
		if _, after, found := strings.Cut(source, "="); found && !remote(source) {
			reference = after
		}
		if _, err := c.file(f, field, source, reference); err != nil {
			return err
		}
	}
	for _, reference := range sources.EnvSources {
		if _, err := c.file(f, field, reference, reference); err != nil {
			return err
		}
	}
	return nil
}

// inlineOrFile checks a value that holds a patch, or names its file.
func (c *checker) inlineOrFile(f *file, field, value string) error {
	if err := safeyaml.CheckStream([]byte(value), relative(f.path)); err != nil {
		return err
	}
	if download(value) || !strings.ContainsAny(strings.TrimSpace(value), "\n{") {
		_, err := c.yamlFile(f, field, value)
		return err
	}
	return nil
}

// resource checks an entry that is a file of objects, or a directory with a kustomization.
func (c *checker) resource(f *file, reference string, chain []string) error {
	const field = "resources"
	real, isDirectory, err := c.find(f, field, reference)
	if err != nil {
		return err
	}
	if isDirectory {
		return c.enter(f, field, reference, real, chain)
	}
	_, err = c.yamlFile(f, field, reference)
	return err
}

// enter checks a directory that a kustomization includes. As Kustomize, it calls every directory a cycle which holds
// one that led here.
func (c *checker) enter(f *file, field, reference, real string, chain []string) error {
	for _, visited := range chain {
		if visited == real || strings.HasPrefix(visited, real+"/") {
			return f.problem(field, reference, "%q makes a cycle: %s holds %s, which includes it", reference,
				relative(real), relative(visited))
		}
	}
	return c.dir(real, chain)
}

// yamlFile returns the content of a YAML file that a kustomization reads.
func (c *checker) yamlFile(f *file, field, reference string) ([]byte, error) {
	real, err := c.file(f, field, reference, reference)
	if err != nil {
		return nil, err
	}
	data, err := c.tree.content(real)
	if err != nil {
		return nil, f.problem(field, reference, "%q %w", reference, err)
	}
	return data, safeyaml.CheckStream(data, relative(real))
}

// file returns where a file that a kustomization reads is. value is the whole value, for its line.
func (c *checker) file(f *file, field, value, reference string) (string, error) {
	if remote(reference) {
		return "", refused(f, field, value)
	}
	real, isDirectory, err := c.find(f, field, reference)
	switch {
	case err != nil:
		return "", err
	case isDirectory:
		return "", f.problem(field, value, "%q is a directory, not a file", reference)
	case !strings.HasPrefix(real, f.dir+"/"):
		return "", f.problem(field, value, "%q is not in or below %s", reference, relative(f.dir)).
			WithHint("Kustomize reads files only there: move the file, or make a base of its directory")
	}
	return real, nil
}

// find returns what a reference names, without links, and whether it is a directory.
func (c *checker) find(f *file, field, reference string) (string, bool, error) {
	if remote(reference) {
		return "", false, refused(f, field, reference)
	}
	if path.IsAbs(reference) {
		return "", false, f.problem(field, reference, "%q is an absolute path", reference).
			WithHint("write a path relative to this file")
	}
	// Kustomize cleans the path before it follows links.
	real, isDirectory, err := c.tree.locate(path.Join(f.dir, reference))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, f.problem(field, reference, "there is no file or directory %q", reference)
	case errors.Is(err, errLeaves):
		return "", false, f.problem(field, reference, "%q leaves the repository", reference).
			WithHint("files and links must stay inside the repository")
	case err != nil:
		return "", false, f.problem(field, reference, "%q: %w", reference, err)
	}
	return real, isDirectory, nil
}

func refused(f *file, field, value string) error {
	return f.problem(field, value, "%q is not in the repository, and nothing is cloned or downloaded", value).
		WithHint("copy it into the repository, and name it by a relative path")
}
