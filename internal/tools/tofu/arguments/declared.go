package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// versions returns the names and versions of a package of npm and of the provider that it was made from.
func versions(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return "", err
	}
	var meta struct {
		Name, Version string
		CDKTF         struct {
			Provider struct{ Name, Version string }
		}
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return "", err
	}
	p := meta.CDKTF.Provider
	return fmt.Sprintf("%s %s, of %s %s", meta.Name, meta.Version, p.Name, p.Version), nil
}

var (
	interfaces = regexp.MustCompile(`(?s)export interface (\w+) (?:extends [\w.]+ )?\{(.*?)\n\}`)
	member     = regexp.MustCompile(`#(\w+) \w+#\w+\}(?:[^/]|/[^*])*?\*/\s+readonly \w+(\??): (\w*)`)
	getter     = regexp.MustCompile(`\n    get (\w+)\(\): `)
	upper      = regexp.MustCompile(`[A-Z]|[0-9]+`)
)

// declared returns what the TypeScript of a provider's package says of a resource or data source.
func declared(npm, kind string) (*Schema, error) {
	name, data := strings.CutPrefix(kind, "data.")
	provider, rest, _ := strings.Cut(name, "_")
	dir := strings.ReplaceAll(rest, "_", "-")
	if data {
		dir = "data-" + strings.ReplaceAll(name, "_", "-")
	}
	file := filepath.Join(npm, "provider-"+provider, "lib", dir, "index.d.ts")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bodies, config := map[string]string{}, ""
	for _, found := range interfaces.FindAllStringSubmatch(string(text), -1) {
		bodies[found[1]] = found[2]
		if config == "" && strings.HasSuffix(found[1], "Config") {
			config = found[1]
		}
	}
	if config == "" {
		return nil, fmt.Errorf("%s: there is no interface for %s", file, kind)
	}
	schema := block(bodies, config, nil)
	// The class of the resource is the last one.
	class := string(text[strings.LastIndex(string(text), "export declare class"):])
	for _, found := range getter.FindAllStringSubmatch(class, -1) {
		attribute := strings.ToLower(upper.ReplaceAllString(found[1], "_$0"))
		known := slices.Contains(schema.Required, attribute) || slices.Contains(schema.Optional, attribute)
		if !known && schema.Blocks[attribute] == nil && !strings.HasSuffix(attribute, "_input") {
			schema.Computed = append(schema.Computed, attribute)
		}
	}
	return schema, nil
}

func block(bodies map[string]string, name string, outer []string) *Schema {
	schema := &Schema{Blocks: map[string]*Schema{}}
	if slices.Contains(outer, name) {
		return schema
	}
	for _, found := range member.FindAllStringSubmatch(bodies[name], -1) {
		argument, optional, kind := found[1], found[2] != "", found[3]
		if bodies[kind] != "" {
			schema.Blocks[argument] = block(bodies, kind, append(outer, name))
		}
		if optional {
			schema.Optional = append(schema.Optional, argument)
		} else {
			schema.Required = append(schema.Required, argument)
		}
	}
	return schema
}
