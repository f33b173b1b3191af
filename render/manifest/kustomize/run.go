package kustomize

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// schema guards the OpenAPI schema, which Kustomize keeps in global variables: builds with the built-in one run side by
// side, a build that brings its own runs alone. The built-in one must be there before builds run side by side, since
// the first that needs it would read it in while others look at it.
var schema struct {
	sync.RWMutex
	ready bool
}

// shareSchema waits until the built-in schema may be read, and returns what ends that.
func shareSchema() (release func()) {
	for {
		schema.RLock()
		if schema.ready {
			return schema.RUnlock
		}
		schema.RUnlock()
		schema.Lock()
		openapi.SchemaForResourceType(yaml.TypeMeta{APIVersion: "v1", Kind: "Pod"}) // reads it in
		schema.ready = true
		schema.Unlock()
	}
}

// run builds a directory of the tree that has been checked. name is what messages call it.
func (c *checker) run(dir, name string, order krusty.ReorderOption) (objects []map[string]any, err error) {
	if c.schema {
		schema.Lock()
		defer schema.Unlock()
		// Kustomize adds a schema to what an earlier build left, and never goes back to the built-in one by itself
		// (kubernetes-sigs/kustomize#4824): the result would depend on what ran before.
		openapi.ResetOpenAPI()
		schema.ready = false
		defer openapi.ResetOpenAPI()
	} else {
		defer shareSchema()()
	}
	// Kustomize panics on some odd input, such as a broken OpenAPI schema. That is the input's fault, and must not take
	// down the other Applications' rendering.
	defer func() {
		if p := recover(); p != nil {
			objects, err = nil, problem.New(name, 0, "kustomize cannot build this: %s", readable(fmt.Errorf("%v", p)))
		}
	}()
	resources, err := krusty.MakeKustomizer(&krusty.Options{
		Reorder:          order,
		LoadRestrictions: types.LoadRestrictionsRootOnly,
		PluginConfig:     types.DisabledPluginConfig(),
	}).Run(c.tree, dir)
	if err != nil {
		file, message := c.tree.blamed(dir, name, readable(err))
		return nil, problem.New(file, 0, "kustomize build: %s", message)
	}
	for _, r := range resources.Resources() {
		data, err := r.MarshalJSON()
		if err != nil {
			return nil, problem.New(name, 0, "kustomize build: %s %s cannot be printed: %s", r.GetKind(), r.GetName(),
				readable(err))
		}
		var object map[string]any
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, problem.New(name, 0, "kustomize build: %s %s cannot be read: %s", r.GetKind(), r.GetName(),
				readable(err))
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// noise are the parts of Kustomize's messages that help nobody (what else it tried), or that print whole objects,
// configurations and values, which may hold secrets.
var noise = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': `),
		""},
	{regexp.MustCompile(
		`(?s)accumulation err='(?:accumulating|merging) resources from '([^']*)': (.*)': must build at directory: '[^']*': file is not directory`), "$1: $2"},
	{regexp.MustCompile(`accumulating resources: `), ""},
	{regexp.MustCompile(`recursed (?:accumulation of|merging from) path '([^']*)': `), "$1: "},
	{regexp.MustCompile(overlays + `/objects: (?:objects\.yaml: )?`), "the objects below: "},
	{regexp.MustCompile(overlays + `/\d+`), "a component"},
	{regexp.MustCompile("(?s) with config: `.*?`"), ""},
	{regexp.MustCompile(`(?s)(must specify one of patch and path|patch and path can't be set at the same time) in\n.*`),
		"$1"},
	{regexp.MustCompile(`(?s)\[patch: ".*"\]`), "an inline patch"},
	{regexp.MustCompile(`(?s)( in object) .*`), "$1"},
	{regexp.MustCompile(`(?s)(found multiple possible matches for|decoding) .*`), "$1 …"},
	{regexp.MustCompile(`(?s)literal sources \[.*\]: invalid literal source .*, expected key=value`),
		"a literal is not KEY=VALUE"},
	{regexp.MustCompile(`(?s)(invalid schema file): .*`), "$1"}, // worded differently in every process
	{regexp.MustCompile(`(?s)line .* has invalid utf8 bytes .*`), "a line is not UTF-8"},
}

// readable returns an error of Kustomize with paths as the repository has them, and without the noise.
func readable(err error) string {
	message := err.Error()
	for _, n := range noise {
		message = n.pattern.ReplaceAllString(message, n.replacement)
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(message, repository+"/", ""), repository, "."))
}
