package written

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

func TestNamespacesThatAreNearlyOthers(t *testing.T) {
	for text, found := range map[string]int{
		"kyverno: {namespace: kyveno}":                                                         1,
		"a: {namespace: argo-rolouts, chartName: argo-rollouts}":                               1,
		"cert_manager: {namespace: cert-manger}":                                               1,
		"a: {namespace: kube-systm}\nb: {namespace: kube-system}\nc: {namespace: kube-system}": 1,
		"kyverno: {path: charts/kyverno}\nb: {namespace: kyvero}":                              1,
		"a: {chartNamespace: aw-controllers-k8s}\nb: {chartNamespace: aws-controllers-k8s}\nc: {chartNamespace: " +
			"aws-controllers-k8s}\nd: {chartNamespace: aws-controllers-k8s}": 1,
		"karepnter: {chartName: karpenter, path: charts/karpenter}":                1,
		"karpenter: {chartName: karepnter}\nb: {releaseName: karepnter-crd}":       1,
		"a: {additionalResources: {type: ingrses, helm: {releaseName: ingress}}}":  1,
		"external-dns: {chartRepository: 'https://a.example.com/exteranl-dns'}":    1,
		"a: {path: charst/b}\nc: {path: charts/d}\ne: {path: charts/f}":            1,
		"projects-appset: {chartName: project-appset}":                             0,
		"argocd: {namespace: argocd, chartName: argo-cd}":                          0,
		"widget: {namespace: widgets}":                                             0,
		"a: {namespace: team-a}\nb: {namespace: team-b}\nc: {namespace: team-b}":   0,
		"a: {namespace: team-1}\nb: {namespace: team-11}\nc: {namespace: team-11}": 0,
		"a: {namespace: '{{.metadata.labels.tenant}}'}":                            0,
	} {
		j := newJudge()
		see(t, j, "catalog/values/addons.yaml", text)
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, text)
	}
}

func TestRegions(t *testing.T) {
	for region, found := range map[string]int{
		"eu-wst-1": 1, "eu-west1": 1, "euwest-1": 1, "us-esat-1": 1,
		"eu-west-1": 0, "ap-southeast-4": 0, "us-gov-west-1": 0, "us-isob-east-1": 0, "'{{.x}}'": 0, "<region>": 0,
	} {
		require.Len(t, see(t, newJudge(), "a.yaml", "aws_region: "+region), found, region)
	}
	require.Empty(t, see(t, newJudge(), "a.yaml", "region: europe-west1"))
}

func TestAddressesThatAreNone(t *testing.T) {
	for text, found := range map[string]int{
		"a: htps://x.example.com/y": 1, "chartRepository: https ://x.example.com": 1,
		"repoURL: git@git.example.com/a/b.git": 1, "a: {chartRepository: charts/b}": 1,
		"a: tcp://x.example.com": 0, "a: h2c://x:80": 0, "a: httpx://x": 0, "a: 'see https ://x'": 0,
		"repoURL: git@git.example.com:a/b.git": 0, "a: {chartRepository: harbor.example.com/b}": 0,
		"email: me@example.com/x": 0,
	} {
		require.Len(t, see(t, newJudge("charts/b/Chart.yaml"), "catalog/values/addons.yaml", text), found, text)
	}
}

func TestTemplatesThatLackABrace(t *testing.T) {
	for text, found := range map[string]int{
		"a: {namespace: '{.metadata.labels.tenant}}'}": 1, "a: {namespace: '{{.metadata.labels.tenant}'}": 1,
		"a: {namespace: '{{.metadata.labels.tenant}}'}":                                       0,
		"a: {namespace: '{{metadata.labels.tenant}}'}":                                        1,
		"a: {namespace: '{{if index metadata.labels \"b\"}}c{{end}}'}":                        1,
		"a: {namespace: '{{default \"\" (index metadata.labels \"b\")}}'}":                    1,
		"a: {namespace: '{{default \"a metadata.labels\" .name}}'}":                           0,
		"a: {namespace: '{{index .metadata.labels \"b\"}} of metadata.labels'}":               0,
		"a: {ignoreDifferences: [{jqPathExpressions: ['. | {a: {b: .metadata.labels.c}}']}]}": 0,
	} {
		require.Len(t, see(t, newJudge(), "catalog/values/addons.yaml", text), found, text)
	}
}

func TestEntriesOfValueFiles(t *testing.T) {
	for text, found := range map[string]int{
		"valueFiles: [bootstrap/default]":                                 1,
		"valueFiles: ['tenant/{{.metadata.labels.tenant}}']":              1,
		"valueFiles: [bootstrap/defaults, regions/eu, '{{.name}}', a]":    0,
		"valueFiles: [bootstrap/default]\nvaluesFilePrefix: '{{.name}}/'": 0,
	} {
		j := newJudge("addons/bootstrap/defaults/x.yaml", "addons/tenants/a/x.yaml")
		see(t, j, "catalog/values.yaml", text)
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, text)
	}
}

