package application

import (
	"maps"
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// reportFailures reports the sets of parameters for which the template fails: by cluster, or, if what failed has
// nothing to do with a cluster, once for the ApplicationSet.
func (x *expansion) reportFailures(set *appv1.ApplicationSet, failures []failure) {
	byMessage := map[string][]failure{}
	unattributed := false
	for _, f := range failures {
		if f.cluster == "" {
			unattributed = true
			continue
		}
		byMessage[f.err.Error()] = append(byMessage[f.err.Error()], f)
	}
	for _, message := range slices.Sorted(maps.Keys(byMessage)) {
		same := byMessage[message]
		clusters := make([]string, len(same))
		for i, f := range same {
			clusters[i] = f.cluster
		}
		slices.Sort(clusters)
		clusters = slices.Compact(clusters)
		if len(clusters) > 1 && !slices.ContainsFunc(clusters,
			func(name string) bool { return len(x.missing(name)) > 0 }) {
			x.fail("%w (for clusters %s)", same[0].err, enumerate(clusters))
			continue
		}
		for _, name := range clusters {
			x.reportCluster(name, same[0].err)
		}
	}
	if unattributed {
		x.reportUnattributed(set, failures)
	}
}

// reportUnattributed reports failures with parameters that are not about one cluster: those of a flatList, where it is
// tried which clusters they are about, and those without any.
func (x *expansion) reportUnattributed(set *appv1.ApplicationSet, failures []failure) {
	found := false
	if hasFlatList(set) {
		for _, name := range x.fleet.names() {
			if alone := x.generate(set, x.fleet.only(name), nil, false); len(alone.failures) > 0 {
				found = true
				x.reportCluster(name, alone.failures[0].err)
			}
		}
	}
	if found {
		return
	}
	for _, f := range failures {
		if f.cluster == "" {
			x.fail("%w", f.err)
		}
	}
}

// missing returns the labels and annotations that a cluster lacks, in words.
func (x *expansion) missing(name string) []string {
	if c := x.fleet.byName[name]; c != nil {
		return x.texts.missing(c.labels, c.Annotations)
	}
	return x.texts.missing(nil, nil)
}

// reportCluster reports that an ApplicationSet gives nothing for a cluster: for the keys that it lacks, if there are
// any, and for the error otherwise. There is one such report for a cluster.
func (x *expansion) reportCluster(name string, err error) {
	if x.reported[name] {
		return
	}
	x.reported[name] = true
	missing := x.missing(name)
	file := x.fleet.fileOf(name)
	if len(missing) == 0 {
		x.failWith(x.problem(file, "cluster %q: %w", name, err))
		return
	}
	p := x.problem(file, "cluster %q lacks %s, which its templates need", name, strings.Join(missing, ", ")).
		WithRule(problem.RuleMissingLabel)
	if x.fleet.byName[name] == nil {
		x.failWith(p.WithHint(
			"%s is Argo CD's own cluster, which no file describes: add it to spec.clusters in fleet.yaml, or give "+
				"the generator a selector",
			localName))
		return
	}
	x.failWith(p.WithHint("add it to the cluster, or make it optional with index and default"))
}
