package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// externalSecretsDirectory holds the program of External Secrets, and the definitions of its objects.
var externalSecretsDirectory = os.Getenv("CMP_E2E_EXTERNAL_SECRETS")

// The clusters of a life, and where one of them is registered.
const (
	hubName    = "hub-prod"
	spokeName  = "payments-np-1"
	memberFile = "fleet/fleet-bootstrap/fleet-members/" + hubName + "/" + spokeName + ".yaml"
)

// life is a fleet from its first day on: a hub whose repository has no members yet, and a cluster that may become one.
type life struct {
	*repository
	hub      *hub
	spoke    *kubernetes
	spokeHub *hub     // the Argo CD of the spoke; nil as long as it has none
	secrets  string   // the directory in the place of AWS Secrets Manager
	member   []string // what the spoke's file has besides its flags, as KEY=VALUE
}

// startLife starts a hub, and applies the bootstrap to it, once.
func startLife(t *testing.T) *life {
	t.Helper()
	l := startEmptyLife(t)
	l.bootstrap(t)
	return l
}

// startEmptyLife starts a hub as it is before anybody has heard of cmp: with Argo CD, and its own cluster Secret, as
// Terraform makes it.
func startEmptyLife(t *testing.T) *life {
	t.Helper()
	return startEmptyLifeOf(t, newLifeFleet)
}

