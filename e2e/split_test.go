package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// splitFleet makes the fleet of these tests in three repositories, of which it returns the fleet's own.
func (r *repository) splitFleet(t *testing.T) *repository {
	t.Helper()
	split := newRepository(t)
	split.others = map[string]*repository{"addons": newRepository(t), "resources": newRepository(t)}
	repositories := ""
	for name, other := range split.others {
		for _, directory := range []string{name, "charts", "manifests"} {
			copyDirectory(t, filepath.Join(r.checkout, directory), filepath.Join(other.checkout, directory))
		}
		other.push(t)
		repositories += fmt.Sprintf("    %s: {url: %q}\n", name, other.url)
	}
	copyDirectory(t, filepath.Join(r.checkout, "fleet"), filepath.Join(split.checkout, "fleet"))
	require.NoError(t, copyFile(filepath.Join(r.checkout, "fleet.yaml"), filepath.Join(split.checkout, "fleet.yaml")))
	split.replace(t, "fleet.yaml", "\n  groups:\n", "\n  repositories:\n"+repositories+"  groups:\n")
	for _, name := range []string{"addons", "resources", "fleet"} {
		key := name + "_repo_url: "
		split.replace(t, "fleet.yaml", key+r.url, key+split.at(name).url)
	}
	split.push(t)
	return split
}

// sameObjects checks that the groups have the objects on the spoke that cmp prints of another repository, and no
// others, and that all Argo CDs know the labels that it prints of clusters.
func (l *life) sameObjects(t *testing.T, of *repository) {
	t.Helper()
	live := map[string]map[string]any{}
	for id := range l.identities(t) {
		object, err := l.spoke.get(t.Context(), id)
		require.NoError(t, err)
		text, err := object.MarshalJSON()
		require.NoError(t, err)
		var fields map[string]any // with the numbers that those of cmp have
		require.NoError(t, json.Unmarshal(text, &fields))
		live[id.Kind+" "+id.Name] = fields
	}
	for _, group := range []string{"addons", "resources"} {
		for _, item := range of.items(t, "render", "--stage", "manifests", "--group", group, "--cluster", spokeName,
			"--set-setting", "handover=true", // what only the secret in AWS Secrets Manager has
			"--labels", "enable_greeter=true", "--annotations", "aws_account_id=300000000001") {
			object := item.(map[string]any)
			name := fmt.Sprint(object["kind"], " ", object["metadata"].(map[string]any)["name"])
			require.Contains(t, live, name)
			require.Empty(t, subset(object, live[name], name))
			delete(live, name)
		}
	}
	require.Empty(t, live, "objects that the one repository does not have")
	for _, c := range of.clusters(t) {
		for _, h := range l.hubs() {
			name := c.Name
			if name == spokeName {
				name += "-fleet-secret"
			} else if h != l.hub {
				continue
			}
			secret, err := h.objects("Secret").Get(t.Context(), name, metav1.GetOptions{})
			require.NoError(t, err)
			require.Subset(t, secret.GetLabels(), c.secretLabels(), "%s on %s", name, h.name)
		}
	}
}

// TestSplitFleet has the addons, the resources and the fleet in repositories of their own. A spoke that is registered,
// and then deploys to itself, gets the objects that it would get of the one repository, by the same labels.
func TestSplitFleet(t *testing.T) {
	const namespace = "platform-system"
	var one *repository
	l := startEmptyLifeOf(t, func(t *testing.T, n *network) *repository {
		one = newLifeFleet(t, n)
		one.replace(t, argoCDFile, "namespace: argocd", "namespace: "+namespace) // which the addons only say
		return one.splitFleet(t)
	})
	l.spoke.namespace = namespace
	l.bootstrap(t)
	eventually(t, "the hub has what is its own", func() error {
		return l.hub.synced(t, slices.DeleteFunc(slices.Clone(applicationsOfHub),
			func(name string) bool { return name == "fleet-bootstrap-"+hubName })...)
	})
	central := flags{}
	l.commitMember(t, central)
	eventually(t, "the hub deploys all", func() error { return l.settled(t, central) })
	before := l.identities(t)

	l.commitMember(t, whole)
	l.startSpoke(t)
	eventually(t, "the spoke deploys all", func() error { return l.settled(t, whole) })
	require.Equal(t, before, l.identities(t), "something was deleted or made anew")
	require.NoError(t, copyFile(filepath.Join(l.checkout, memberFile), filepath.Join(one.checkout, memberFile)))
	l.sameObjects(t, one)
	for _, h := range l.hubs() {
		for _, app := range h.list(t, "Application") {
			for name, other := range l.others {
				if strings.HasPrefix(app.GetName(), "cluster-"+name) {
					url, _, _ := unstructured.NestedString(app.Object, "spec", "source", "repoURL")
					require.Equal(t, other.url, url, app.GetName())
				}
			}
		}
	}

	// A change in the levels of another repository takes effect by itself.
	addons := l.at("addons")
	addons.write(t, "addons/tenants/payments/environments/np/clusters/"+spokeName+"/addons/greeter/values.yaml",
		"greeting: pay there\n")
	addons.push(t)
	l.spokeHub.refreshAll(t)
	eventually(t, "the other greeting", func() error {
		greeter, err := l.spoke.get(t.Context(), objectID{Version: "v1", Kind: "ConfigMap", Namespace: "greeter",
			Name: "greeter"})
		require.NoError(t, err)
		if difference := subset(map[string]any{"greeting": "pay there"}, greeter.Object["data"],
			"greeter"); difference != "" {
			return fmt.Errorf("%s", difference)
		}
		return nil
	})
	l.checkSecrecy(t)
}
