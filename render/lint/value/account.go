package value

import (
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// accountDigits is how many digits the number of an AWS account has.
const accountDigits = 12

var (
	accountIn  = regexp.MustCompile(`\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:([0-9]+):|\b([0-9]{6,})\.dkr\.ecr\.`)
	accountOf  = regexp.MustCompile(`(?i)^(.*[_-])?aws_?-?account(_?-?(id|number))?$`)
	anyAccount = regexp.MustCompile(`(?i)^account(_?-?(id|number))?$`)
	digits     = regexp.MustCompile(`^[0-9]+$`)
)

var (
	regionOf = regexp.MustCompile(`(?i)^(.*_)?aws_?-?region$`)
	vpcOf    = regexp.MustCompile(`(?i)vpc_?-?id$`)
	vpc      = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)
	vpcLike  = regexp.MustCompile(`^[a-z]{2,5}-[0-9a-z]{7,18}$`)
)

// directions are parts of the names of regions.
var directions = []string{"central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest",
	"west"}

// checkRegion finds names of AWS regions that are none.
func checkRegion(s Value) *problem.Problem {
	text := s.Node.Value
	isLike := strings.HasSuffix(strings.ToLower(s.Key()), "region") && cluster.IsUsualRegion(text)
	if !regionOf.MatchString(s.Key()) && !isLike || text == "" ||
		strings.Contains(text, "{{") || strings.HasPrefix(text, "<") {
		return nil
	}
	hint := "write it as eu-west-1"
	if cluster.IsUsualRegion(text) {
		parts := strings.Split(text, "-")
		at := len(parts) - 2
		near := problem.LikelySlip(parts[at], directions)
		if near == "" || slices.Contains(directions, parts[at]) {
			return nil
		}
		parts[at] = near
		hint = "did you mean " + strings.Join(parts, "-") + "?"
	}
	return problem.New(s.File, s.Node.Line, "%s: %q is no region of AWS", strings.Join(s.Path, "."), text).
		WithHint("%s", hint).WithRule(problem.RuleAccount)
}

// checkVPC finds names of AWS networks that are none: vpc- and 8 or 17 digits to the base of 16.
func checkVPC(s Value) *problem.Problem {
	text := s.Node.Value
	if !vpcOf.MatchString(s.Key()) || !vpcLike.MatchString(text) || vpc.MatchString(text) {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "%s: %q is no VPC of AWS", strings.Join(s.Path, "."), text).
		WithHint("write it as vpc-0a1b2c3d4e5f67890").WithRule(problem.RuleAccount)
}

// checkAccount finds numbers of AWS accounts that are too short or too long. Other vendors have accounts, too, but
// hardly any with nearly so many digits.
func checkAccount(s Value) *problem.Problem {
	text, key := s.Node.Value, s.Key()
	wrong := ""
	for _, match := range accountIn.FindAllStringSubmatch(text, -1) {
		if number := match[1] + match[2]; len(number) != accountDigits {
			wrong = number
		}
	}
	if digits.MatchString(text) && len(text) != accountDigits {
		near := len(text) == accountDigits-1 || len(text) == accountDigits+1
		if accountOf.MatchString(key) && len(text) > 4 || anyAccount.MatchString(key) && near {
			wrong = text
		}
	}
	if wrong == "" {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "%s: %s has %d digits, where the number of an AWS account has %d",
		strings.Join(s.Path, "."), wrong, len(wrong), accountDigits).
		WithHint("correct it").WithRule(problem.RuleAccount)
}
