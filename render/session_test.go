package render_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// remote makes a member with an Argo CD of its own.
const remote = "-- members/hub/till-2.yaml --\ntenant: shops\nenvironment: test\nuse_remote_argo: " +
	"'true'\nenable_remote_addons: 'true'\n"

// other makes a member of another hub.
const other = "-- members/hub-2/till-3.yaml --\ntenant: shops\nenvironment: test\n"

// argoCDs returns the installations as lines: NAME: TARGETS.
func argoCDs(t testing.TB, r question) []string {
	t.Helper()
	session, err := open(r)
	require.NoError(t, err)
	found, _, err := session.ArgoCDs(r.Request)
	require.NoError(t, err)
	list := []string{}
	for _, a := range found {
		line := a.Cluster.Name + ":"
		for _, target := range a.Targets {
			line += " " + target.Name
		}
		list = append(list, line)
	}
	return list
}

func TestArgoCDs(t *testing.T) {
	all, selector := render.Targets{All: true}, func(s string) render.Targets { return render.Targets{Selector: s} }
	for _, test := range []struct {
		rule    string
		request question
		files   string
		want    []string
	}{
		{"all clusters: a hub has its members, a cluster that is none has itself",
			question{Request: render.Request{Targets: all}}, "", []string{"hub: hub till-2", "till-1: till-1"}},
		{"a spoke with an Argo CD of its own has two", question{Request: render.Request{Targets: all}}, remote,
			[]string{"hub: hub till-2", "till-1: till-1", "till-2: till-2"}},
		{"also as the only target", question{Request: render.Request{Cluster: "till-2"}}, remote,
			[]string{"hub: till-2", "till-2: till-2"}},
		{"but not for a group that it does not manage",
			question{Request: render.Request{Group: "resources", Targets: all}}, remote,
			[]string{"hub: hub till-2", "till-1: till-1"}},
		{"nor for what hubs have of their members", question{Request: render.Request{Group: "fleet", Targets: all}},
			remote, []string{"hub: hub till-2", "till-1: till-1"}},
		{"a selector", question{Request: render.Request{Targets: selector("tenant=shops")}}, "",
			[]string{"hub: till-2", "till-1: till-1"}},
		{"of sets", question{Request: render.Request{Targets: selector("environment in (test),fleet_member=spoke")}},
			"", []string{"hub: till-2"}},
		{"of labels that are not there", question{Request: render.Request{Targets: selector("!fleet_member")}}, "",
			[]string{"hub: hub", "till-1: till-1"}},
		{"of the label that each cluster Secret has",
			question{Request: render.Request{Targets: selector("argocd.argoproj.io/secret-type=cluster")}}, "",
			[]string{"hub: hub till-2", "till-1: till-1"}},
		{"a cluster", question{Request: render.Request{Cluster: "hub"}}, "", []string{"hub: hub"}},
		{"a member", question{Request: render.Request{Cluster: "till-2"}}, "", []string{"hub: till-2"}},
		{"a cluster as its Argo CD sees all", question{Request: render.Request{Cluster: "till-1", Targets: all}},
			remote, []string{"till-1: hub till-1 till-2"}},
		{"or those of a selector", question{Request: render.Request{Cluster: "till-1", Targets: selector("role=hub")}},
			"", []string{"till-1: hub till-1"}},
		{"of which a hub knows its own", question{Request: render.Request{Cluster: "hub", Targets: all}}, other,
			[]string{"hub: hub till-1 till-2"}},
		{"as another one does", question{Request: render.Request{Cluster: "hub-2",
			Labels: map[string]string{"fleet_member": "hub-cluster"}, Targets: all}}, other,
			[]string{"hub-2: hub-2 till-1 till-3"}},
		{"a cluster that only the request knows",
			question{Request: render.Request{Cluster: "new", Labels: map[string]string{"a": "b"}}}, "",
			[]string{"new: new"}},
		{"which is one of all", question{Request: render.Request{Cluster: "new", Labels: map[string]string{"a": "b"},
			Targets: all}}, "", []string{"new: hub new till-1 till-2"}},
		{"files are for one Argo CD with all targets",
			question{Request: render.Request{From: []render.File{{}}, Targets: all}}, remote,
			[]string{": hub till-1 till-2"}},
		{"or with a cluster", question{Request: render.Request{From: []render.File{{}}, Cluster: "till-2"}}, remote,
			[]string{": till-2"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r := test.request
			r.Tree = files(small, test.files)
			if r.Group == "" {
				r.Group = "core"
			}
			require.Equal(t, test.want, argoCDs(t, r))
		})
	}
	t.Run("labels of the request are those of the Argo CD and of the target", func(t *testing.T) {
		r := smallHub()
		r.Labels, r.Annotations = map[string]string{"environment": "test"}, map[string]string{"a": "b"}
		session, err := open(r)
		require.NoError(t, err)
		found, _, err := session.ArgoCDs(r.Request)
		require.NoError(t, err)
		require.Equal(t, found[0].Cluster, found[0].Targets[0])
		require.Equal(t, "test", found[0].Cluster.Labels["environment"])
		require.Equal(t, map[string]string{"a": "b"}, found[0].Cluster.Annotations)
	})
}

