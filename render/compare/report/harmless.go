package report

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// harmless returns a copy of a result whose texts can be printed: names and messages of one line each, nothing that
// controls a terminal or turns the direction of text, and no credentials in addresses.
func harmless(r *compare.Result) *compare.Result {
	out := *r
	out.Before, out.After, out.Files = problem.OneLine(r.Before), problem.OneLine(r.After), oneLines(r.Files)
	out.Applications = slices.Clone(r.Applications)
	for i := range out.Applications {
		app := &out.Applications[i]
		oneLine(&app.Name, &app.Was, &app.Cluster, &app.Group, &app.Component, &app.ArgoCD)
	}
	out.Changes = slices.Clone(r.Changes)
	for i := range out.Changes {
		clean(&out.Changes[i])
	}
	out.Dangers = harmlessDangers(r.Dangers)
	out.Failures = slices.Clone(r.Failures)
	for i := range out.Failures {
		oneLine(&out.Failures[i].Message)
		out.Failures[i].Applications = oneLines(r.Failures[i].Applications)
	}
	return &out
}

func clean(c *compare.Change) {
	oneLine(&c.Group, &c.Component, &c.APIVersion, &c.Kind, &c.Namespace, &c.Name, &c.Clusters.Selector)
	c.Diff, c.Object = lines(c.Diff), lines(c.Object)
	c.Clusters.Names, c.Clusters.Without = oneLines(c.Clusters.Names), oneLines(c.Clusters.Without)
	c.Objects, c.Causes = slices.Clone(c.Objects), slices.Clone(c.Causes)
	for i := range c.Objects {
		object := &c.Objects[i]
		oneLine(&object.Cluster, &object.Application, &object.Namespace, &object.Name)
	}
	for i := range c.Causes {
		oneLine(&c.Causes[i].File)
	}
	c.Dangers = harmlessDangers(c.Dangers)
}

func harmlessDangers(all []compare.Danger) []compare.Danger {
	all = slices.Clone(all)
	for i := range all {
		oneLine(&all[i].Kind, &all[i].Message, &all[i].Group, &all[i].Component)
		all[i].Clusters = oneLines(all[i].Clusters)
	}
	return all
}

func oneLine(texts ...*string) {
	for _, text := range texts {
		*text = problem.OneLine(*text)
	}
}

func oneLines(texts []string) []string {
	texts = slices.Clone(texts)
	for i := range texts {
		oneLine(&texts[i])
	}
	return texts
}

// lines returns a text of several lines that can be printed.
func lines(text string) string {
	return strings.Map(func(r rune) rune {
		isASCII := r >= ' ' && r <= '~'
		if isASCII || r == '\n' || r == '\t' || problem.OneLine(string(r)) == string(r) {
			return r
		}
		return '\uFFFD'
	}, address.Redact(text))
}
