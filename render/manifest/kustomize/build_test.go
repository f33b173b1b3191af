package kustomize

import (
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// The golden files were compared with what the kustomize command 5.8.2 prints for the same directories.
func TestBuildGivesWhatKustomizeBuildPrints(t *testing.T) {
	repository := rooted(t, "testdata/build")
	for _, name := range []string{"overlay", "deprecated", "generators", "component", "plugins", "sorted", "replaced"} {
		t.Run(name, func(t *testing.T) {
			objects, err := Build(repository, name, Options{})
			require.NoError(t, err)
			golden(t, name, printed(t, objects))
		})
	}
}

func TestBuildsWithAndWithoutTheirOwnSchemaDoNotDisturbEachOther(t *testing.T) {
	repository := rooted(t, "testdata/build")
	want := map[string]string{}
	names := []string{"overlay", "replaced", "component", "generators"}
	for _, name := range names {
		objects, err := Build(repository, name, Options{})
		require.NoError(t, err)
		want[name] = printed(t, objects)
	}
	for range 4 {
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				objects, err := Build(repository, name, Options{})
				require.NoError(t, err)
				require.Equal(t, want[name], printed(t, objects))
			})
		}
	}
}

// Each case says what the kustomization is after the `kustomize edit` command that Argo CD runs for the option.
func TestOptionsAreWrittenAsKustomizeEditDoes(t *testing.T) {
	type source = v1alpha1.ApplicationSourceKustomize
	env := map[string]string{"ARGOCD_APP_NAME": "shop"}
	for _, test := range []struct {
		name, kustomization string
		options             Options
		want                string
	}{
		{"namePrefix", "namePrefix: old-", Options{Source: &source{NamePrefix: "new-"}}, "namePrefix: new-"},
		{"nameSuffix", "namePrefix: old-", Options{Source: &source{NameSuffix: "-new"}},
			"namePrefix: old-\nnameSuffix: -new"},
		{"namespace", "namespace: old", Options{Source: &source{Namespace: "new"}}, "namespace: new"},
		{"images", "images: [{name: x, newTag: '1'}, {name: b, newName: keep, newTag: '2', digest: 'sha256:1'}]",
			Options{Source: &source{Images: v1alpha1.KustomizeImages{"b=*:3", "a=host:5000/a:1@sha256:2",
				"c:${ARGOCD_APP_NAME}", "d@sha256:4", "e=*:*"}}, Env: env},
			`images:
- {name: a, newName: host:5000/a, newTag: "1", digest: sha256:2}
- {name: b, newName: keep, newTag: "3"}
- {name: c, newTag: shop}
- {name: d, digest: sha256:4}
- {name: e}
- {name: x, newTag: "1"}`},
		{"images without any in the file", "", Options{Source: &source{Images: v1alpha1.KustomizeImages{"nginx:2"}}},
			"images: [{name: nginx, newTag: '2'}]"},
		{"replicas", "replicas: [{name: z, count: 1}, {name: b, count: 1}]",
			Options{Source: &source{Replicas: v1alpha1.KustomizeReplicas{{Name: "b", Count: intstr.FromString("4")},
				{Name: "a", Count: intstr.FromInt32(2)}}}},
			"replicas: [{name: a, count: 2}, {name: b, count: 4}, {name: z, count: 1}]"},
		{"commonLabels", "commonLabels: {a: b}", Options{Source: &source{CommonLabels: map[string]string{"app": "$ARGOCD_APP_NAME$$", "q": `"x"`}}, Env: env},
			"commonLabels: {a: b, app: shop$, q: x}"},
		{"forceCommonLabels", "commonLabels: {a: b}", Options{Source: &source{CommonLabels: map[string]string{"a": "c"},
			ForceCommonLabels: true}},
			"commonLabels: {a: c}"},
		{"labelWithoutSelector", "commonLabels: {a: b}",
			Options{Source: &source{CommonLabels: map[string]string{"a": "c"}, LabelWithoutSelector: true}},
			"commonLabels: {a: b}\nlabels: [{pairs: {a: c}}]"},
		{"labelWithoutSelector with labels there", "labels: [{pairs: {x: z}, includeSelectors: true}, {pairs: {a: b}}]",
			Options{Source: &source{CommonLabels: map[string]string{"c": "d"}, LabelWithoutSelector: true}},
			"labels: [{pairs: {x: z}, includeSelectors: true}, {pairs: {a: b, c: d}}]"},
		{"labelIncludeTemplates", "labels: [{pairs: {a: b}}]",
			Options{Source: &source{CommonLabels: map[string]string{"c": "d"}, LabelWithoutSelector: true,
				LabelIncludeTemplates: true}},
			"labels: [{pairs: {a: b}}, {pairs: {c: d}, includeTemplates: true}]"},
		{"commonAnnotations", "",
			Options{Source: &source{CommonAnnotations: map[string]string{"a": "$ARGOCD_APP_NAME"}}, Env: env},
			"commonAnnotations: {a: $ARGOCD_APP_NAME}"},
		{"commonAnnotationsEnvsubst", "",
			Options{Source: &source{CommonAnnotations: map[string]string{"a": "$ARGOCD_APP_NAME-$HOME"},
				CommonAnnotationsEnvsubst: true}, Env: env},
			"commonAnnotations: {a: shop-}"},
		{"forceCommonAnnotations", "commonAnnotations: {a: b}",
			Options{Source: &source{CommonAnnotations: map[string]string{"a": "c"}, ForceCommonAnnotations: true}},
			"commonAnnotations: {a: c}"},
		{"patches", "patches: [{path: p.yaml}]",
			Options{Source: &source{Patches: v1alpha1.KustomizePatches{
				{Patch: "x", Options: map[string]bool{"allowNameChange": true}, Target: &v1alpha1.KustomizeSelector{
					LabelSelector: "a=b", KustomizeResId: v1alpha1.KustomizeResId{Name: "n",
						KustomizeGvk: v1alpha1.KustomizeGvk{Kind: "K"}}}}}}},
			"patches: [{path: p.yaml}, {patch: x, options: {allowNameChange: true}, target: {kind: K, name: n, " +
				"labelSelector: a=b}}]"},
		{"components", "components: [../one]",
			Options{Source: &source{Components: []string{"../one", "../two", "gone"}}},
			"components: [../one, ../two, gone]"},
		{"components by pattern", "", Options{Source: &source{Components: []string{"../t*"}}},
			"components: [../three, ../two]"},
		{"ignoreMissingComponents", "", Options{Source: &source{Components: []string{"../two", "gone", "../../../out"},
			IgnoreMissingComponents: true}}, "components: [../two]"},
		{"old fields move as in kustomize edit", "bases: [b]\nresources: [a]",
			Options{Source: &source{NamePrefix: "p-"}}, "resources: [a, b]\nnamePrefix: p-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := archive("-- one/x --\n-- two/x --\n-- three/x --\n-- app/kustomization.yaml --\n" +
				test.kustomization + "\n")
			tree := newTree(files)
			f, err := tree.readFile(absolute("app"))
			require.NoError(t, err)
			require.NoError(t, edit(tree, f, test.options))
			got, err := yaml.Marshal(f.kustomization)
			require.NoError(t, err)
			require.YAMLEq(t, "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"+test.want,
				string(got))
		})
	}
}

