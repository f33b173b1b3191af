package application_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// teams is the artifact of these tests.
func teams() fstest.MapFS {
	return files{
		"one/config.yaml": "app: one\ncluster: east\n", "two/config.yaml": "app: two\ncluster: west\n",
		"two/deep/config.yaml": "app: deep\ncluster: west\n", "top.yaml": "app: top\ncluster: hub\n",
		".hidden/config.yaml": "app: hidden\ncluster: hub\n", "list.json": `[{"app": "a"}, {"app": "b"}]`, "bad.yaml": "a: [",
	}.fs()
}

// artifactsOf returns options with the artifact at oci://r.example.com/teams, revision 1.0.0.
func artifactsOf(v argocd.Version, asked *[]string) application.Options {
	return application.Options{
		Version: v, Repository: generator.Repository{FS: files{"own/x.yaml": "app: own\n"}.fs(),
			FileSize: hierarchy.MaxFileSize,
			URLs:     []string{"https://git.example.com/own.git"}},
		Artifact: func(r chart.Reference) (fs.FS, error) {
			*asked = append(*asked, r.RepoURL+" "+r.Version)
			if r != (chart.Reference{RepoURL: "oci://r.example.com/teams", Version: "1.0.0"}) {
				return nil, errors.New("the registry has no such artifact")
			}
			return teams(), nil
		},
	}
}

// expandOCI expands an ApplicationSet as the newest Argo CD, with the artifact.
func expandOCI(t *testing.T, object map[string]any) (*application.Expansion, []string) {
	t.Helper()
	var asked []string
	e, err := application.New(artifactsOf(argocd.Newest(), &asked), threeClusters())
	require.NoError(t, err)
	return e.Expand(t.Context(), object), asked
}

const generatorOCI = "oci: {repoURL: 'oci://r.example.com/teams', revision: 1.0.0, "

func TestOCIGenerator(t *testing.T) {
	const named = "\ntemplate: {metadata: {name: '%'}, spec: {destination: {name: hub}}}"
	for name, test := range map[string]struct{ spec, name, want string }{
		"directories": {"generators: [{" + generatorOCI + "directories: [{path: '*'}]}}]", "{{.path.basename}}",
			"one two"},
		"deep directories, but one": {"generators: [{" + generatorOCI +
			"directories: [{path: '*'}, {path: '*/*'}, {path: one, exclude: true}]}}]",
			"{{.path.basename}}-{{index .path.segments 0}}", "deep-two two-two"},
		"files": {"generators: [{" + generatorOCI + "files: [{path: '*/config.yaml'}]}}]",
			"{{.app}}-{{.path.basenameNormalized}}", "hidden-hidden one-one two-two"},
		"files in every directory": {"generators: [{" + generatorOCI +
			"files: [{path: '**/config.yaml'}, {path: .hidden/**, exclude: true}]}}]",
			"{{.app}}", "deep one two"},
		"files by alternatives": {"generators: [{" + generatorOCI + "files: [{path: '{one,two}/*.yaml'}]}}]",
			"{{.app}}", "one two"},
		"a star ends at a slash": {"generators: [{" + generatorOCI + "files: [{path: 't*.yaml'}]}}]", "{{.app}}",
			"top"},
		"a directory is no file": {"generators: [{" + generatorOCI + "files: [{path: two}]}}]", "{{.app}}", ""},
		"a path outside is none": {"generators: [{" + generatorOCI +
			"files: [{path: ../own/x.yaml}, {path: /top.yaml}]}}]", "{{.app}}", ""},
		"a list of parameters": {"generators: [{" + generatorOCI + "files: [{path: list.json}]}}]", "{{.app}}",
			"a b"},
		"directories and files": {"generators: [{" + generatorOCI +
			"directories: [{path: one}], files: [{path: top.yaml}]}}]", "{{.path.path}}", "one"},
		"values and a prefix": {"generators: [{" + generatorOCI +
			"directories: [{path: one}], pathParamPrefix: my, values: {v: 'x-{{.my.path.path}}'}}}]", "{{.values.v}}",
			"x-one"},
		"a template of its own": {"generators: [{" + generatorOCI +
			"directories: [{path: one}], template: {metadata: {name: own}}, requeueAfterSeconds: 60}}]",
			"{{.path.path}}", "own"},
		"a selector": {"generators: [{" + generatorOCI +
			"files: [{path: '*/config.yaml'}]}, selector: {matchLabels: {app: two}}}]", "{{.app}}", "two"},
		"beside the repository's": {"generators: [{git: {repoURL: 'https://git.example.com/own', revision: HEAD, " +
			"directories: [{path: '*'}]}}, {" + generatorOCI + "directories: [{path: one}]}}]", "{{.path.path}}",
			"one own"},
		"in a matrix": {"generators: [{matrix: {generators: [{" + generatorOCI +
			"files: [{path: '*/config.yaml'}]}}, {clusters: {selector: {matchLabels: {env: test}}}}]}}]",
			"{{.app}}-{{.name}}", "hidden-east one-east two-east"},
		"with parameters of matrix": {"generators: [{matrix: {generators: [{list: {elements: [{of: teams, at: " +
			"one}]}}, {oci: {repoURL: 'oci://r.example.com/{{.of}}', revision: 1.0.0, files: [{path: " +
			"'{{.at}}/*.yaml'}]}}]}}]", "{{.app}}-{{.of}}", "one-teams"},
		"in a merge": {"generators: [{merge: {mergeKeys: [app], generators: [{list: {elements: [{app: one, x: list}, " +
			"{app: three, x: list}]}}, {" + generatorOCI +
			"files: [{path: one/config.yaml}], values: {x: artifact}}}]}}]", "{{.app}}-{{.x}}", "one-list three-list"},
		"in a matrix in a merge": {"generators: [{merge: {mergeKeys: [app], generators: [{matrix: {generators: [{" +
			generatorOCI + "files: [{path: one/config.yaml}]}}, {list: {elements: [{part: z}]}}]}}, " +
			"{list: {elements: [{app: one, x: list}]}}]}}]", "{{.app}}-{{.x}}-{{.part}}", "one-list-z"},
	} {
		t.Run(name, func(t *testing.T) {
			object := set(t, test.spec+strings.ReplaceAll(named, "%", test.name))
			before := set(t, test.spec+strings.ReplaceAll(named, "%", test.name))
			x, _ := expandOCI(t, object)
			require.Empty(t, messages(x.Problems))
			require.Empty(t, messages(x.Warnings))
			require.Equal(t, test.want, strings.Join(names(x.Applications), " "))
			require.Equal(t, before, object, "what is given is left alone")
		})
	}
	x, asked := expandOCI(t, plainSet(t, "generators: [{"+generatorOCI+
		"files: [{path: top.yaml}, {path: '*/config.yaml'}, {path: .hidden/*, exclude: true}]}}]\n"+
		"template: {metadata: {name: '{{app}}-{{path.filename}}'}, spec: {destination: {name: hub}}}"))
	require.Equal(t, []string{"one-config.yaml", "top-top.yaml", "two-config.yaml"}, names(x.Applications))
	require.Equal(t, []string{"oci://r.example.com/teams 1.0.0"}, asked, "it is fetched once")
}

