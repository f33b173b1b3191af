package application

import (
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkOthers warns of clusters that Argo CD knows besides those that an expansion is for, if they lack a label that
// the templates need: Argo CD then makes none of the Applications. What is asked for is shown all the same. Nothing is
// expanded for the others, which would cost the time of the whole fleet, so that this is for one cluster generator.
func (x *expansion) checkOthers(set *appv1.ApplicationSet) {
	if x.fleet.whole || len(x.apps) == 0 || len(x.result.Problems) > 0 || len(set.Spec.Generators) != 1 ||
		!set.Spec.GoTemplate || !slices.Contains(set.Spec.GoTemplateOptions, "missingkey=error") {
		return
	}
	generator := set.Spec.Generators[0]
	if generator.Clusters == nil || generator.Clusters.FlatList || generator.Selector != nil {
		return
	}
	selector, err := metav1.LabelSelectorAsSelector(&generator.Clusters.Selector)
	if err != nil {
		return // which Argo CD's code has reported
	}
	needed := x.texts.needed()
	var first *knownCluster
	var lacks []string
	count := 0
	for _, c := range x.fleet.clusters {
		if c.target || !selector.Matches(c.labels) {
			continue
		}
		if missing := needed.lackedBy(c.labels, c.Annotations); len(missing) > 0 {
			if count++; count == 1 {
				first, lacks = c, missing
			}
		}
	}
	if count == 0 {
		return
	}
	more := ""
	if count > 1 {
		more = ", like others,"
	}
	x.result.Warnings = append(x.result.Warnings,
		x.problem(first.File, "cluster %q%s lacks %s, which its templates need: "+
			"until then, Argo CD makes and updates none of its Applications, those of other clusters neither",
			first.Name, more,
			strings.Join(lacks, ", ")).WithHint("add it to the cluster, or make it optional with index and default").
			WithRule(problem.RuleMissingLabel))
}