func TestBuildAppliesOptionsAndLeavesTheRepositoryAlone(t *testing.T) {
	files := archive("-- app/kustomization.yaml --\nresources: [d.yaml]\n-- app/d.yaml --\n" + deployment +
		"-- components/a/kustomization.yaml --\nkind: Component\nnamespace: from-component\n")
	before := string(files["app/kustomization.yaml"].Data)
	objects, err := Build(files, "app", Options{Source: &v1alpha1.ApplicationSourceKustomize{
		NamePrefix: "p-", Images: v1alpha1.KustomizeImages{"registry.example.com:5000/side/car:v2"},
		Components: []string{"../components/a"},
		Replicas:   v1alpha1.KustomizeReplicas{{Name: "web", Count: intstr.FromInt32(5)}},
		Patches:    v1alpha1.KustomizePatches{{Patch: `[{"op": "add", "path": "/spec/paused", "value": true}]`, Target: &v1alpha1.KustomizeSelector{KustomizeResId: v1alpha1.KustomizeResId{KustomizeGvk: v1alpha1.KustomizeGvk{Kind: "Deployment"}}}}},
	}})
	require.NoError(t, err)
	golden(t, "options", printed(t, objects))
	require.Equal(t, before, string(files["app/kustomization.yaml"].Data))
}

func TestOptionErrors(t *testing.T) {
	type source = v1alpha1.ApplicationSourceKustomize
	for _, test := range []struct {
		name    string
		options Options
		want    string
	}{
		{"an image without change", Options{Source: &source{Images: v1alpha1.KustomizeImages{"nginx"}}},
			`app: the Application's image "nginx" gives no new name, tag or digest; write NAME=NEWNAME, NAME:TAG or NAME@DIGEST`},
		{"replicas that are no number",
			Options{Source: &source{Replicas: v1alpha1.KustomizeReplicas{
				{Name: "web", Count: intstr.FromString("many")}}}},
			`app: the Application's replicas of "web": expected integer value for count. Received: many`},
		{"a label that is there", Options{Source: &source{CommonLabels: map[string]string{"a": "c"}}},
			`app/kustomization.yaml:3: the Application's common labels or annotations have "a", which stands here already; remove one, or set forceCommonLabels or forceCommonAnnotations`},
		{"an annotation that is there", Options{Source: &source{CommonAnnotations: map[string]string{"m": "c"}}},
			`app/kustomization.yaml:4: the Application's common labels or annotations have "m", which stands here already; remove one, or set forceCommonLabels or forceCommonAnnotations`},
		{"templates with selectors", Options{Source: &source{CommonLabels: map[string]string{"b": "c"},
			LabelIncludeTemplates: true}},
			"app: the Application's labelIncludeTemplates needs labelWithoutSelector"},
		{"an unknown patch option",
			Options{Source: &source{Patches: v1alpha1.KustomizePatches{
				{Patch: "x", Options: map[string]bool{"odd": true}}}}},
			`app: the Application's patches are wrong: unknown field "odd"`},
		{"a missing component", Options{Source: &source{Components: []string{"../gone"}}},
			`app/kustomization.yaml: there is no file or directory "../gone"`},
		{"a remote component", Options{Source: &source{Components: []string{"https://example.com/org/repo"}}},
			`app/kustomization.yaml: "https://example.com/org/repo" is not in the repository, and nothing is cloned or downloaded; copy it into the repository, and name it by a relative path`},
		{"a remote patch", Options{Source: &source{Patches: v1alpha1.KustomizePatches{
			{Path: "http://example.com/p.yaml"}}}},
			`app/kustomization.yaml: "http://example.com/p.yaml" is not in the repository, and nothing is cloned or downloaded; copy it into the repository, and name it by a relative path`},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := archive("-- app/d.yaml --\n" + deployment + "-- app/kustomization.yaml --\nresources: " +
				"[d.yaml]\ncommonLabels:\n  a: b\ncommonAnnotations: {m: o}\n")
			objects, err := Build(files, "app", test.options)
			require.EqualError(t, err, test.want)
			require.Empty(t, objects)
		})
	}
}
