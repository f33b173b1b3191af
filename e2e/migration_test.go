package e2e

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// An oldSet is an ApplicationSet as those by which the wrapper chart's fleets started: its Applications have charts
// make the ApplicationSets of the groups, or register the members.
type oldSet struct {
	name  string
	spoke string            // what the names of its Applications begin with, if there is one for each spoke
	makes map[string]string // what the Applications deploy, by their names
}

const oldTemplate = `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: %[1]s, namespace: argocd}
spec:
  goTemplate: true
  generators: [%[2]s]
  template:
    metadata: {name: '%[3]s'}
    spec:
      project: default
      source: {repoURL: %[4]q, targetRevision: main, path: old, helm: {valuesObject: {file: '%[3]s'}}}
      destination: {%[5]s, namespace: argocd}
      syncPolicy:
        automated: {prune: true, selfHeal: true}
        retry: {limit: -1, backoff: {duration: 2s, factor: 1}}
        syncOptions: [CreateNamespace=true, ServerSideApply=true]
`

// An oldFleet is one as it was before cmp. In place of the wrapper chart is one that has its result as files.
type oldFleet struct {
	*life
	sets map[string][]oldSet // that start it, by the cluster that they are on
}

// startOld starts such a fleet with a spoke. What the chart makes of labels is the same as cmp's, but for one: the
// chart's spokes do not know that they have an Argo CD of their own.
func startOld(t *testing.T, f flags) *oldFleet {
	t.Helper()
	l := &oldFleet{life: startEmptyLife(t), sets: map[string][]oldSet{}}
	l.commitMember(t, f)
	l.write(t, "old/Chart.yaml", "{apiVersion: v2, name: application-sets, version: 0.3.3}\n")
	l.write(t, "old/templates/all.yaml", `{{ .Files.Get (printf "files/%s.yaml" .Values.file) }}`)
	l.write(t, "old/off.yaml", "external-secrets: {enabled: false}\n")
	l.sets[hubName] = l.oldHub(t)
	if f.argo {
		spoke := l.oldSpoke(t)
		l.sets[hubName] = append(l.sets[hubName], l.oldSpokeOfHub(t, spoke)...)
		l.sets[spokeName] = spoke
	}
	for _, set := range slices.Concat(slices.Collect(maps.Values(l.sets))...) {
		for name, text := range set.makes {
			l.write(t, "old/files/"+name+".yaml", text)
		}
	}
	l.push(t)
	for _, set := range l.sets[hubName] {
		l.hub.create(t, l.text(set))
	}
	return l
}

// text writes an ApplicationSet as YAML.
func (l *oldFleet) text(s oldSet) string {
	if s.spoke != "" {
		return fmt.Sprintf(oldTemplate, s.name, `{clusters: {selector: {matchLabels: {use_remote_argo: "true"}}}}`,
			s.spoke+"{{.name}}", l.url, "name: '{{.name}}'")
	}
	var elements []string
	for _, name := range slices.Sorted(maps.Keys(s.makes)) {
		elements = append(elements, "{name: "+name+"}")
	}
	return fmt.Sprintf(oldTemplate, s.name, "{list: {elements: ["+strings.Join(elements, ", ")+"]}}", "{{.name}}",
		l.url,
		`server: "https://kubernetes.default.svc"`)
}

// printed is what cmp prints.
func (l *oldFleet) printed(t *testing.T, path string, args ...string) string {
	t.Helper()
	output, message := l.cmp(t, path, append([]string{"render"}, args...)...)
	require.Empty(t, message)
	return string(output)
}

// oldHub are the ApplicationSets for what a hub deploys to all.
func (l *oldFleet) oldHub(t *testing.T) []oldSet {
	t.Helper()
	group := func(name, release string) string {
		return l.printed(t, name, "--group", name, "--cluster", hubName, "--release", release,
			"--set-setting", "handover=true") // the hub leaves alone what spokes deploy themselves
	}
	return []oldSet{
		{name: "cluster-addons", makes: map[string]string{
			"cluster-addons-hub-prod-next": group("addons", "next"), "cluster-addons-hub-prod-stable": group("addons",
				"stable"),
			"cluster-resources-hub-prod-stable": group("resources", "stable")}},
		{name: "fleet-hub-external-secrets", makes: map[string]string{
			"fleet-hub-secrets-" + spokeName: l.printed(t, "fleet", "--stage", "registration", "--cluster", hubName)}},
	}
}