// startEmptyLifeOf does so with another fleet, which is made when the network of the servers is there.
func startEmptyLifeOf(t *testing.T, fleet func(t *testing.T, n *network) *repository) *life {
	t.Helper()
	require.NotEmpty(t, externalSecretsDirectory, "CMP_E2E_EXTERNAL_SECRETS is not set: run internal/tools/e2e.sh")
	n, etcd := startEtcd(t)
	l := &life{repository: fleet(t, n), secrets: t.TempDir()}
	cluster := startKubernetes(t, n, etcd, hubName)
	l.spoke = startKubernetes(t, n, etcd, spokeName)
	l.plant(t)

	cluster.installArgoCD(t, newest())
	cluster.create(t, fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata:
  name: %[1]s
  namespace: argocd
  labels:
    argocd.argoproj.io/secret-type: cluster
    fleet_member: hub-cluster
    tenant: control-plane
    environment: prod
    addonsRelease: stable
    enable_external_secrets: "true"
  annotations: {addons_repo_url: %[2]q, addons_repo_revision: main, addons_repo_basepath: addons}
stringData: {name: %[1]s, server: "https://kubernetes.default.svc", config: "{}"}
`, hubName, l.at("addons").url))
	l.startExternalSecrets(t, cluster)
	l.hub = startArgoCDOn(t, cluster, newest(), nativeServer)
	l.hub.startSyncing(t)
	return l
}

// bootstrap applies what starts the fleet to the hub.
func (l *life) bootstrap(t *testing.T) {
	t.Helper()
	l.apply(t, l.hub, "bootstrap")
}

// apply applies what cmp prints of a stage for a cluster to that, as somebody does with kubectl. The registration may
// be that of somebody else, with whom it conflicts.
func (l *life) apply(t *testing.T, h *hub, stage string) {
	t.Helper()
	output, message := l.cmp(t, "fleet", "render", "--stage", stage, "--cluster", h.name, "-o", "json")
	require.Empty(t, message)
	var objects unstructured.UnstructuredList
	require.NoError(t, objects.UnmarshalJSON(output))
	require.NotEmpty(t, objects.Items)
	require.NoError(t, objects.EachListItem(func(object runtime.Object) error {
		o := object.(*unstructured.Unstructured)
		_, err := h.objects(o.GetKind()).Apply(t.Context(), o.GetName(), o,
			metav1.ApplyOptions{FieldManager: "kubectl", Force: stage == "registration"})
		return err
	}))
}

// startExternalSecrets starts External Secrets of a cluster, which waits for the definitions of its objects.
func (l *life) startExternalSecrets(t *testing.T, k *kubernetes) {
	t.Helper()
	started := func() error { return nil }
	program := filepath.Join(externalSecretsDirectory, "externalsecrets")
	require.NoError(t, k.launch(started, k.directory, []string{}, program, k.kubeconfig, k.namespace, l.secrets))
	p := k.processes[len(k.processes)-1]
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log of %s of %s:\n%s", p.name, k.name, p.tail(10))
		}
	})
}

// commitMember registers the spoke with other flags, and has both Argo CDs look.
func (l *life) commitMember(t *testing.T, f flags) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(l.checkout, memberFile)))
	args := []string{"member", "add", spokeName, "--tenant", "payments", "--environment", "np"}
	for _, set := range append([]string{"secretManagerSecretName=fleet/" + spokeName, fmt.Sprintf("use_remote_argo=%t",
		f.argo),
		fmt.Sprintf("enable_remote_addons=%t", f.addons), fmt.Sprintf("enable_remote_resources=%t", f.resources)},
		l.member...) {
		args = append(args, "--set", set)
	}
	output, message := l.cmp(t, ".", args...)
	require.Empty(t, message)
	require.Equal(t, memberFile+"\n", string(output))
	l.push(t)
	if l.others != nil { // nothing else tells the Applications in these what the fleet's own says
		l.bootstrap(t)
	}
	l.hub.refreshAll(t)
	if l.spokeHub != nil {
		l.spokeHub.refreshAll(t)
	}
}

// flags say what the spoke deploys itself.
type flags struct{ argo, addons, resources bool }

// owner returns the cluster whose Argo CD deploys a group to the spoke.
func (f flags) owner(group string) string {
	if f.argo && (group == "addons" && f.addons || group == "resources" && f.resources) {
		return spokeName
	}
	return hubName
}

// refreshAll has Argo CD look at the repository.
func (h *hub) refreshAll(t *testing.T) {
	t.Helper()
	for _, app := range h.list(t, "Application") {
		_, err := h.objects("Application").Patch(t.Context(), app.GetName(), types.MergePatchType,
			[]byte(`{"metadata":{"annotations":{"argocd.argoproj.io/refresh":"normal"}}}`), metav1.PatchOptions{})
		if !apierrors.IsNotFound(err) { // another change may just have removed it
			require.NoError(t, err)
		}
	}
}

// objectID tells an object apart from all others of a cluster.
type objectID struct{ Group, Version, Kind, Namespace, Name string }

// deployment is what an Application says of itself.
type deployment struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		Destination struct {
			Name string `json:"name"`
		} `json:"destination"`
	} `json:"spec"`
	Status struct {
		Sync struct {
			Status string `json:"status"`
		} `json:"sync"`
		Resources      []objectID `json:"resources"`
		Conditions     []struct{ Type, Message string }
		OperationState struct{ Phase, Message string } `json:"operationState"`
	} `json:"status"`
}

// deployments are the Applications of an Argo CD, by their names.
func (h *hub) deployments(t *testing.T) map[string]deployment {
	t.Helper()
	all := map[string]deployment{}
	for _, app := range h.list(t, "Application") {
		text, err := app.MarshalJSON()
		require.NoError(t, err)
		var d deployment
		require.NoError(t, json.Unmarshal(text, &d))
		all[app.GetName()] = d
	}
	return all
}

// problem says why an Application is not as it should be.
func (d deployment) problem() error {
	if len(d.Status.Conditions) == 0 && d.Status.Sync.Status == "Synced" {
		return nil
	}
	return fmt.Errorf("Application %s is %q, its conditions are %v, its operation %v", d.Metadata.Name,
		d.Status.Sync.Status,
		d.Status.Conditions, d.Status.OperationState)
}

// synced reports whether an Argo CD has these Applications and no others, and all are synced.
func (h *hub) synced(t *testing.T, names ...string) error {
	t.Helper()
	all := h.deployments(t)
	slices.Sort(names)
	if have := slices.Sorted(maps.Keys(all)); !slices.Equal(names, have) {
		return fmt.Errorf("the Applications of %s are %v, not %v", h.name, have, names)
	}
	var problems []error
	for _, d := range all {
		problems = append(problems, d.problem())
	}
	return errors.Join(problems...)
}

// Applications of the spoke, by group.
var applicationsOfSpoke = map[string][]string{
	"addons": {"next-payments-np-1-greeter-1.0.0"},
	"resources": {"stable-payments-np-1-network-baseline-1.0.0", "stable-payments-np-1-priority-classes-1.0.0",
		"stable-payments-np-1-storage-classes-0.2.0", "stable-payments-np-1-team-namespaces-0.1.0"},
}

// Applications that are the hub's whatever the flags say.
var applicationsOfHub = []string{
	"cluster-addons-hub-prod-next", "cluster-addons-hub-prod-stable", "cluster-fleet-hub-prod-default",
	"cluster-resources-hub-prod-stable",
	"fleet-bootstrap-hub-prod", "fleet-registration-hub-prod",
	"stable-hub-prod-external-secrets-0.19.2", "stable-hub-prod-priority-classes-1.0.0",
	"stable-hub-prod-storage-classes-0.2.0",
}

// expected are the Applications of the hub and of the spoke. Those that the spoke has for its groups stay when nobody
// tells it any more which these are; they are empty then.
func (l *life) expected(f flags) map[string][]string {
	all := map[string][]string{hubName: slices.Clone(applicationsOfHub)}
	for group, names := range applicationsOfSpoke {
		all[f.owner(group)] = append(all[f.owner(group)], names...)
	}
	if l.others != nil { // the hub's own bootstrap is no Application
		all[hubName] = slices.DeleteFunc(all[hubName], func(name string) bool {
			return name == "fleet-bootstrap-"+
				hubName
		})
	}
	if !f.argo {
		all[hubName] = append(all[hubName], "next-payments-np-1-external-secrets-0.19.2")
		if l.spokeHub != nil {
			all[spokeName] = []string{"cluster-addons-payments-np-1-next", "cluster-resources-payments-np-1-stable"}
		}
		return all
	}
	all[hubName] = append(all[hubName], "fleet-registration-payments-np-1",
		"payments-np-1-fleet-argocd-3.5.1", "payments-np-1-fleet-external-secre-0.19.2")
	if l.others == nil {
		all[hubName] = append(all[hubName], "fleet-bootstrap-payments-np-1")
	}
	for name := range l.others {
		all[hubName] = append(all[hubName], "fleet-bootstrap-payments-np-1-"+name)
	}
	if f.addons {
		all[spokeName] = append(all[spokeName], "cluster-addons-payments-np-1-next")
	}
	if f.resources {
		all[spokeName] = append(all[spokeName], "cluster-resources-payments-np-1-stable")
	}
	return all
}

// checkSecrecy fails if a credential is where it should not be.
func (l *life) checkSecrecy(t *testing.T) {
	t.Helper()
	for _, h := range l.hubs() {
		logs, err := h.argoCD.logs()
		require.NoError(t, err)
		require.NotEmpty(t, logs[nativeServer])
		for name, text := range logs {
			require.False(t, strings.Contains(text, canary), "a credential is in the log of %s of %s", name, h.name)
		}
		for _, kind := range []string{"Application", "ApplicationSet", "ExternalSecret"} {
			for _, object := range h.list(t, kind) {
				text, err := object.MarshalJSON()
				require.NoError(t, err)
				require.False(t, bytes.Contains(text, []byte(canary)), "a credential is in %s %s of %s", kind,
					object.GetName(), h.name)
			}
		}
	}
}

// hubs are the Argo CDs there are.
func (l *life) hubs() []*hub {
	if l.spokeHub == nil {
		return []*hub{l.hub}
	}
	return []*hub{l.hub, l.spokeHub}
}

// settled reports whether each Argo CD deploys what the flags say, and everything is as it should be.
func (l *life) settled(t *testing.T, f flags) error {
	t.Helper()
	owners := map[objectID][]string{}
	for _, h := range l.hubs() {
		if err := h.synced(t, l.expected(f)[h.name]...); err != nil {
			return err
		}
		for name, d := range h.deployments(t) {
			if h == l.spokeHub || d.Spec.Destination.Name == spokeName {
				for _, id := range d.Status.Resources {
					owners[id] = append(owners[id], h.name+"/"+name)
				}
			}
		}
	}
	for id, names := range owners {
		if len(names) > 1 {
			return fmt.Errorf("%v is deployed by %v", id, names)
		}
		object, err := l.spoke.get(t.Context(), id)
		if err != nil {
			return err
		}
		_, app, _ := strings.Cut(names[0], "/")
		if id.Kind == "CustomResourceDefinition" {
			continue // Argo CD does not mark these
		}
		if tracked := object.GetAnnotations()["argocd.argoproj.io/tracking-id"]; !strings.HasPrefix(tracked, app+":") {
			return fmt.Errorf("%v says that it belongs to %q, not to %s", id, tracked, names[0])
		}
	}
	return nil
}

// identities are the objects that the groups have on the spoke, wherever they are deployed from: when they were made,
// and their UIDs.
func (l *life) identities(t *testing.T) map[objectID]string {
	t.Helper()
	all := map[objectID]string{}
	for _, h := range l.hubs() {
		deployments := h.deployments(t)
		for _, names := range applicationsOfSpoke {
			for _, name := range names {
				for _, id := range deployments[name].Status.Resources {
					object, err := l.spoke.get(t.Context(), id)
					require.NoError(t, err)
					require.Nil(t, object.GetDeletionTimestamp(), "%v", id)
					all[id] = fmt.Sprint(object.GetUID(), object.GetCreationTimestamp())
				}
			}
		}
	}
	return all
}