// TestCredentialsInARequestAreRefused: what a request says of its cluster becomes part of what is rendered.
func TestCredentialsInARequestAreRefused(t *testing.T) {
	const secret = "https://me:CANARY@git.example.com/a"
	for what, change := range map[string]func(*question){
		"name":         func(r *question) { r.Cluster, r.Labels = secret, map[string]string{} },
		"label a":      func(r *question) { r.Labels = map[string]string{"a": secret} },
		"annotation a": func(r *question) { r.Annotations = map[string]string{"a": secret, "b": secret} },
	} {
		for _, stage := range []string{render.StageApplicationSets, render.StageBootstrap, render.StageRegistration} {
			r := smallHub()
			r.Stage = stage
			change(&r)
			err := failure(t, r)
			require.ErrorContains(t, err,
				"the cluster as it is asked for (--labels, --annotations, parameters of these names): its "+what+
					" holds a credential")
			require.NotContains(t, err.Error(), "CANARY")
		}
	}
}

func TestArgoCDsThatFail(t *testing.T) {
	const stray = "-- members/gone/stray.yaml --\ntenant: shops\nenvironment: test\n"
	for _, test := range []struct {
		rule    string
		request question
		files   string
		message string
	}{
		{"the hub of a member is not known", question{Request: render.Request{Targets: render.Targets{All: true}}},
			stray,
			`members/gone/stray.yaml: the hub "gone" of cluster "stray" is not among the clusters; describe it under spec.clusters of fleet.yaml, or give its cluster Secret with --cluster-file`},
		{"also as the only one", question{Request: render.Request{Cluster: "stray"}}, stray,
			`members/gone/stray.yaml: the hub "gone" of cluster "stray" is not among the clusters; describe it under spec.clusters of fleet.yaml, or give its cluster Secret with --cluster-file`},
		{"no cluster", question{}, "",
			"for which clusters? Give one (--cluster), all (-A) or a selector (-l): hub, till-1, " +
				"till-2"},
		{"an unknown cluster", question{Request: render.Request{Cluster: "gone"}}, "",
			`there is no cluster "gone" in the fleet; give its labels (--labels, parameter labels), or one of hub, till-1, till-2`},
		{"a selector of nothing", question{Request: render.Request{Targets: render.Targets{Selector: "role=none"}}}, "",
			`no cluster of the fleet matches "role=none"; the clusters are hub, till-1, till-2`},
		{"a fleet without clusters", question{Request: render.Request{Targets: render.Targets{All: true}}},
			"-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n",
			"the fleet has no clusters: register members, or describe clusters in fleet.yaml or with --cluster-file"},
		{"a member that is broken", question{Request: render.Request{Targets: render.Targets{All: true}}},
			"-- members/hub/till-2.yaml --\n[\n",
			"members/hub/till-2.yaml:1: is not YAML: did not find expected node content"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r := test.request
			r.Tree, r.Group = files(small, test.files), "core"
			session, err := open(r)
			require.NoError(t, err)
			found, _, err := session.ArgoCDs(r.Request)
			require.EqualError(t, err, test.message)
			require.Nil(t, found)
		})
	}
	t.Run("a selector that is none", func(t *testing.T) {
		r := question{Tree: files(small), Request: render.Request{Targets: render.Targets{Selector: "a in b"}}}
		session, err := open(r)
		require.NoError(t, err)
		_, _, err = session.ArgoCDs(r.Request)
		require.ErrorIs(t, err, render.ErrIncomplete)
		require.ErrorContains(t, err, "selector: ")
	})
	t.Run("its hub is in a cluster Secret", func(t *testing.T) {
		r := question{Tree: files(small, stray),
			Options: render.Options{ClusterSecrets: []render.File{{Name: "s.yaml", Data: []byte(
				"kind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster}}\nstringData: " +
					"{name: gone, server: https://gone.example}\n")}}},
			Request: render.Request{Group: "core", Cluster: "stray"}}
		require.Equal(t, []string{"gone: stray"}, argoCDs(t, r))
	})
}

