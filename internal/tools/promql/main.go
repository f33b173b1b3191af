// Command promql parses the queries of files in YAML or JSON, that is their fields expr, with Prometheus' own parser.
// It fails for a query that Prometheus would not take, and for a file without any.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v2"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: promql FILE...")
		os.Exit(2)
	}
	failed := false
	for _, file := range os.Args[1:] {
		if err := check(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return err
	}
	queries := expressions(value)
	if len(queries) == 0 {
		return fmt.Errorf("there is no query")
	}
	for _, query := range queries {
		filled := strings.ReplaceAll(query, "$__rate_interval", "5m") // as Grafana does
		if _, err := parser.ParseExpr(filled); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return nil
}

// expressions returns what the fields expr of a value have.
func expressions(value any) (all []string) {
	switch v := value.(type) {
	case map[any]any:
		for key, one := range v {
			if text, is := one.(string); is && key == "expr" {
				all = append(all, text)
			} else {
				all = append(all, expressions(one)...)
			}
		}
	case []any:
		for _, one := range v {
			all = append(all, expressions(one)...)
		}
	}
	return all
}
