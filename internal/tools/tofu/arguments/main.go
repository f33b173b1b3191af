// Command arguments checks modules of OpenTofu without their providers: that resources, data sources and modules of the
// same repository have all arguments that they require and no unknown ones, and that what expressions refer to is
// declared.
//
//	arguments TABLE DIR...               check
//	arguments -generate TABLE NPM DIR... write the table, from the packages @cdktf/provider-* in the directory NPM
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Schema is what a block takes: its arguments and blocks.
type Schema struct {
	Required []string           `json:"required,omitempty"`
	Optional []string           `json:"optional,omitempty"`
	Computed []string           `json:"computed,omitempty"` // attributes that can only be read
	Blocks   map[string]*Schema `json:"blocks,omitempty"`
}

// A Table has the schemas of resources ("aws_kms_key") and data sources ("data.aws_eks_cluster"), and where they are
// from.
type Table struct {
	Sources   []string           `json:"sources"`
	Resources map[string]*Schema `json:"resources"`
}

func main() {
	findings, err := run(os.Args[1:])
	if err != nil {
		findings = append(findings, err.Error())
	}
	for _, finding := range findings {
		fmt.Fprintln(os.Stderr, "arguments: "+finding)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

func run(args []string) ([]string, error) {
	if len(args) > 3 && args[0] == "-generate" {
		return nil, generate(args[1], args[2], args[3:])
	}
	if len(args) < 2 || strings.HasPrefix(args[0], "-") {
		return nil, fmt.Errorf("usage: arguments [-generate] TABLE [NPM] DIR")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return nil, err
	}
	var table Table
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, fmt.Errorf("%s: %w", args[0], err)
	}
	var findings []string
	for _, dir := range args[1:] {
		m, err := load(dir)
		if err != nil {
			return nil, err
		}
		findings = append(findings, m.check(&table)...)
	}
	return findings, nil
}

func generate(path, npm string, dirs []string) error {
	table := Table{Resources: map[string]*Schema{}}
	for _, provider := range []string{"aws", "helm"} {
		version, err := versions(filepath.Join(npm, "provider-"+provider))
		if err != nil {
			return err
		}
		table.Sources = append(table.Sources, version)
	}
	for _, dir := range dirs {
		m, err := load(dir)
		if err != nil {
			return err
		}
		for _, block := range m.blocks {
			kind := kindOf(block)
			if kind == "" || table.Resources[kind] != nil {
				continue
			}
			if table.Resources[kind], err = declared(npm, kind); err != nil {
				return err
			}
		}
	}
	data, err := json.MarshalIndent(table, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
