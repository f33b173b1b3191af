// Package reference is the commands explain and schema, which print the reference of what people write.
package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// formats are those of explain.
var formats = []string{"text", "json"}

// NewExplain returns the command explain.
func NewExplain() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "explain [KEY|KIND|RULE]",
		Short: "Explain a key of fleet.yaml, members, releases, components, settings, registration",
		Long: `Explain a key: its type, what counts without it, what it does, an example, and where it is written. A
key is the path to it, such as spec.levels of fleet.yaml, member.tenant, component.chartName or settings.useSelectors.
Without the kind before it, all keys with that name are explained. A kind alone lists its keys; without an argument,
the kinds are listed. A rule of lint, such as unread-file, is explained too.`,
		Example: `  cmp explain spec.levels
  cmp explain settings.useSelectors
  cmp explain component
  cmp explain unread-file`,
		Args:              atMostOne,
		ValidArgsFunction: completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := command.OneOf("output", format, formats); err != nil {
				return err
			}
			var asked string
			if len(args) > 0 {
				asked = args[0]
			}
			return explain(cmd.OutOrStdout(), asked, format == "json")
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", formats[0], "output format: text or json")
	command.Values(cmd.Flags(), "output", formats)
	return cmd
}

// NewSchema returns the command schema.
func NewSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema KIND",
		Short: "Print the JSON schema of a kind of file",
		Long: `Print the JSON schema of a kind of file: fleet (fleet.yaml), member, releases, component (component
files of the catalog), settings (values.yaml of the catalog, application-sets/GROUP.yaml of a level) or registration
(fleet/fleet-secret/values.yaml of a level). Editors complete and check files whose first line is

  ` + reference.KindOf("fleet").Modeline(),
		Example: `  cmp schema fleet > fleet.schema.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Error(fmt.Errorf("give a kind: %s; %s", strings.Join(kindNames(), ", "),
					command.SeeHelp(cmd)))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kindNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			kind := reference.KindOf(args[0])
			if kind == nil {
				return usage.Error(fmt.Errorf("there is no kind %q; %s", args[0],
					problem.Suggest(args[0], kindNames(), "the kinds are "+strings.Join(kindNames(), ", "))))
			}
			_, err := cmd.OutOrStdout().Write(kind.Schema())
			return err
		},
	}
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage.Error(fmt.Errorf("one key is possible, not %d; %s", len(args), command.SeeHelp(cmd)))
	}
	return nil
}

func kindNames() []string {
	var names []string
	for _, kind := range reference.Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

// completeKeys completes kinds and keys, with what they do.
func completeKeys(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	var all []string
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, rule := range problem.Rules() {
		all = append(all, rule.Name+"\t"+rule.Summary)
	}
	for _, kind := range reference.Kinds() {
		all = append(all, kind.Name+"\t"+kind.Title)
		for _, key := range kind.Keys {
			all = append(all, key.Full()+"\t"+key.Summary())
		}
	}
	var matching []string
	for _, line := range all {
		if strings.HasPrefix(line, begun) {
			matching = append(matching, line)
		}
	}
	return matching, cobra.ShellCompDirectiveNoFileComp
}

// explain prints what is asked for: all kinds if that is nothing.
func explain(w io.Writer, asked string, asJSON bool) error {
	kind := reference.KindOf(asked)
	switch {
	case asked == "" && asJSON:
		return printJSON(w, kindsOf(reference.Kinds()))
	case asked == "":
		return printKinds(w)
	case kind != nil && asJSON:
		return printJSON(w, entriesOf(kind.Keys))
	case kind != nil:
		return printKind(w, kind)
	}
	keys := reference.Find(asked)
	if rule, is := problem.RuleOf(asked); is && len(keys) == 0 {
		return explainRule(w, rule, asJSON)
	}
	if len(keys) == 0 {
		return usage.Error(unknown(asked))
	}
	if asJSON {
		return printJSON(w, entriesOf(keys))
	}
	return printKeys(w, keys)
}

// unknown is the error for a key that is not in the reference.
func unknown(asked string) error {
	text := fmt.Sprintf("there is no key %q", asked)
	if key, is := reference.Within(asked); is {
		return errors.New(text + "; " + key.Full() + " may have any keys")
	}
	if near := reference.Near(asked); len(near) > 0 {
		return errors.New(text + "; did you mean " + strings.Join(near, " or ") + "?")
	}
	var rules []string
	for _, rule := range problem.Rules() {
		rules = append(rules, rule.Name)
	}
	if strings.Contains(asked, "-") { // as rules have it, and no key
		return errors.New(text + ", and no rule of that name; " + problem.Suggest(asked, rules,
			"'cmp lint --list-rules' lists the rules"))
	}
	return errors.New(text + "; 'cmp explain' lists the kinds of keys, and 'cmp explain KIND' the keys")
}

// explainRule prints a rule of lint, and the address of the page that says all about it.
func explainRule(w io.Writer, rule problem.Rule, asJSON bool) error {
	page := reference.RulePageURL(rule.Name)
	if asJSON {
		return printJSON(w, []ruleEntry{{rule.Name, string(rule.Severity), rule.Stage, rule.Summary, page}})
	}
	_, err := fmt.Fprintf(w, "RULE:     %s\nSEVERITY: %s\nSTAGE:    %s\nPAGE:     %s\nFINDS:\n%s", rule.Name,
		rule.Severity, rule.Stage, page, indent(reference.Wrap(rule.Summary+".", columns)))
	return err
}

// A ruleEntry is a rule of lint as JSON.
type ruleEntry struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Stage    string `json:"stage"` // the first that finds all of it
	Finds    string `json:"finds"`
	Page     string `json:"page"`
}

// An entry is a key as JSON.
type entry struct {
	Key      string   `json:"key"`
	Kind     string   `json:"kind"`
	Type     string   `json:"type"`
	Values   []string `json:"values,omitempty"`
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"` // as YAML
	Without  string   `json:"without,omitempty"` // what happens without the key, where there is no default
	Effect   string   `json:"effect"`
	Example  string   `json:"example"` // YAML
	Files    string   `json:"files"`
	Page     string   `json:"page"`
	Keys     []string `json:"keys,omitempty"` // directly below it
}

func entriesOf(keys []reference.Key) []entry {
	entries := make([]entry, len(keys))
	for i, key := range keys {
		entries[i] = entry{Key: key.Full(), Kind: key.Kind().Name, Type: string(key.Type), Values: key.Values,
			Required: key.Required, Default: key.Default, Without: key.Without, Effect: key.Effect,
			Example: key.Snippet(), Files: key.Kind().Files, Page: key.PageURL()}
		for _, below := range key.Below() {
			entries[i].Keys = append(entries[i].Keys, below.Full())
		}
	}
	return entries
}

// A kindEntry is a kind as JSON.
type kindEntry struct {
	Kind   string `json:"kind"`
	Files  string `json:"files"`
	About  string `json:"about"`
	Page   string `json:"page"`
	Schema string `json:"schema"`
}

func kindsOf(kinds []*reference.Kind) []kindEntry {
	entries := make([]kindEntry, len(kinds))
	for i, kind := range kinds {
		entries[i] = kindEntry{Kind: kind.Name, Files: kind.Files, About: kind.About, Page: kind.PageURL(),
			Schema: kind.SchemaURL()}
	}
	return entries
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
