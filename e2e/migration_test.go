package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// oldBootstrap are ApplicationSets as those by which the wrapper chart's fleets started: their Applications have
// charts make the ApplicationSets of the groups, and register the members.
const oldBootstrap = `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: %[1]s, namespace: argocd}
spec:
  goTemplate: true
  generators: [{list: {elements: %[2]s}}]
  template:
    metadata: {name: '%[3]s'}
    spec:
      project: default
      source: {repoURL: %[4]q, targetRevision: main, path: old, helm: {valuesObject: {file: '{{.file}}'}}}
      destination: {name: in-cluster, namespace: argocd}
      syncPolicy: {automated: {prune: true, selfHeal: true}}
`

// oldSets are the names of these, and oldApplications what they make.
var (
	oldSets         = []string{"cluster-addons", "fleet-hub-external-secrets"}
	oldApplications = []string{"cluster-addons-hub-prod-next", "cluster-addons-hub-prod-stable",
		"cluster-resources-hub-prod-stable", "fleet-hub-secrets-payments-np-1"}
)

// startOld starts a fleet with a central spoke as it was before cmp. In place of the wrapper chart is one that has its
// result as files.
func startOld(t *testing.T) *life {
	t.Helper()
	l := startEmptyLife(t)
	l.commitMember(t, flags{})
	l.write(t, "old/Chart.yaml", "{apiVersion: v2, name: application-sets, version: 0.3.3}\n")
	l.write(t, "old/templates/all.yaml", `{{ .Files.Get (printf "files/%s.yaml" .Values.file) }}`)
	for _, of := range [][2]string{{"addons", "stable"}, {"addons", "next"}, {"resources", "stable"}} {
		sets, message := l.cmp(t, of[0], "render", "--group", of[0], "--cluster", hubName, "--release", of[1])
		require.Empty(t, message)
		l.write(t, "old/files/"+of[0]+"-"+of[1]+".yaml", string(sets))
	}
	registration, message := l.cmp(t, "fleet", "render", "--stage", "registration", "--cluster", hubName)
	require.Empty(t, message)
	l.write(t, "old/files/registration.yaml", string(registration))
	l.push(t)
	l.hub.create(t, fmt.Sprintf(oldBootstrap, oldSets[0],
		"[{file: addons-next}, {file: addons-stable}, {file: resources-stable}]",
		`cluster-{{.file | replace "-" "-hub-prod-"}}`, l.url))
	l.hub.create(t, fmt.Sprintf(oldBootstrap, oldSets[1], "[{file: registration}]", "fleet-hub-secrets-"+spokeName,
		l.url))
	return l
}

// kept are the UIDs of what a migration must not make anew: on the hub ApplicationSets, the Applications of addons and
// what registers the spoke; on the spoke all objects.
func (l *life) kept(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, uid := range l.identities(t) {
		all[fmt.Sprint(id)] = uid
	}
	for _, kind := range []string{"ApplicationSet", "Application", "ExternalSecret", "Secret"} {
		for _, object := range l.hub.list(t, kind) {
			name := object.GetName()
			started := slices.Contains(oldSets, name) || slices.Contains(oldApplications, name) ||
				kind == "ApplicationSet" && strings.HasPrefix(name, "fleet-member-")
			addon := strings.HasPrefix(name, "stable-") || strings.HasPrefix(name, "next-")
			if !started && (kind != "Application" || addon) {
				all[kind+" "+name] = string(object.GetUID())
			}
		}
	}
	return all
}

// TestMigration takes the steps of docs/migration.md on a live hub: at no time is anything deleted or made anew but the
// Applications that started the fleet.
func TestMigration(t *testing.T) {
	l := startOld(t)
	applications := slices.DeleteFunc(l.expected(flags{})[hubName], func(name string) bool {
		return strings.HasPrefix(name, "cluster-") || strings.HasPrefix(name, "fleet-")
	})
	eventually(t, "the former fleet runs", func() error {
		return l.hub.synced(t, slices.Concat(applications, oldApplications)...)
	})
	before := l.kept(t)
	require.Contains(t, before, "Secret "+spokeName+"-fleet-secret")
	require.Contains(t, before, "ApplicationSet greeter-next")

	// The Applications lose the finalizer by which they would take everything with them.
	for _, name := range oldSets {
		l.hub.patch(t, "ApplicationSet", name, "{spec: {syncPolicy: {preserveResourcesOnDeletion: true}}}")
	}
	eventually(t, "no finalizers", func() error {
		var problems []error
		for _, name := range oldApplications {
			app, err := l.hub.objects("Application").Get(t.Context(), name, metav1.GetOptions{})
			require.NoError(t, err)
			if finalizers := app.GetFinalizers(); len(finalizers) > 0 {
				problems = append(problems, fmt.Errorf("%s has %v", name, finalizers))
			}
		}
		return errors.Join(problems...)
	})
	orphan := metav1.DeletePropagationOrphan
	for _, name := range oldSets {
		require.NoError(t, l.hub.objects("ApplicationSet").Delete(t.Context(), name,
			metav1.DeleteOptions{PropagationPolicy: &orphan}))
	}
	eventually(t, "the Applications belong to nobody", func() error {
		for _, name := range oldApplications {
			app, err := l.hub.objects("Application").Get(t.Context(), name, metav1.GetOptions{})
			require.NoError(t, err)
			if owners := app.GetOwnerReferences(); len(owners) > 0 {
				return fmt.Errorf("%s belongs to %v", name, owners)
			}
		}
		return nil
	})
	for _, name := range oldApplications {
		require.NoError(t, l.hub.objects("Application").Delete(t.Context(), name, metav1.DeleteOptions{}))
		_, err := l.hub.objects("Application").Get(t.Context(), name, metav1.GetOptions{})
		require.True(t, apierrors.IsNotFound(err), "%s is there: %v", name, err)
	}
	require.Equal(t, before, l.kept(t), "something went with what started the fleet")

	l.bootstrap(t)
	eventually(t, "cmp runs the fleet", func() error { return l.settled(t, flags{}) })
	after := l.kept(t)
	for name := range before {
		require.Equal(t, before[name], after[name], "%s was made anew", name)
	}
	for _, app := range l.hub.list(t, "Application") {
		if slices.Contains(oldApplications, app.GetName()) {
			name, _, _ := unstructured.NestedString(app.Object, "spec", "source", "plugin", "name")
			require.NotEmpty(t, name, "%s is rendered by the plugin", app.GetName())
		}
	}
	l.checkSecrecy(t)
}
