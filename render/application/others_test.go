package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// TestOtherClusters: Argo CD makes nothing for a cluster while another one that it knows fails, which is said.
func TestOtherClusters(t *testing.T) {
	all := threeClusters()
	delete(all[2].Annotations, "region")
	const (
		template = "template: {metadata: {name: '{{.name}}-{{.metadata.annotations.region}}'}, spec: {destination: " +
			"{name: '{{.name}}'}}}"
		warning = `members/west.yaml: ApplicationSet "set": cluster "west" lacks annotation region, which its templates need: ` +
			"until then, Argo CD makes and updates none of its Applications, those of other clusters neither; " +
			"add it to the cluster, or make it optional with index and default"
	)
	for name, test := range map[string]struct {
		spec   string
		apps   []string
		warned bool
	}{
		"all": {"generators: [{clusters: {}}]\n" + template, []string{"east-us-1"}, true},
		"not selected": {"generators: [{clusters: {selector: {matchLabels: {env: test}}}}]\n" + template,
			[]string{"east-us-1"}, false},
		"another one": {"generators: [{clusters: {selector: {matchLabels: {env: prod}}}}]\n" + template, nil, false},
		"not strict": {"goTemplateOptions: []\ngenerators: [{clusters: {}}]\n" + template, []string{"east-us-1"},
			false},
		"for others too": {"generators: [{list: {elements: [{name: hub}, {name: east}]}}]\n" +
			"template: {metadata: {name: '{{.name}}'}, spec: {destination: {name: '{{.name}}'}}}",
			[]string{"east", "hub"}, false},
		"more selected": {"generators: [{clusters: {}, selector: {matchLabels: {name: east}}}]\n" + template,
			[]string{"east-us-1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := application.New(application.Options{Version: argocd.Newest(), Others: []cluster.Cluster{all[0],
				all[2]},
				Repository: generator.Repository{FS: files{}.fs()}}, all[1:2])
			require.NoError(t, err)
			x := e.Expand(t.Context(), set(t, test.spec))
			require.Empty(t, messages(x.Problems))
			require.Equal(t, test.apps, names(x.Applications))
			if test.warned {
				require.Equal(t, []string{warning}, messages(x.Warnings))
				return
			}
			require.Empty(t, messages(x.Warnings))
		})
	}
}

// TestOwnClusterWithoutASecret: Argo CD's own cluster is one of all, and none of some that are asked for.
func TestOwnClusterWithoutASecret(t *testing.T) {
	all := []cluster.Cluster{
		{Name: "a", Hub: "hub", Server: "https://a.example"}, {Name: "b", Hub: "hub", Server: "https://b.example"},
	}
	for name, test := range map[string]struct {
		targets, others []cluster.Cluster
		want            []string
	}{
		"all clusters": {all, nil, []string{"app-a", "app-b", "app-in-cluster"}},
		"some":         {all[:1], all[1:], []string{"app-a"}},
		"it has a Secret": {append(all, cluster.Cluster{Name: "own", Server: "https://kubernetes.default.svc/"}), nil,
			[]string{"app-a", "app-b", "app-own"}},
		"another one of it": {all, []cluster.Cluster{{Name: "own", Server: "https://kubernetes.default.svc"}},
			[]string{"app-a", "app-b"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := application.New(application.Options{Version: argocd.Newest(), Others: test.others,
				Repository: generator.Repository{FS: files{}.fs()}}, test.targets)
			require.NoError(t, err)
			x := e.Expand(t.Context(), set(t, "generators: [{clusters: {}}]"))
			require.Empty(t, messages(x.Problems))
			require.Equal(t, test.want, names(x.Applications))
		})
	}
}
