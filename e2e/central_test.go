package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestCentral starts a hub and registers a cluster that the hub's Argo CD deploys to.
func TestCentral(t *testing.T) {
	l := startLife(t)
	eventually(t, "the hub has what is its own", func() error { return l.hub.synced(t, applicationsOfHub...) })
	secret, err := l.hub.objects("Secret").Get(t.Context(), hubName, metav1.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, secret.GetOwnerReferences(), "the hub's own Secret is only completed")
	require.Equal(t, "hub-cluster", secret.GetLabels()["fleet_member"])
	require.Equal(t, "true", secret.GetLabels()["enable_storage_classes"], "of a values file")
	require.Equal(t, "100000000001", secret.GetAnnotations()["aws_account_id"], "of AWS Secrets Manager")

	central := flags{}
	l.commitMember(t, central)
	eventually(t, "the spoke has what is its own", func() error {
		return l.hub.synced(t, l.expected(central)[hubName]...)
	})
	for _, c := range l.clusters(t) {
		name := c.Name
		if name == spokeName {
			name += "-fleet-secret"
		}
		secret, err := l.hub.objects("Secret").Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		require.Subset(t, secret.GetLabels(), c.secretLabels())
		require.Subset(t, secret.GetAnnotations(), c.Annotations)
	}

	// The objects are on the spoke, made of the values of its own levels, its Secret's labels and annotations included.
	for id, fields := range map[objectID]map[string]any{
		{Version: "v1", Kind: "ConfigMap", Namespace: "greeter", Name: "greeter"}: {
			"data": map[string]any{"greeting": "pay here", "cluster": spokeName, "account": "300000000001"},
		},
		{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass", Name: "gp3"}: {
			"parameters": map[string]any{"type": "gp3", "encrypted": "true"}, "reclaimPolicy": "Delete",
		},
		{Group: "scheduling.k8s.io", Version: "v1", Kind: "PriorityClass", Name: "batch"}: {"value": -100},
		{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy", Namespace: "default", Name: "deny-all"}: {
			"spec": map[string]any{"policyTypes": []any{"Ingress"}},
		},
		{Version: "v1", Kind: "ResourceQuota", Namespace: "team-payments", Name: "payments"}: {
			"spec": map[string]any{"hard": map[string]any{"count/jobs.batch": "20", "requests.cpu": "8"}},
		},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding", Namespace: "team-payments",
			Name: "auditors"}: {
			"roleRef": map[string]any{"name": "view"},
		},
	} {
		object, err := l.spoke.get(t.Context(), id)
		require.NoError(t, err, "%v", id)
		require.Empty(t, subset(fields, object.Object, id.Name))
	}
	l.checkSecrecy(t)
}

// TestDistributed registers the same cluster, which then deploys to itself more and less of it. Whatever the flags say,
// nothing is ever deleted or made anew, and each object has one Application, of the Argo CD that the flags say.
func TestDistributed(t *testing.T) {
	l := startLife(t)
	central := flags{}
	l.commitMember(t, central)
	eventually(t, "the hub deploys all", func() error { return l.settled(t, central) })
	before := l.identities(t)
	require.Greater(t, len(before), 8)

	l.commitMember(t, flags{argo: true})
	l.startSpoke(t)

	for i, f := range []flags{
		{argo: true},
		{argo: true, addons: true},
		{argo: true, addons: true, resources: true},
		{argo: true, resources: true},
		{argo: true},
		{argo: true, addons: true, resources: true},
		{argo: false, addons: true, resources: true},
		{argo: true, addons: true, resources: true},
	} {
		if i > 0 {
			l.commitMember(t, f)
		}
		eventually(t, fmt.Sprintf("%+v", f), func() error { return l.settled(t, f) })
		require.Equal(t, before, l.identities(t), "%+v: something was deleted or made anew", f)
	}
	l.checkSecrecy(t)
}