// oldSpokeOfHub are those for spokes with an Argo CD of their own, for which the others are.
func (l *oldFleet) oldSpokeOfHub(t *testing.T, others []oldSet) []oldSet {
	t.Helper()
	var texts []string
	for _, set := range others {
		texts = append(texts, l.text(set))
	}
	registration := l.printed(t, "fleet", "--stage", "registration", "--cluster", spokeName)
	const missing = "use_remote_argo: \"true\"\n"
	require.Contains(t, registration, missing)
	return []oldSet{
		{name: "fleet-member-bootstrap", makes: map[string]string{
			"fleet-member-bootstrap-application-sets-default": l.printed(t, "addons", "--group", "fleet", "--cluster",
				hubName)}},
		{name: "fleet-members-application-sets", spoke: "fleet-members-", makes: map[string]string{
			"fleet-members-" + spokeName: strings.Join(texts, "---")}},
		{name: "fleet-spoke-external-secrets-secrets", spoke: "fleet-spoke-external-secrets-", makes: map[string]string{
			"fleet-spoke-external-secrets-" + spokeName: strings.ReplaceAll(registration, missing, "\n")}},
	}
}

// oldSpoke are those of such a spoke.
func (l *oldFleet) oldSpoke(t *testing.T) []oldSet {
	t.Helper()
	group := func(name, release string, args ...string) map[string]string {
		args = append(args, "--group", name, "--cluster", spokeName, "--release", release,
			"--set-setting", "handover=true", "--set-setting", `globalSelectors={"fleet_member": "spoke", "enable_remote_`+name+`": "true"}`)
		return map[string]string{"cluster-" + name + "-" + spokeName + "-" + release: l.printed(t, name, args...)}
	}
	return []oldSet{
		{name: "fleet-cluster-addons", makes: group("addons", "next", "-f", "../old/off.yaml")},
		{name: "fleet-cluster-resources", makes: group("resources", "stable")},
	}
}

// applications are the names of the Applications that start the groups on an Argo CD.
func (l *oldFleet) applications(of string) (all []string) {
	for _, set := range l.sets[of] {
		all = append(all, slices.Collect(maps.Keys(set.makes))...)
	}
	return all
}

// settledAsBefore reports whether the Argo CDs have the Applications that the flags say, started as before cmp.
func (l *oldFleet) settledAsBefore(t *testing.T, f flags) error {
	t.Helper()
	for _, h := range l.hubs() {
		names := slices.DeleteFunc(l.expected(f)[h.name], func(name string) bool {
			return strings.HasPrefix(name, "cluster-") || strings.HasPrefix(name, "fleet-")
		})
		if err := h.synced(t, slices.Concat(names, l.applications(h.name))...); err != nil {
			return err
		}
	}
	return nil
}

// kept are the UIDs of what a migration must not make anew: of each Argo CD the ApplicationSets, the Applications of
// components and what registers clusters; of the spoke all objects.
func (l *oldFleet) kept(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, uid := range l.identities(t) {
		all[fmt.Sprint(id)] = uid
	}
	for _, h := range l.hubs() {
		old := l.applications(h.name)
		for _, set := range l.sets[h.name] {
			old = append(old, set.name)
		}
		for _, kind := range []string{"ApplicationSet", "Application", "ExternalSecret", "Secret"} {
			for _, object := range h.list(t, kind) {
				name := object.GetName()
				starts := slices.Contains(old, name) || strings.HasPrefix(name, "fleet-member-") ||
					kind == "Application" && (strings.HasPrefix(name, "fleet-") || strings.HasPrefix(name, "cluster-"))
				if !starts {
					all[h.name+" "+kind+" "+name] = string(object.GetUID())
				}
			}
		}
	}
	return all
}

