package command

import (
	"io"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ListRules prints the rules of lint, or those that are asked for. It fails for a format that is not of a list.
func ListRules(w io.Writer, names []string, format string) error {
	if err := OneOf("output", format, workshop.LintFormats[:2]); err != nil {
		return err
	}
	wanted := slices.DeleteFunc(slices.Clone(problem.Rules()), func(r problem.Rule) bool {
		return len(names) > 0 && !slices.Contains(names, r.Name)
	})
	if format == "json" {
		type rule struct {
			Name     string           `json:"name"`
			Severity problem.Severity `json:"severity"`
			Stage    string           `json:"stage"`
			Summary  string           `json:"summary"`
		}
		var rules []rule
		for _, r := range wanted {
			rules = append(rules, rule(r))
		}
		return output.Value(w, rules, "json")
	}
	rows := [][]string{{"NAME", "SEVERITY", "STAGE", "SUMMARY"}}
	for _, r := range wanted {
		rows = append(rows, []string{r.Name, string(r.Severity), r.Stage, r.Summary})
	}
	return output.Table(w, rows)
}
