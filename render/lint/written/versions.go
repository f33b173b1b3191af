package written

import (
	"regexp"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// noVersion finds slips in versions and in what they may be chosen by: two dots, one at the end, a blank after the v,
// commas in place of dots, a letter in place of zero.
var noVersion = regexp.MustCompile(`\.\.|\.$|^v\s|^v?[0-9]+,[0-9]+|^v?[oO]\.|^v?[0-9]+\.[oO](\.|$)|^vv|[0-9]\s+\.|\.\s`)

// checkVersion finds versions of charts that are none.
func (j *Judge) checkVersion(s Value) *problem.Problem {
	text := s.Node.Value
	f, is := j.policyField(s)
	switch {
	case s.File == j.fleet.Releases && s.Key() == "version":
	case !is:
		return nil
	case f.component != "" && (f.name == "defaultVersion" || strings.HasSuffix("."+f.name, ".chartVersion")):
	case f.name == "ackPodIdentity.chartVersion":
	default:
		return nil
	}
	if strings.Contains(text, "{{") || !noVersion.MatchString(text) {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "%s: %q is no version", strings.Join(s.Path, "."), text).
		WithHint("write it as 1.2.3").WithRule(problem.RuleUnknownVersion)
}