// A name of another cluster is a mistake only where all others have their own.
func TestAnnotationsWithTheNameOfAnotherCluster(t *testing.T) {
	identities := func(names map[string]string) []member.Identity {
		var all []member.Identity
		for _, name := range []string{"a", "b", "c", "d", "hub"} {
			all = append(all, member.Identity{Cluster: cluster.Cluster{Name: name, Hub: "hub",
				Annotations: map[string]string{"x": names[name]}}})
		}
		return all
	}
	for _, test := range []struct {
		names map[string]string
		found int
	}{
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "c"}, 1},
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "d"}, 0},
		{map[string]string{"a": "a", "b": "b", "c": "c", "d": "hub"}, 0},
		{map[string]string{"a": "a", "b": "b", "d": "c"}, 0},
		{map[string]string{"a": "b", "b": "a", "c": "c", "d": "d", "hub": "hub"}, 0},
	} {
		found := newJudge().Judge(All{Clusters: identities(test.names),
			ValuesOf: func(string, string) *hierarchy.Values { return nil },
			PartsOf:  func(string) []string { return nil }})
		require.Len(t, found, test.found, test.names)
	}
}

func TestLabelsOfSelectorsThatAreNearlyOthers(t *testing.T) {
	of := func(label string) string {
		return "a: {selector: {matchExpressions: [{key: " + label + ", operator: Exists}]}}"
	}
	for text, found := range map[string]int{
		of("enbale_a"): 1, of("enable_tracng"): 1,
		"cert_manager: {selectorMatchLabels: {enable_cert_manger: 'true'}}":       1,
		"b: {chartName: grafana, selector: {matchLabels: {enable_grafaan: yes}}}": 1,
		of("enable_tracing"): 0, of("enable_zones"): 0, of("region"): 0,
		"b: {chartName: grafana, selectorMatchLabels: {enable_grafanas: 'true'}}":                     0,
		"argo-cd: {selectorMatchLabels: {enable_argocd: 'true'}}":                                     0,
		of("enable_tracng") + "\nb: {selectorMatchLabels: {enable_tracng: 'true'}}":                   0,
		of("enable_tracng") + "\nb: {selectorMatchLabels: {enable_tracing: 'true'}}":                  0,
		"a: {selectorMatchLabels: {enable_zone: 'true'}}\nb: {selectorMatchLabels: {team: payments}}": 0,
	} {
		j := newJudge()
		see(t, j, "catalog/values/addons.yaml", text)
		misspelt := j.MisspeltLabels(map[string]map[string]bool{"enable_tracing": {}, "enable_zone": {}})
		require.Len(t, misspelt, found, text)
	}
}

func TestVersionsThatAreNone(t *testing.T) {
	for version, found := range map[string]int{
		"'1..2'": 1, "'1.2.'": 1, "'v 1.2'": 1, "'1,2,3'": 1, "O.1.0": 1, "vv1": 1, "'1. 2'": 1,
		"'1.2.3'": 0, "'>= 1.2, < 2'": 0, "v1.2.3-rc.1+b": 0, "'1.x'": 0, "'*'": 0, "main": 0, "'{{.a..b}}'": 0,
	} {
		require.Len(t, see(t, newJudge(), "catalog/values/addons.yaml", "a: {defaultVersion: "+version+"}"), found,
			version)
		require.Len(t, see(t, newJudge(), "releases.yaml", "releases: {a: [{version: "+version+"}]}"), found, version)
	}
}

func TestPlacesOfCatalogsAndHosts(t *testing.T) {
	for text, found := range map[string]int{
		"a: [{chartRepoPath: catalgo}]": 1,
		"a: [{chartRepo: r.io/fleet}, {chartRepo: r.io/fleet}, {chartRepo: r.io/feet}]":                   1,
		"a: [{chartRepoUrl: https://charts.example.com/a}, {chartRepoUrl: https://chrts.example.com/a}]":  1,
		"a: [{chartRepoUrl: https://charts.example.com/a}, {chartRepoUrl: https://charts.example.oc/a}]":  0,
		"a: [{chartRepoUrl: https://charts.example.com/a}, {chartRepoUrl: https://charts.example.ocm/a}]": 1,
		"a: [{chartRepoUrl: https://git.example.com/a}, {chartRepoUrl: https://git.example.com/b}, " +
			"{chartRepoUrl: https://git.exmple.com/c}]": 1,
		"a: [{chartRepoUrl: https://git.example.com/team-a}, {chartRepoUrl: https://git.example.com/team-b}]": 0,
		"a: [{chartRepoPath: charts/other}, {ecrChartName: sets}]":                                            0,
	} {
		j := newJudge()
		see(t, j, "releases.yaml", text)
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, text)
	}
	require.Len(t, see(t, newJudge(), "a.yaml", "repoURL: https://git.example.com/a.gt"), 1)
}

