package e2e

import (
	"strings"
	"testing"
)

// The options of Kustomize, each alone and together.
func TestKustomizeSource(t *testing.T) {
	repository := newFleet(t)
	const patch = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: app}, spec: {template: {spec: {priorityClassName: high}}}}\n"
	for name, content := range map[string]string{
		"base/kustomization.yaml": `
resources: [app.yaml, job.yaml]
labels: [{pairs: {made-by: base}}]
commonAnnotations: {note: base}
images: [{name: example.com/side, newTag: "2"}]
configMapGenerator: [{name: settings, literals: [a=1, b=two], files: [notes.txt]}]
secretGenerator: [{name: secret, type: Opaque, envs: [secret.env], options: {disableNameSuffixHash: true}}]
`,
		"base/app.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - {name: app, image: example.com/app:1, envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: secret}}]}
      - {name: side, image: example.com/side}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec: {replicas: 1, serviceName: app, selector: {matchLabels: {app: store}}, template: {metadata: {labels: {app: store}}, spec: {containers: [{name: app, image: "example.com/app@sha256:abc"}]}}}
`,
		"base/job.yaml":             "{apiVersion: batch/v1, kind: Job, metadata: {name: job, annotations: {argocd.argoproj.io/hook: Sync}}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: example.com/app}]}}}}\n",
		"base/notes.txt":            "some\nnotes\n",
		"base/secret.env":           "PASSWORD=no-secret\nUSER=nobody\n",
		"base/patch.yaml":           patch,
		"overlay/patch.yaml":        patch,
		"legacy/patch.yaml":         patch,
		"overlay/more/service.yaml": "{apiVersion: v1, kind: Service, metadata: {name: more, namespace: own}, spec: {ports: [{port: 1}]}}\n",
		"overlay/kustomization.yml": `
resources: [../base, more/service.yaml]
namespace: overlay
namePrefix: over-
components: [../component]
patches:
- path: patch.yaml
- {target: {kind: StatefulSet}, patch: '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'}
replacements: [{source: {kind: Service, name: app, fieldPath: spec.ports.0.port}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.metadata.annotations.port], options: {create: true}}]}]
`,
		"component/kustomization.yaml":             "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, labels: [{pairs: {component: 'yes'}, includeSelectors: false}]}\n",
		"component-2/kustomization.yaml":           "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, nameSuffix: -two}\n",
		"written/Kustomization":                    "resources: [../base]\n",
		"written/.argocd-source.yaml":              "kustomize: {images: ['example.com/app:written'], nameSuffix: -written}\n",
		"crds/kustomization.yaml":                  "resources: [all.yaml]\nnamespace: of-crds\n",
		"crds/all.yaml":                            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: ones.example.com}, spec: {group: example.com, scope: Cluster}}\n---\n{apiVersion: example.com/v1, kind: One, metadata: {name: one}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: some}}\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: some}, subjects: [{kind: ServiceAccount, name: a, namespace: old}]}\n",
		"broken/kustomization.yaml":                "resources: [nope.yaml]\n",
		"empty/kustomization.yaml":                 "namePrefix: a-\n",
		"generated/kustomization.yaml":             "resources: [../base]\ngenerators: [generator.yaml]\n",
		"generated/generator.yaml":                 "{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: generated}, literals: [x=y]}\n",
		"legacy/kustomization.yaml":                "bases: [../base]\ncommonLabels: {old: style}\npatchesStrategicMerge: [patch.yaml]\npatchesJson6902: [{target: {version: v1, kind: Service, name: app}, patch: '[{\"op\": \"add\", \"path\": \"/spec/type\", \"value\": \"NodePort\"}]'}]\n",
		"legacy/.gitkeep":                          "",
		"directory-in-name/sub/a.yaml":             "",
		"directory-in-name/sub/cm.yaml":            "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}}\n",
		"directory-in-name/sub/kustomization.yaml": "resources: [cm.yaml]\n",
	} {
		repository.write(t, "kustomize/"+name, content)
		if file, found := strings.CutPrefix(name, "base/"); found {
			repository.write(t, "kustomize/options/"+file, content) // Argo CD edits the kustomization, and others would see that
		}
	}
	option := func(options string) sourceCase {
		return sourceCase{source: "{path: kustomize/options, kustomize: " + options + "}"}
	}
	compareSources(t, repository, newShelf(t), map[string]sourceCase{
		"base":               {source: "{path: kustomize/base}"},
		"overlay":            {source: "{path: kustomize/overlay}"},
		"legacy":             {source: "{path: kustomize/legacy}"},
		"crds":               {source: "{path: kustomize/crds}"},
		"generated":          {source: "{path: kustomize/generated}"},
		"sub":                {source: "{path: kustomize/directory-in-name/sub}"},
		"written":            {source: "{path: kustomize/written}"},
		"written-merged":     {source: "{path: kustomize/written, kustomize: {namePrefix: p-, nameSuffix: -s, images: ['example.com/side:9']}}"},
		"prefix":             option("{namePrefix: p-}"),
		"suffix":             option("{nameSuffix: -s}"),
		"namespace":          option("{namespace: other}"),
		"namespace-of-crds":  {source: "{path: kustomize/crds, kustomize: {namespace: other}}"},
		"namespace-twice":    {source: "{path: kustomize/overlay, kustomize: {namespace: other, namePrefix: p-}}"},
		"images":             option("{images: ['example.com/app:2', 'example.com/side=registry.example.com/side:3']}"),
		"images-digest":      option("{images: ['example.com/app@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3']}"),
		"images-name":        option("{images: ['example.com/app=other.example.com/app']}"),
		"replicas":           option("{replicas: [{name: app, count: 5}, {name: store, count: '7'}]}"),
		"labels":             option("{commonLabels: {team: red, app: '$ARGOCD_APP_NAME'}, forceCommonLabels: true}"),
		"labels-new":         option("{commonLabels: {team: red}}"),
		"labels-no-selector": option("{commonLabels: {team: red}, labelWithoutSelector: true}"),
		"annotations":        option("{commonAnnotations: {own: '1', path: '$ARGOCD_APP_SOURCE_PATH'}}"),
		"annotations-env":    option("{commonAnnotations: {own: '1', path: '$ARGOCD_APP_SOURCE_PATH'}, commonAnnotationsEnvsubst: true}"),
		"annotations-force":  option("{commonAnnotations: {note: forced}, forceCommonAnnotations: true}"),
		"patches":            option("{patches: [{path: patch.yaml}, {target: {kind: Service}, patch: \"- {op: replace, path: /spec/ports/0/port, value: 81}\", options: {allowNameChange: true}}]}"),
		"patches-merge":      option("{patches: [{target: {labelSelector: made-by=base, kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: app, labels: {a: b}}, spec: {replicas: null}}'}]}"),
		"components":         option("{components: [../component, ../component-2]}"),
		"components-nope":    {source: "{path: kustomize/options, kustomize: {components: [../nope]}}", fails: "nope"},
		"all":                option("{namePrefix: p-, nameSuffix: -s, namespace: other, images: ['example.com/app:2'], replicas: [{name: app, count: 2}], commonLabels: {team: red}, commonAnnotations: {a: b}, components: [../component], patches: [{path: patch.yaml}]}"),
		"broken":             {source: "{path: kustomize/broken}", fails: "nope.yaml"},
		"unknown-patch":      {source: "{path: kustomize/options, kustomize: {patches: [{path: nope.yaml}]}}", fails: "nope.yaml"},
	})
}

// The options of a plain directory.
func TestDirectorySource(t *testing.T) {
	repository := newFleet(t)
	object := func(name string) string { return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n" }
	for name, content := range map[string]string{
		"b.yaml":             object("b"),
		"a.yml":              "# comment\n---\n" + object("a1") + "---\n\n---\n" + object("a2"),
		"c.json":             `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c1"}}, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "c2"}, "stringData": {"a": "b"}}]}`,
		"Z.yaml":             object("z"),
		"README.md":          "no object\n",
		"notes.txt":          "no object\n",
		"values.yaml.tpl":    "{{ no yaml }}\n",
		"deep/d.yaml":        object("d"),
		"deep/er/e.yaml":     object("e"),
		"deep/er/e.json":     `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}`,
		".hidden/h.yaml":     object("hidden"),
		".dot.yaml":          object("dot"),
		"skipped.yaml":       "# +argocd:skip-file-rendering\n{{ no yaml }}\n",
		"numbers.yaml":       "apiVersion: example.com/v1\nkind: Numbers\nmetadata: {name: numbers}\nspec: {int: 1, big: 123456789012, float: 1.50, exp: 1e3, octal: 0o17, yes: yes, text: \"1\", 'null': null, date: 2024-01-02}\n",
		"namespaces.yaml":    "apiVersion: v1\nkind: Namespace\nmetadata: {name: some}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}\n",
		"generated.yaml":     "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: job-, annotations: {argocd.argoproj.io/hook: Sync}}\n",
		"multi/list.yaml":    "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2}}\n",
		"multi/crlf.yaml":    "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: crlf\r\n",
		"multi/anchors.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: anchors}\ndata: &data {a: b}\nmore: *data\n",
		"multi/many.json":    "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"many\"}}\n",
	} {
		repository.write(t, "directory/"+name, content)
	}
	repository.write(t, "broken/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: [\n")
	repository.write(t, "broken/values.yaml", "a: [\n")
	repository.write(t, "broken/b.yaml", object("b"))
	repository.write(t, "flow/c.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n") // which v2 takes for JSON
	option := func(options string) sourceCase {
		return sourceCase{source: "{path: directory, directory: " + options + "}"}
	}
	compareSources(t, repository, newShelf(t), map[string]sourceCase{
		"plain":            {source: "{path: directory}"},
		"slashes":          {source: "{path: ./directory/}"},
		"recurse":          option("{recurse: true}"),
		"include":          option("{include: '*.json'}"),
		"include-some":     option("{include: '{a.yml,c.json,deep/*}', recurse: true}"),
		"include-deep":     option("{include: 'deep/**', recurse: true}"),
		"include-star":     option("{include: '*.yaml', recurse: true}"),
		"include-starstar": option("{include: '**/*.yaml', recurse: true}"),
		"exclude":          option("{exclude: '*.json'}"),
		"exclude-deep":     option("{exclude: 'deep/*', recurse: true}"),
		"exclude-some":     option("{exclude: '{deep/er/*,numbers.yaml}', recurse: true}"),
		"exclude-question": option("{exclude: '?.yaml'}"),
		"include-exclude":  option("{include: '{*.yaml,**/*.yaml}', exclude: 'deep/**', recurse: true}"),
		"include-class":    option("{include: '[a-c].*'}"),
		"multi":            {source: "{path: directory/multi}"},
		"broken":           {source: "{path: broken}", fails: "a.yaml"},
		"broken-excluded":  {source: "{path: broken, directory: {exclude: a.yaml}}"},
		"flow":             {source: "{path: flow}", newest: true},
		"include-name":     {source: "{path: directory, directory: {include: 'e.*', recurse: true}}", nothing: true},
		"nowhere":          {source: "{path: nowhere}", fails: "nowhere"},
		"outside":          {source: "{path: ../..}", fails: ".."},
		"several":          {source: "[{path: directory, directory: {include: b.yaml}}, {path: directory/deep}, {path: directory/multi}]"},
	})
}
