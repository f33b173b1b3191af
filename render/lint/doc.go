// Package lint judges a whole fleet: every group, hub, spoke with its own Argo CD, release and cluster, in one pass.
//
// It renders all of them, collects what each render finds, and adds what only a look at the whole can tell: files that
// no render reads, values that change nothing, components that nobody can get. Every finding has a rule
// ([problem.Rules]); docs/lint.md says of each what it means and how to mend it.
package lint
