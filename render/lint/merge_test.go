package lint

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestFindingsOfOneCauseAreOne(t *testing.T) {
	finding := func(file string, line int, rule, format string, args ...any) Finding {
		return Finding{Problem: problem.New(file, line, format, args...).WithRule(rule)}
	}
	var all []Finding
	for i := range 5 {
		all = append(all,
			finding("a.yaml", 10+i, problem.RuleRender,
				"ApplicationSet %q: while one of its clusters or generators fails, "+
					"Argo CD makes and updates none of its Applications: left out are also app-%d",
				fmt.Sprint("set-", i), i),
			finding("a.yaml", 10+i, problem.RuleConflicts, "component %q: two Argo CDs deploy components of "+
				"group addons to a cluster, the one of hub and another", fmt.Sprint("c-", i)),
			finding("b.yaml", 3, problem.RuleConflicts, "Application %q is also made by ApplicationSet \"x\": here "+
				"ApplicationSet \"y\" fails in Argo CD, and it is left out", fmt.Sprint("app-", i)),
			finding("c.yaml", 0, problem.RuleUnknownKey, "unknown key %q", fmt.Sprint("key-", i)),
			finding("d.yaml", 1+i/2, problem.RuleSchema, "component \"d\": %d values are wrong", i))
	}
	var messages []string
	for _, f := range mergeMany(merge(all)) {
		messages = append(messages, fmt.Sprintf("%s %d", f.Error(), len(f.Effects)))
	}
	require.ElementsMatch(t, []string{
		"a.yaml:10: while one of its clusters or generators fails, Argo CD makes and updates none of its " +
			"Applications 5",
		"a.yaml:10: two Argo CDs deploy components of group addons to a cluster, the one of hub and another 5",
		`b.yaml:3: Application "app-0" is also made by ApplicationSet "x": here ApplicationSet "y" fails in Argo CD, ` +
			"and it is left out; 4 others are like it 5",
		`c.yaml: unknown key "key-0" 0`, `c.yaml: unknown key "key-1" 0`, `c.yaml: unknown key "key-2" 0`,
		`c.yaml: unknown key "key-3" 0`, `c.yaml: unknown key "key-4" 0`,
		`d.yaml:1: component "d": 0 values are wrong 0`, `d.yaml:1: component "d": 1 values are wrong 0`,
		`d.yaml:2: component "d": 2 values are wrong 0`, `d.yaml:2: component "d": 3 values are wrong 0`,
		`d.yaml:3: component "d": 4 values are wrong 0`,
	}, messages)
}
