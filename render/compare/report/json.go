package report

import (
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// schemaVersion is that of the format. It changes only with what would break a reader: fields may be added.
const schemaVersion = "v1"

// document is the format json, which docs/diff.schema.json describes.
type document struct {
	SchemaVersion string                `json:"schemaVersion"`
	Before        string                `json:"before"`
	After         string                `json:"after"`
	Stage         string                `json:"stage"`
	Clusters      int                   `json:"clusters"`
	Files         []string              `json:"files"`
	Applications  []compare.Application `json:"applications"`
	Changes       []change              `json:"changes"`
	Dangers       []compare.Danger      `json:"dangers"`
	Failures      []compare.Failure     `json:"failures"`
}

type change struct {
	Action     compare.Sides    `json:"action"`
	Group      string           `json:"group"`
	Component  string           `json:"component"`
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Namespace  string           `json:"namespace,omitempty"`
	Name       string           `json:"name"`
	Diff       string           `json:"diff,omitempty"`
	Object     string           `json:"object,omitempty"`
	Added      int              `json:"linesAdded"`
	Deleted    int              `json:"linesRemoved"`
	Selector   string           `json:"selector,omitempty"`
	Clusters   []string         `json:"clusters"`
	Without    []string         `json:"unchangedIn,omitempty"`
	Objects    []compare.Object `json:"objects"`
	Causes     []compare.Cause  `json:"causes"`
	Dangers    []compare.Danger `json:"dangers"`
}

func asJSON(result *compare.Result) (string, error) {
	d := document{SchemaVersion: schemaVersion, Before: result.Before, After: result.After, Stage: result.Stage,
		Clusters: result.Clusters, Files: list(result.Files), Applications: list(result.Applications),
		Changes: []change{}, Dangers: list(result.Dangers), Failures: list(result.Failures)}
	for _, c := range result.Changes {
		d.Changes = append(d.Changes, change{Action: c.Sides, Group: c.Group, Component: c.Component,
			APIVersion: c.APIVersion, Kind: c.Kind, Namespace: c.Namespace, Name: c.Name, Diff: c.Diff,
			Object: c.Object, Added: c.Added, Deleted: c.Deleted, Selector: c.Clusters.Selector,
			Clusters: list(c.Clusters.Names), Without: c.Clusters.Without, Objects: list(c.Objects),
			Causes: list(c.Causes), Dangers: list(c.Dangers)})
	}
	data, err := render.EncodeValue(d, "json")
	return string(data), err
}

// list returns a list that is not null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
