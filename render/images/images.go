// Package images says which container images each cluster of a fleet would run, with the objects that use them, and
// what of that differs between two renders. The model is data alone: package report prints it.
package images

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
)

// An Inventory is the images of a fleet.
type Inventory struct {
	Clusters []Cluster       `json:"clusters"` // sorted by name
	Failures render.Failures `json:"-"`        // why images are missing here, each once
	Notes    []string        `json:"-"`        // what is odd about images, each once

	// Findings are what was found in the fleet, whatever fleet.yaml says of them.
	Findings []*problem.Problem `json:"-"`

	// Identities call several clusters by what they have in common.
	Identities identity.Identities `json:"-"`

	unknown unknown
}

// A Cluster is a cluster with its images.
type Cluster struct {
	Name        string  `json:"name"` // "" for Applications whose destination is no cluster that is known
	Hub         string  `json:"hub,omitempty"`
	Tenant      string  `json:"tenant,omitempty"`
	Environment string  `json:"environment,omitempty"`
	Images      []Image `json:"images"` // sorted by reference
}

// An Image is one that a cluster runs.
type Image struct {
	Reference string `json:"image"` // as runtimes complete it: docker.io/library/nginx:1.29
	// Invalid says why it is no reference, so that no runtime pulls it; Reference is the text as it is written then.
	Invalid string `json:"invalid,omitempty"`
	Uses    []Use  `json:"objects"`
}

// A Use is a place of an object that names an image.
type Use struct {
	Group       string `json:"group"`
	Component   string `json:"component"`
	ArgoCD      string `json:"argocd"` // the cluster whose Argo CD has the Application
	Application string `json:"application"`
	APIVersion  string `json:"apiVersion"`
	Kind        string `json:"kind"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name"`
	Field       string `json:"field"`     // of the pod: containers, initContainers, ephemeralContainers, volumes
	Container   string `json:"container"` // its name, or that of the volume
	Written     string `json:"written"`   // the reference as it is written

	set string // the ApplicationSet
}

// compareUses orders uses by where they are.
func compareUses(a, b Use) int {
	return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Component, b.Component),
		strings.Compare(a.ArgoCD, b.ArgoCD), strings.Compare(a.Application, b.Application),
		strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name),
		strings.Compare(a.Field, b.Field), strings.Compare(a.Container, b.Container),
		strings.Compare(a.Written, b.Written))
}

// unknown is what could not be rendered, so that nobody knows its images.
type unknown struct {
	argoCDs      map[string]bool    // GROUP/CLUSTER, or GROUP/ for all of a group, as in [stages.Plan]
	sets         map[[3]string]bool // by group, Argo CD and ApplicationSet
	applications map[[2]string]bool // by Argo CD and Application
}

// has tells whether the Application of a use could not be rendered.
func (u unknown) has(of Use) bool {
	return u.argoCDs[of.Group+"/"] || u.argoCDs[of.Group+"/"+of.ArgoCD] ||
		u.sets[[3]string{of.Group, of.ArgoCD, of.set}] || u.applications[[2]string{of.ArgoCD, of.Application}]
}

// add adds an image with a place that names it.
func (c *Cluster) add(image Image, use Use, index map[string]int) {
	at, known := index[image.Reference]
	if !known {
		at = len(c.Images)
		index[image.Reference] = at
		c.Images = append(c.Images, image)
	}
	c.Images[at].Uses = append(c.Images[at].Uses, use)
}

// sort puts the images and their uses in order.
func (c *Cluster) sort() {
	slices.SortFunc(c.Images, func(a, b Image) int { return strings.Compare(a.Reference, b.Reference) })
	for _, image := range c.Images {
		slices.SortFunc(image.Uses, compareUses)
	}
}
