// Package written judges what people write into the files of a fleet: one value at a time, and against what the others
// have. It finds values that a field cannot have, and names, addresses and paths that are nearly those of others.
package written

import (
	"io/fs"
	"slices"
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Value is one value of a file, as it is written.
type Value struct {
	File string
	Path []string // of keys and indexes
	Node *yamlnode.Node
	In   *yamlnode.Node // the map or list that it is in
}

// Key returns the name of the innermost key that the value is of.
func (v Value) Key() string {
	for _, name := range slices.Backward(v.Path) {
		if _, err := strconv.Atoi(name); err != nil {
			return name
		}
	}
	return ""
}

// Parent returns the name of the map that the value is in.
func (v Value) Parent() string {
	if len(v.Path) < 2 {
		return ""
	}
	return v.Path[len(v.Path)-2]
}

// sibling returns the text of another key of the map that the value is in; "" if there is none.
func (v Value) sibling(key string) string {
	for i := 0; i+1 < len(v.In.Content) && v.In.Kind == yamlnode.MappingNode; i += 2 {
		if v.In.Content[i].Value == key {
			return v.In.Content[i+1].Value
		}
	}
	return ""
}

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
	var found []*problem.Problem
	for _, check := range []func(Value) *problem.Problem{checkNumber, checkURL, checkAccount, checkRegion,
		checkSyncOption,
		j.checkPolicy, j.checkBoolean, checkMemberKind, checkRecommended} {
		if p := check(v); p != nil {
			p.Column = v.Node.Column
			found = append(found, p)
		}
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
}

// Judge returns what is wrong with all that was shown.
func (j *Judge) Judge(all All) []*problem.Problem {
	if all.Clusters != nil {
		j.checkAnnotations(all.Clusters, all.Whole)
	}
	j.checkSteps()
	j.checkParts(all.PartsOf)
	j.checkValueFiles()
	j.checkInstalled(all.ValuesOf)
	j.checkRepositories(all.Clusters, all.ValuesOf)
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
func (j *Judge) hasFoundAt(v Value) bool {
	return slices.ContainsFunc(j.found, func(p *problem.Problem) bool { return p.File == v.File && p.Line == v.Node.Line })
}