// takeAway takes away what starts an Argo CD's part of the fleet, and leaves what that made: steps 3 to 6 of
// docs/migration.md.
func (l *oldFleet) takeAway(t *testing.T, h *hub) {
	t.Helper()
	sets, applications := l.sets[h.name], l.applications(h.name)
	each := func(check func(app *unstructured.Unstructured) error) func() error {
		return func() error {
			var problems []error
			for _, name := range applications {
				app, err := h.objects("Application").Get(t.Context(), name, metav1.GetOptions{})
				require.NoError(t, err)
				problems = append(problems, check(app))
			}
			return errors.Join(problems...)
		}
	}

	// The Applications lose the finalizer by which they would take everything with them.
	for _, set := range sets {
		h.patch(t, "ApplicationSet", set.name, "{spec: {syncPolicy: {preserveResourcesOnDeletion: true}}}")
	}
	eventually(t, "no finalizers on "+h.name, each(func(app *unstructured.Unstructured) error {
		if finalizers := app.GetFinalizers(); len(finalizers) > 0 {
			return fmt.Errorf("%s has %v", app.GetName(), finalizers)
		}
		return nil
	}))
	orphan := metav1.DeletePropagationOrphan
	for _, set := range sets {
		require.NoError(t, h.objects("ApplicationSet").Delete(t.Context(), set.name,
			metav1.DeleteOptions{PropagationPolicy: &orphan}))
	}
	eventually(t, "the Applications belong to nobody on "+h.name, each(func(app *unstructured.Unstructured) error {
		if owners := app.GetOwnerReferences(); len(owners) > 0 {
			return fmt.Errorf("%s belongs to %v", app.GetName(), owners)
		}
		return nil
	}))
	for _, name := range applications {
		require.NoError(t, h.objects("Application").Delete(t.Context(), name, metav1.DeleteOptions{}))
		_, err := h.objects("Application").Get(t.Context(), name, metav1.GetOptions{})
		require.True(t, apierrors.IsNotFound(err), "%s is there: %v", name, err)
	}
}

// migrated checks that cmp runs the fleet, with what there was before.
func (l *oldFleet) migrated(t *testing.T, f flags, before map[string]string) {
	t.Helper()
	eventually(t, "cmp runs the fleet", func() error { return l.settled(t, f) })
	after := l.kept(t)
	for name := range before {
		require.Equal(t, before[name], after[name], "%s was made anew", name)
	}
	for _, h := range l.hubs() {
		for _, app := range h.list(t, "Application") {
			if strings.HasPrefix(app.GetName(), "cluster-") {
				name, _, _ := unstructured.NestedString(app.Object, "spec", "source", "plugin", "name")
				require.NotEmpty(t, name, "%s is rendered by the plugin", app.GetName())
			}
		}
	}
	l.checkSecrecy(t)
}

// TestMigration takes the steps of docs/migration.md on a live hub: at no time is anything deleted or made anew but the
// Applications that started the fleet.
func TestMigration(t *testing.T) {
	central := flags{}
	l := startOld(t, central)
	eventually(t, "the former fleet runs", func() error { return l.settledAsBefore(t, central) })
	before := l.kept(t)
	require.Contains(t, before, hubName+" Secret "+spokeName+"-fleet-secret")
	require.Contains(t, before, hubName+" ApplicationSet greeter-next")
	l.takeAway(t, l.hub)
	require.Equal(t, before, l.kept(t), "something went with what started the fleet")
	l.bootstrap(t)
	l.migrated(t, central, before)
}

// TestMigrationOfSpoke takes them with a spoke that has an Argo CD of its own.
func TestMigrationOfSpoke(t *testing.T) {
	l := startOld(t, whole)
	l.startSpoke(t)
	eventually(t, "the former fleet runs", func() error { return l.settledAsBefore(t, whole) })
	before := l.kept(t)
	for _, name := range []string{"Secret " + spokeName + "-fleet-secret", "ApplicationSet greeter-next",
		"Application next-payments-np-1-greeter-1.0.0"} {
		require.Contains(t, before, spokeName+" "+name)
	}

	// First the hub, whose Applications would bring back what is taken away from the spoke.
	for _, h := range []*hub{l.hub, l.spokeHub} {
		l.takeAway(t, h)
		require.Equal(t, before, l.kept(t), "something went with what started the fleet on %s", h.name)
	}

	// Before anything is rendered for the spoke, it has the labels by which that will select it.
	l.apply(t, l.spokeHub, "registration")
	eventually(t, "the spoke knows its labels", func() error {
		secret, err := l.spokeHub.objects("Secret").Get(t.Context(), spokeName+"-fleet-secret", metav1.GetOptions{})
		require.NoError(t, err)
		if secret.GetLabels()["use_remote_argo"] != "true" {
			return fmt.Errorf("its labels are %v", secret.GetLabels())
		}
		return nil
	})
	require.Equal(t, before, l.kept(t), "something went with the former registration")
	l.bootstrap(t)
	l.migrated(t, whole, before)
}
