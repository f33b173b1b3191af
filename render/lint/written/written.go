// Package written judges what people write into the files of a fleet: one value at a time, and against what the others
// have. It finds values that a field cannot have, and names, addresses and paths that are nearly those of others.
package written

import (
	"io/fs"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/value"
)

// A Value is one value of a file, as it is written.
type Value = value.Value

// An Application is one that a group on an Argo CD has, with the key of its component.
type Application struct {
	Group, ArgoCD, Component string
	Cluster                  string // "" if it is not for one
	Object                   map[string]any
}

// A Judge remembers what it is shown, until it is asked what is wrong with all of it.
type Judge struct {
	// Missing are the directories of sources that are not in the repository, once that is judged.
	Missing []string

	fleet             *fleet.Fleet
	tree              fs.FS
	found             []*problem.Problem
	steppings         map[string]*step // by their place
	applicationLabels labelsOfApplications
	parts             []policyField // types of additional resources
	namings           namings
	labellings        []labelling
	clusterLabels     []Value
	valueFiles        valueFiles
	installers        map[installation]installer // the first one
	copies            []copied
	repositories      repositories
	annotations       annotations
}

// New returns a judge of a fleet in a tree of files.
func New(f *fleet.Fleet, tree fs.FS) *Judge {
	return &Judge{fleet: f, tree: tree, steppings: map[string]*step{}, applicationLabels: labelsOfApplications{},
		repositories: newRepositories(), annotations: newAnnotations(),
		installers: map[installation]installer{}, namings: newNamings()}
}

// See is shown a value of a file, and returns what is wrong with it by itself.
func (j *Judge) See(v Value) []*problem.Problem {
	j.noteRepository(v)
	j.noteAnnotations(v)
	j.noteClusterLabel(v)
	found := value.Check(v)
	for _, check := range []func(Value) *problem.Problem{j.checkPolicy, j.checkBoolean, j.checkVersion} {
		if p := check(v); p != nil {
			found = append(found, p)
		}
	}
	for _, p := range found {
		p.Column = v.Node.Column
	}
	return found
}

// SeeApplicationSet is shown an ApplicationSet, whose templates read annotations of clusters.
func (j *Judge) SeeApplicationSet(object map[string]any) { annotationsIn(object, j.annotations.used) }

// SeeApplication is shown an Application.
func (j *Judge) SeeApplication(a Application) {
	j.applicationLabels.add(a)
	j.seeSources(a)
	j.seeInstalled(a)
}

// All is what a judge has to know besides of what it was shown.
type All struct {
	Clusters []member.Identity // nil if they are not known
	Whole    bool              // nothing of the fleet is left out
	// ValuesOf returns the merged values of a group on an Argo CD; nil if there are none.
	ValuesOf func(group, argoCD string) *hierarchy.Values
	// PartsOf returns the directories that a component has in levels, below that of its values.
	PartsOf func(component string) []string

	// These may be nil:

	ReleasesOf func(group string) []string      // the types of the releases of a group
	Selects    func(label, value string) bool   // some selector has the value of a label
	Found      func(file string, line int) bool // something is known to be wrong there
}

// Judge returns what is wrong with all that was shown.
func (j *Judge) Judge(all All) []*problem.Problem {
	if all.Clusters != nil {
		j.checkAnnotations(all.Clusters, all.Whole)
	}
	j.checkClusterLabels(all)
	j.checkSteps()
	j.checkParts(all.PartsOf)
	j.checkValueFiles()
	j.checkSegments()
	j.checkInstalled(all.ValuesOf)
	j.checkRepositories(all.Clusters, all.ValuesOf)
	j.checkPaths()
	j.checkNamings()
	return j.found
}

func (j *Judge) add(p *problem.Problem) { j.found = append(j.found, p) }

// addAt adds a problem with a value, with its column.
func (j *Judge) addAt(v Value, p *problem.Problem) {
	p.Column = v.Node.Column
	j.add(p)
}

// hasFoundAt tells whether something is wrong with the line of a value.
func (j *Judge) hasFoundAt(v Value) bool { return j.hasFoundAtLine(v.File, v.Node.Line) }

func (j *Judge) hasFoundAtLine(file string, line int) bool {
	isThere := func(p *problem.Problem) bool { return p.File == file && p.Line == line }
	return slices.ContainsFunc(j.found, isThere)
}
