package e2e

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// whole are the flags of a spoke that deploys all of its groups itself.
var whole = flags{argo: true, addons: true, resources: true}

// argoCDFile has the component that installs the Argo CD of spokes.
const argoCDFile = "charts/application-sets/values/fleetBootstrap.yaml"

// startSpoke waits until the hub has brought what the spoke needs for an Argo CD of its own, and starts that: no pods
// run here.
func (l *life) startSpoke(t *testing.T) {
	t.Helper()
	eventually(t, "the spoke can have an Argo CD", func() error {
		var problems []error
		for _, id := range []objectID{
			{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition",
				Name: "externalsecrets.external-secrets.io"},
			{Version: "v1", Kind: "ConfigMap", Namespace: l.spoke.namespace, Name: "argocd-tls-certs-cm"},
			{Version: "v1", Kind: "Secret", Namespace: l.spoke.namespace, Name: "argocd-secret"},
		} {
			_, err := l.spoke.get(t.Context(), id)
			problems = append(problems, err)
		}
		return errors.Join(problems...)
	})
	l.startExternalSecrets(t, l.spoke)
	l.spokeHub = startArgoCDOn(t, l.spoke, newest(), nativeServer)
	l.spokeHub.startSyncing(t)
}

// registered checks that the spoke's Argo CD knows itself by what the fleet says of it.
func (l *life) registered(t *testing.T) {
	t.Helper()
	secret, err := l.spokeHub.objects("Secret").Get(t.Context(), spokeName+"-fleet-secret", metav1.GetOptions{})
	require.NoError(t, err)
	for _, c := range l.clusters(t) {
		if c.Name == spokeName {
			require.Subset(t, secret.GetLabels(), c.secretLabels())
			require.Subset(t, secret.GetAnnotations(), c.Annotations)
		}
	}
	require.Equal(t, "true", secret.GetLabels()["enable_greeter"], "of AWS Secrets Manager")
}

// TestNamespaceOfSpoke has the spoke's Argo CD in the namespace that its component says, which is another than the
// hub's: what the hub brings arrives there, and is picked up.
func TestNamespaceOfSpoke(t *testing.T) {
	const namespace = "platform-system"
	l := startEmptyLifeOf(t, func(t *testing.T, n *network) *repository {
		r := newLifeFleet(t, n)
		r.replace(t, argoCDFile, "namespace: argocd", "namespace: "+namespace)
		r.push(t)
		return r
	})
	l.spoke.namespace = namespace
	l.bootstrap(t)
	l.commitMember(t, whole)
	l.startSpoke(t)
	eventually(t, "the spoke deploys all", func() error { return l.settled(t, whole) })
	l.registered(t)
	secret, err := l.spokeHub.objects("Secret").Get(t.Context(), "fleet-git-credentials", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "repository", secret.GetLabels()["argocd.argoproj.io/secret-type"])
	_, err = l.spoke.objects("Namespace").Get(t.Context(), l.hub.namespace, metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the namespace of the hub's Argo CD is on the spoke: %v", err)
	l.checkSecrecy(t)
}
