package written

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// noteClusterLabel remembers the labels that levels and fleet.yaml give to clusters, also those that others override.
func (j *Judge) noteClusterLabel(s Value) {
	if s.Parent() == "labels" && (strings.HasSuffix(s.File, "/fleet/fleet-secret/values.yaml") ||
		s.File == hierarchy.FleetFile) {
		j.clusterLabels = append(j.clusterLabels, s)
	}
}

// noSwitches are words that people write for true and false. A label has the text as it is.
var noSwitches = map[string]string{"yes": "true", "on": "true", "enabled": "true", "no": "false", "off": "false",
	"disabled": "false"}

// checkClusterLabels finds labels of releases that nearly name one, and switches that are neither true nor false. Where
// no cluster has the value today, since a higher level overrides it, no render tells.
func (j *Judge) checkClusterLabels(all All) {
	for _, s := range j.clusterLabels {
		key, text := s.Key(), s.Node.Value
		if all.Found != nil && all.Found(s.File, s.Node.Line) || j.hasFoundAt(s) || strings.Contains(text, "{{") {
			continue
		}
		group, isRelease := strings.CutSuffix(key, wellknown.ReleaseLabel(""))
		near, what := "", ""
		switch {
		case isRelease && all.ReleasesOf != nil:
			releases := all.ReleasesOf(group)
			if !slices.Contains(releases, text) {
				near, what = problem.Likely(text, releases), "which names no release of group "+group
			}
		case strings.HasPrefix(key, enabling) || strings.HasPrefix(key, "use_"):
			lower := strings.ToLower(text)
			if text == "true" || text == "false" || all.Selects != nil && all.Selects(key, text) {
				continue
			}
			near, what = noSwitches[lower], "which is neither true nor false"
			if lower == "true" || lower == "false" {
				near = lower
			} else if near == "" {
				near = problem.LikelySlip(lower, []string{"true", "false"})
			}
		}
		if near != "" {
			j.addAt(s, problem.New(s.File, s.Node.Line, "the label %s is %q, %s", key, text, what).
				WithHint("did you mean %s?", near).WithRule(problem.RuleUnknownLabel))
		}
	}
}
