package release

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// skippedLevels is the warning about the levels that are skipped since the cluster lacks labels; nil if there are none.
func skippedLevels(c cluster.Cluster, levels []fleet.ClusterLevel) *problem.Problem {
	var names, missing []string
	for _, level := range levels {
		if len(level.Missing) == 0 {
			continue
		}
		names = append(names, level.Name)
		for _, what := range level.Missing {
			if !slices.Contains(missing, what) {
				missing = append(missing, what)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	subject := "level " + names[0] + " is"
	if last := len(names) - 1; last > 0 {
		subject = "levels " + strings.Join(names[:last], ", ") + " and " + names[last] + " are"
	}
	hint := "give the cluster what is missing, or --labels"
	if meant := meantLabels(c, missing); meant != "" {
		hint = meant + " Give the cluster what is missing, or --labels"
	}
	return problem.New(c.File, 0, "cluster %q: %s skipped: the cluster has no %s", c.Name, subject,
		strings.Join(missing, " and no ")).WithHint("%s", hint).
		WithRule(problem.RuleSkippedLevel)
}

// meantLabels says which labels of a cluster were probably meant to be those that it lacks, or "".
func meantLabels(c cluster.Cluster, missing []string) string {
	var meant []string
	for _, what := range missing {
		label, isLabel := strings.CutPrefix(what, "label ")
		if !isLabel {
			continue
		}
		for _, has := range slices.Sorted(maps.Keys(c.Labels)) {
			short := len(has) >= 3 && strings.HasPrefix(label, strings.ToLower(has)) // env
			if short || problem.Likely(has, []string{label}) != "" {
				meant = append(meant, "is the label "+has+" meant to be "+label+"?")
			}
		}
	}
	return strings.Join(meant, " ")
}