// A whole member with another address is a minority, if many others agree.
func TestAddressesOfOneFile(t *testing.T) {
	j := newJudge()
	for i, address := range []string{"https://git.example.com/fleet", "https://git.example.com/fleet",
		"https://git.example.com/fleet", "https://git.example.com/flet"} {
		see(t, j, "members/hub/"+string(rune('a'+i))+".yaml", "addons_repo_url: "+address+"\nfleet_repo_url: "+address)
	}
	found := j.Judge(All{PartsOf: func(string) []string { return nil }})
	require.Len(t, found, 2)
	require.Equal(t, "members/hub/d.yaml", found[0].File)
}

func TestLabelsThatAHigherLevelOverrides(t *testing.T) {
	all := All{PartsOf: func(string) []string { return nil },
		ReleasesOf: func(string) []string { return []string{"stable", "next"} },
		Selects:    func(_, value string) bool { return value == "debug" },
		Found:      func(_ string, line int) bool { return line == 2 }}
	for label, found := range map[string]int{
		"addonsRelease: stabel": 1, "addonsRelease: next": 0, "addonsRelease: canary": 0, "addonsRelease: '{{.x}}'": 0,
		"enable_a: tru": 1, "enable_a: 'yes'": 1, "use_a: 'True'": 1, "enable_a: 'true'": 0, "enable_a: debug": 0,
		"team: 'yes'": 0, "\n    addonsRelease: stabel": 0,
	} {
		j := newJudge()
		see(t, j, "addons/fleet/fleet-secret/values.yaml", "externalSecret: {labels: {"+label+"}}")
		require.Len(t, j.Judge(all), found, label)
	}
}

func TestNamesOfAnnotationsInTemplates(t *testing.T) {
	read := func(name string) string { return "'{{index .metadata.annotations \"" + name + "\"}}'" }
	for text, found := range map[string]int{
		"external-dns: {namespace: " + read("external_nds_policy") + "}": 1,
		"a: {valuesObject: [" + read("a_iam_role_arn") + "," + read("b_iam_role_arn") + "," + read("c_iam_role_arn") +
			"," +
			read("d_iam_role_an") + "]}": 1,
		"a: {valuesObject: [" + read("enable_automode") + "," + read("enable_automode") + "," +
			read("enabl_automode") + "]}": 1,
		"external-dns: {namespace: " + read("external_dns_policy") + "}":         0,
		"a: {valuesObject: [" + read("role") + "," + read("roles") + "]}":        0,
		"a: {valuesObject: [" + read("region_1") + "," + read("region_2") + "]}": 0,
	} {
		j := newJudge()
		see(t, j, "catalog/values/addons.yaml", text)
		require.Len(t, j.Judge(All{Clusters: []member.Identity{}, Whole: true,
			PartsOf: func(string) []string { return nil }}), found, text)
	}
}

func TestPartsOfChartsThatAreNearlyRight(t *testing.T) {
	places := &ChartPlaces{files: []string{"values.yaml"}, parts: []string{"pod-identity", "ingress"}}
	for name, want := range map[string]string{
		"values.yml": "values.yaml", "VALUES.yaml": "values.yaml", "values-old.yaml": "values.yaml",
		"ingrses/values.yaml": "ingress/values.yaml", "ingress/vaules.yaml": "ingress/values.yaml",
		"values.yaml": "", "ingress/values.yaml": "", "kustomization.yaml": "", "base/values.yaml": "",
		"a/b/values.yml": "",
		"values-notes":   "",
	} {
		require.Equal(t, want, places.Near(name), name)
	}
}

func TestVersionsOfKubernetesAndNetworks(t *testing.T) {
	for text, found := range map[string]int{
		"spec: {kubernetesVersion: '1.330'}": 1, "labels: {argocd.argoproj.io/kubernetes-version: v2.33.1}": 1,
		"spec: {kubernetesVersion: '1.33'}": 0, "labels: {argocd.argoproj.io/kubernetes-version: v1.33.4-eks-1a2b}": 0,
		"aws_vpc_id: vcp-0a1b2c3d4e5f67890": 1, "aws_vpc_id: vpc-0a1b2c3d4e5f6789": 1,
		"aws_vpc_id: vpc-0a1b2c3d4e5f67890": 0, "aws_vpc_id: vpc-0a1b2c3d": 0, "vpcId: main": 0, "aws_vpc_id: <vpc>": 0,
		"region: eu-wset-2": 1, "region: eu-west-2": 0, "region: eastus": 0,
	} {
		require.Len(t, see(t, newJudge(), hierarchy.FleetFile, text), found, text)
	}
}
