package bootstrap_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// TestExpandedByArgoCD expands the ApplicationSets of the members with Argo CD's own code, for clusters as their
// Secrets are.
func TestExpandedByArgoCD(t *testing.T) {
	remote := map[string]string{"fleet_member": "spoke", "use_remote_argo": "true"}
	expander, err := application.New(application.Options{Version: argocd.Newest(),
		Repository: generator.Repository{FS: smallFleet(), FileSize: hierarchy.MaxFileSize}}, []cluster.Cluster{
		{Name: "hub-np", Labels: map[string]string{"fleet_member": "hub-cluster"}},
		{Name: "central", Labels: map[string]string{"fleet_member": "spoke", "use_remote_argo": "false"}},
		{Name: "without-secrets", Labels: map[string]string{"fleet_member": "spoke", "use_remote_argo": "true",
			"use_external_secrets": "false"}},
		{Name: "Plain_1", Server: "https://plain", Labels: remote},
		{Name: "spoke-dev-workload1", Server: "https://spoke", Labels: remote,
			Annotations: map[string]string{"aws_region": "eu-west-2",
				"kubectl.kubernetes.io/last-applied-configuration": "canary"}},
	})
	require.NoError(t, err)
	objects := mustBuild(t, smallFleet(), "hub-np", bootstrap.Options{})
	got := map[string]any{}
	for _, object := range objects {
		if object["kind"] != "ApplicationSet" {
			continue
		}
		expansion := expander.Expand(t.Context(), object)
		require.Empty(t, expansion.Problems)
		for _, a := range expansion.Applications {
			p := parametersOf(t, a.Object)
			got[at(a.Object, "metadata/name").(string)] = []any{p["cluster"], p["annotations"],
				at(a.Object, "spec/destination/name")}
			require.Nil(t, at(a.Object, "metadata/finalizers"))
		}
	}
	require.Equal(t, map[string]any{
		"fleet-bootstrap-without-secrets":     []any{"without-secrets", nil, "without-secrets"},
		"fleet-bootstrap-plain-1":             []any{"Plain_1", nil, "Plain_1"},
		"fleet-bootstrap-spoke-dev-workload1": []any{"spoke-dev-workload1", nil, "spoke-dev-workload1"},
		"fleet-registration-plain-1":          []any{"Plain_1", `{}`, "Plain_1"},
		"fleet-registration-spoke-dev-workload1": []any{"spoke-dev-workload1", `{"aws_region":"eu-west-2"}`,
			"spoke-dev-workload1"},
	}, got)
}

// TestTypes: Argo CD's types know every field.
func TestTypes(t *testing.T) {
	for _, c := range []string{"hub-np", "spoke-dev-workload1"} {
		for _, object := range mustBuild(t, smallFleet(), c,
			bootstrap.Options{All: bootstrap.GroupOptions{Project: "fleet"}}) {
			data, err := json.Marshal(object)
			require.NoError(t, err)
			typed := map[any]any{"Application": &v1alpha1.Application{}, "ApplicationSet": &v1alpha1.ApplicationSet{},
				"AppProject": &v1alpha1.AppProject{}}[object["kind"]]
			decoder := json.NewDecoder(bytes.NewReader(data))
			decoder.DisallowUnknownFields()
			require.NoError(t, decoder.Decode(typed), string(data))
		}
	}
}

// TestSources: each object says which file it is of, if one is known.
func TestSources(t *testing.T) {
	in := bootstrap.Input{FleetPath: ".",
		Cluster: cluster.Cluster{Name: "hub", Annotations: map[string]string{"fleet_repo_url": "F"}},
		Groups:  []bootstrap.Group{{Name: "addons", Path: "addons", Releases: []bootstrap.Release{{}}}},
		Options: bootstrap.Options{All: bootstrap.GroupOptions{Project: "start"}}}
	built, err := bootstrap.Build(in)
	require.NoError(t, err)
	require.Equal(t, []string{"fleet.yaml, bootstrap", "", "", "", "", ""}, built.Sources)
}