// broken is a repository in which some files cannot be read.
type broken struct {
	fs.FS
	unreadable func(name string) bool
}

func (b broken) Open(name string) (fs.File, error) {
	if b.unreadable(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.FS.Open(name)
}

// TestAlone: a render for a member that nothing else matters to reads no other member, nor the files of its levels.
func TestAlone(t *testing.T) {
	const others = "-- members/hub/till-3.yaml --\ntenant: other\nenvironment: test\n-- members/aside/till-4.yaml " +
		"--\ntenant: shops\nenvironment: test\n" +
		"-- apps/tenants/shops/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: {tier: gold}}\n" +
		"-- apps/tenants/other/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: {tier: iron}}\n"
	whole := files(small, others, remote)
	var wanted string
	fsys := broken{whole, func(name string) bool {
		member := strings.HasPrefix(name, "members/") && path.Ext(name) != "" && path.Base(name) != wanted+".yaml"
		return member || strings.HasPrefix(name, "apps/tenants/other/")
	}}
	r := question{Tree: fsys, Request: render.Request{Group: "core", Cluster: "till-2", Components: []string{"probe"}}}
	wanted = "till-2"
	requireError(t, r, "members/aside/till-4.yaml: cannot be read: permission denied (group core, cluster till-2)")

	r.Alone = true
	alone := mustRender(t, r)
	r.Tree, r.Alone = whole, false
	require.Equal(t, mustRender(t, r).Objects, alone.Objects, "and yet it is the same")

	r.Tree, r.Alone = fsys, true
	session, err := open(r)
	require.NoError(t, err)
	clusters, _, err := session.Clusters(r.Request)
	require.NoError(t, err)
	var known []string
	for _, c := range clusters {
		known = append(known, c.Name)
	}
	require.Equal(t, []string{"hub", "till-1", "till-2"}, known)
	require.Equal(t, "gold", clusters[2].Labels["tier"])
	require.Equal(t, []string{"hub: till-2", "till-2: till-2"}, argoCDs(t, r))

	t.Run("its own file still has to be in order", func(t *testing.T) {
		wanted = "till-3"
		requireError(t, r, "members/hub/till-2.yaml: cannot be read: permission denied (group core, cluster till-2)")
	})
}

// TestHubOfAClusterThatIsNoMember: it is the one that is labelled as a hub, if there is only one.
func TestHubOfAClusterThatIsNoMember(t *testing.T) {
	const hub, second = "{name: a, labels: {fleet_member: hub-cluster}}",
		"{name: b, labels: {fleet_member: hub-cluster}}"
	for clusters, want := range map[string][]string{
		hub + ", {name: x}, {name: z, labels: {fleet_member: spoke}}": {"a: a x z"},
		hub + ", " + second + ", {name: x}":                           {"a: a", "b: b", "x: x"},
		"{name: x}, {name: z}":                                        {"x: x", "z: z"},
	} {
		r := question{Tree: fstest.MapFS{
			"fleet.yaml": {Data: []byte("{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {clusters: [" + clusters +
				"]}}")},
		}, Request: render.Request{Group: "addons", Targets: render.Targets{All: true}}}
		session, err := open(r)
		require.NoError(t, err)
		argoCDs, _, err := session.ArgoCDs(r.Request)
		require.NoError(t, err)
		var got []string
		for _, a := range argoCDs {
			line := a.Cluster.Name + ":"
			for _, target := range a.Targets {
				line += " " + target.Name
			}
			got = append(got, line)
		}
		require.Equal(t, want, got)
	}
}

// TestOfASpokeWithItsOwnArgoCD: it is rendered with the selectors that its Application has, but under what the request
// says.
func TestOfASpokeWithItsOwnArgoCD(t *testing.T) {
	r := question{Tree: files(small, remote),
		Request: render.Request{Group: "core", Cluster: "till-2", Settings: map[string]string{"handover": "true"}}}
	session, err := open(r)
	require.NoError(t, err)
	found, _, err := session.ArgoCDs(r.Request)
	require.NoError(t, err)
	selectors := func(r question) any {
		result, err := session.ApplicationSets(r.Request, found[1], false)
		require.NoError(t, err)
		require.NotEmpty(t, result.Objects)
		return at(result.Objects[0], "spec/generators/0/clusters/selector/matchLabels")
	}
	require.Equal(t, "till-2", found[1].Cluster.Name)
	require.Subset(t, selectors(r),
		map[string]any{"fleet_member": "spoke", "use_remote_argo": "true", "enable_remote_addons": "true"})
	r.Settings = map[string]string{"handover": "true", "globalSelectors": "{role: till}"}
	require.Subset(t, selectors(r), map[string]any{"role": "till"})
	require.NotContains(t, selectors(r), "use_remote_argo")
	r.Settings = nil
	require.NotContains(t, selectors(r), "use_remote_argo", "without a handover, as fleet.yaml has it")
}

// TestReleasesOfAnArgoCD: one that knows no other cluster takes only the release that its own cluster is on.
func TestReleasesOfAnArgoCD(t *testing.T) {
	const next = "-- apps/tenants/shops/environments/test/fleet/fleet-secret/values.yaml --\nexternalSecret: " +
		"{labels: {coreRelease: Next}}\n"
	handover := map[string]string{"handover": "true"}
	hub := map[string]string{"fleet_member": "hub-cluster"}
	for _, test := range []struct {
		rule    string
		request render.Request // whose last Argo CD is looked at
		files   string
		on      string
		want    []string
	}{
		{"a spoke whose label names a release", render.Request{Cluster: "till-2"}, remote + next, "till-2",
			[]string{"probe-next"}},
		{"a spoke without the label", render.Request{Cluster: "till-2"}, remote, "till-2", []string{"probe-stable"}},
		{"a spoke that the hub hands over to", render.Request{Cluster: "till-2", Settings: handover}, remote + next,
			"till-2", []string{"probe-next"}},
		{"the release that is asked for", render.Request{Cluster: "till-2", Release: "stable"}, remote + next, "till-2",
			[]string{"probe-stable"}},
		{"also with a handover", render.Request{Cluster: "till-2", Release: "stable", Settings: handover},
			remote + next, "till-2", []string{"probe-stable"}},
		{"a cluster that is no member", render.Request{Cluster: "till-1"}, "", "till-1", []string{"probe-next"}},
		{"the hub of a spoke", render.Request{Cluster: "till-2"}, next, "hub", []string{"probe-stable", "probe-next"}},
		{"a hub, if only for itself", render.Request{Cluster: "hub", Labels: hub}, "", "hub",
			[]string{"probe-stable", "probe-next"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			r := question{Tree: files(small, test.files), Request: test.request}
			r.Group, r.Components = "core", []string{"probe"}
			session, err := open(r)
			require.NoError(t, err)
			found, _, err := session.ArgoCDs(r.Request)
			require.NoError(t, err)
			last := found[len(found)-1]
			require.Equal(t, test.on, last.Cluster.Name)
			result, err := session.ApplicationSets(r.Request, last, false)
			require.NoError(t, err)
			require.Equal(t, test.want, names(result.Objects))
		})
	}
}

// TestValuesOfASpokeWithItsOwnArgoCD: what the hub installs on it is off in its own groups, under what the request
// says.
func TestValuesOfASpokeWithItsOwnArgoCD(t *testing.T) {
	withFleet := strings.Replace(fleetOfSmall, "  groups:", "  groups:\n    fleet: {path: apps, components: [base]}", 1)
	tree := files(small, remote, "-- fleet.yaml --\n"+withFleet+
		"-- parts/values/base.yaml --\nargocd: {enabled: true, namespace: argocd, path: p}\nprobe: {enabled: true, "+
		"namespace: probe, path: p, defaultVersion: '1'}\n")
	for _, test := range []struct {
		name, handover, values string
		want                   []string
	}{
		{"handed over by the hub", "true", "", []string{"probe-stable"}},
		{"under the values of the request", "true", "argocd: {enabled: true}", []string{"argocd-stable",
			"probe-stable"}},
		{"not handed over", "false", "", []string{"argocd-stable", "probe-stable"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := question{Tree: tree, Request: render.Request{Group: "core", Cluster: "till-2",
				Settings: map[string]string{"handover": test.handover}}}
			if test.values != "" {
				r.Files = valuesFiles(test.values)
			}
			session, err := open(r)
			require.NoError(t, err)
			found, _, err := session.ArgoCDs(r.Request)
			require.NoError(t, err)
			result, err := session.ApplicationSets(r.Request, found[1], false)
			require.NoError(t, err)
			require.Equal(t, test.want, names(result.Objects))
		})
	}
}