func TestOCIGeneratorFails(t *testing.T) {
	for name, test := range map[string]struct{ generator, want string }{
		"no such artifact": {
			"oci: {repoURL: 'oci://r.example.com/none', revision: 1.0.0, directories: [{path: '*'}]}",
			"the registry has no such artifact"},
		"no registry": {"oci: {repoURL: 'https://git.example.com/own', revision: HEAD, directories: [{path: '*'}]}", `the address "https://git.example.com/own" of the generator oci does not begin with oci://`},
		"neither": {"oci: {repoURL: 'oci://r.example.com/teams', revision: 1.0.0}",
			"ApplicationSet is empty"},
		"a file that is none": {generatorOCI + "files: [{path: bad.yaml}]}",
			"oci: unable to process file 'bad.yaml' from repository 'oci://r.example.com/teams'"},
		"a wrong pattern": {generatorOCI + "files: [{path: '['}]}", `"[": syntax error in pattern`},
		"many alternatives": {generatorOCI + "files: [{path: '" + strings.Repeat("{a,b}", 9) + "'}]}",
			"has more than 4 alternatives in braces, or 2 ** besides"},
		"both": {generatorOCI + "files: [{path: x}]}, git: {repoURL: x}",
			"spec.generators[0] has the generators git and oci at once: write two entries"},
		"a wrong type": {"oci: {repoURL: 'oci://r.example.com/teams', directories: {path: x}}",
			"spec.generators[0].oci.directories must be a list, not object"},
		"no map": {"oci: text", "spec.generators[0].oci must be a map, not string"},
		"a wrong type inside": {"matrix: {generators: [{list: {}}, {oci: {repoURL: 1}}]}",
			"spec.generators[0].matrix.generators[1].oci.repoURL must be a string, not number"},
		"an unusable template": {generatorOCI + "files: [{path: top.yaml}], values: {a: '{{now}}'}}", `spec.generators[0].oci.values.a: template "{{now}}": the function now gives another result`},
	} {
		t.Run(name, func(t *testing.T) {
			x, _ := expandOCI(t, set(t, "generators: [{"+test.generator+"}]"))
			require.Empty(t, x.Applications)
			require.Len(t, x.Problems, 1)
			require.ErrorContains(t, x.Problems[0], test.want)
			require.NotContains(t, x.Problems[0].Error(), "generator:oci")
			require.NotContains(t, x.Problems[0].Error(), "from git")
		})
	}
}

func TestOCIGeneratorOfOtherVersions(t *testing.T) {
	spec := "generators: [{" + generatorOCI + "directories: [{path: one}], more: 1, template: {spec: {later: 2}}}}]\n" +
		"template: {metadata: {name: '{{.path.basename}}'}, spec: {destination: {name: hub}}}"
	x, _ := expandOCI(t, set(t, spec))
	require.Equal(t, []string{"one"}, names(x.Applications))
	require.InDelta(t, 2, at(x.Applications[0].Object, "spec", "later"), 0)
	require.Contains(t, strings.Join(messages(x.Warnings), "\n"), "does not know the field spec.generators[0].oci.more")

	for _, v := range argocd.Versions {
		var asked []string
		if v.Name == argocd.Newest().Name {
			continue
		}
		e, err := application.New(artifactsOf(v, &asked), threeClusters())
		require.NoError(t, err)
		x := e.Expand(t.Context(), set(t, spec))
		require.Empty(t, x.Applications, v.Name)
		require.Contains(t, strings.Join(messages(x.Warnings), "\n"), "spec.generators[0].oci", v.Name)
		require.Empty(t, asked)
	}
}

func TestOCIGeneratorWithoutRegistries(t *testing.T) {
	x := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: [{"+generatorOCI+
		"directories: [{path: one}]}}]"))
	require.Len(t, x.Problems, 1)
	require.ErrorContains(t, x.Problems[0],
		"the generator oci needs a network or a cluster, so that only Argo CD itself can expand it")
}
