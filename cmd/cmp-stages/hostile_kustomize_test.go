package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// kustomized returns a hostile kustomization: these files in its directory.
func kustomized(name string, files map[string]string) hostile {
	h := hostile{name: "kustomize/" + name, command: renderFiles, want: "victim|apps.yaml", may: true,
		files: map[string]string{"apps.yaml": applicationFor("victim", "kust", "")}}
	for file, data := range files {
		if file == "apps.yaml" {
			h.files[file] = data
		} else {
			h.files["kust/"+file] = data
		}
	}
	return h
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: abcdefgh}\n"

// hostileKustomizations are kustomizations.
func hostileKustomizations() []hostile {
	objects := func(count int) string {
		return lines(count, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\ndata: {a: b}")
	}
	files := func(count int) map[string]string {
		out := map[string]string{"kustomization.yaml": "resources:\n" + lines(count, "- r%d.yaml")}
		for i := range count {
			out[fmt.Sprintf("r%d.yaml", i)] = fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}", i)
		}
		return out
	}
	copies := func(count int) string {
		operations := "[" + strings.Repeat("{op: copy, from: /data, path: /data/x}, ", count) +
			"{op: test, path: /kind, value: ConfigMap}]"
		return "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '" + operations + "'\n"
	}
	replacements := "resources: [a.yaml]\nreplacements:\n" +
		strings.Repeat("- source: {kind: ConfigMap, fieldPath: data}\n"+
			"  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {create: true}}]\n", 40)
	base := "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, resources: [../a.yaml]}"
	chain := map[string]string{"kustomization.yaml": "resources: [b0]", "b60/kustomization.yaml": "resources: [a.yaml]",
		"b60/a.yaml": configMap}
	doubled := map[string]string{"kustomization.yaml": "resources: [b0]",
		"b20/kustomization.yaml": "resources: [a.yaml]", "b20/a.yaml": configMap}
	for i := range 60 {
		chain[fmt.Sprintf("b%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../b%d]\nnamePrefix: %s", i+1,
			strings.Repeat("p", 100))
	}
	for i := range 20 {
		doubled[fmt.Sprintf("b%d/kustomization.yaml", i)] = "resources: [l, r]"
		doubled[fmt.Sprintf("b%d/l/kustomization.yaml", i)] = fmt.Sprintf("resources: [../../b%d]\nnamePrefix: l", i+1)
		doubled[fmt.Sprintf("b%d/r/kustomization.yaml", i)] = fmt.Sprintf("resources: [../../b%d]\nnamePrefix: r", i+1)
	}
	one := func(kustomization string) map[string]string {
		return map[string]string{"kustomization.yaml": kustomization, "a.yaml": configMap}
	}
	of := func(count int, kustomization string) map[string]string {
		return map[string]string{"kustomization.yaml": "resources: [a.yaml]\n" + kustomization,
			"a.yaml": objects(count)}
	}
	source := func(fields string) map[string]string {
		return map[string]string{"apps.yaml": applicationFor("victim", "kust", ", kustomize: "+fields),
			"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": configMap}
	}
	out := []hostile{
		kustomized("copies", one(copies(60))),
		kustomized("many copies", one(copies(20_000))),
		kustomized("copies of lists", one(
			"resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[{op: add, path: /l, value: [1]}, "+
				strings.Repeat("{op: copy, from: /l, path: /l/-}, ", 60)+
				"{op: test, path: /kind, value: ConfigMap}]'\n")),
		kustomized("replacements", one(replacements)),
		kustomized("replacements of all",
			of(2000, "replacements:\n"+strings.Repeat("- source: {kind: ConfigMap, name: a1, fieldPath: data}\n"+
				"  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {create: true}}]\n", 40))),
		kustomized("replacement of delimiters",
			one("resources: [a.yaml]\nreplacements:\n- source: {kind: ConfigMap, fieldPath: data.a}\n"+
				"  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a], options: {delimiter: a, index: "+
				"100000000}}]\n")),
		kustomized("5,000 files", files(5000)),
		kustomized("1,000 files", files(1000)),
		kustomized("5,000 objects", of(5000, "")),
		kustomized("20,000 objects", of(20_000, "")),
		kustomized("100,000 objects", of(100_000, "")),
		kustomized("3,000 objects with a prefix",
			of(3000, "namePrefix: p-\nnamespace: x\ncommonLabels: {a: b}\ncommonAnnotations: {c: d}\n")),
		kustomized("3,000 objects with patches",
			of(3000, "patches:\n"+strings.Repeat(
				"- target: {kind: ConfigMap}\n  patch: '[{op: add, path: /data/x, value: y}]'\n", 100))),
		kustomized("3,000 objects with images", of(3000, "images:\n"+lines(1000, "- {name: a%d, newTag: b}"))),
		kustomized("3,000 objects of references",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\nnamePrefix: p-\n",
				"a.yaml": lines(1500,
					"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n---\napiVersion: v1\nkind: "+
						"Pod\nmetadata: {name: b%d}\nspec: {volumes: [{name: a, configMap: {name: a%d}}]}")}),
		kustomized("deep chain of bases", chain),
		kustomized("doubling bases", doubled),
		kustomized("base that holds it", map[string]string{"kustomization.yaml": "resources: [..]"}),
		kustomized("base in itself", map[string]string{"kustomization.yaml": "resources: [.]"}),
		kustomized("bases in a circle", map[string]string{"kustomization.yaml": "resources: [b]",
			"b/kustomization.yaml": "resources: [../c]", "c/kustomization.yaml": "resources: [../b]"}),
		kustomized("components in a circle",
			map[string]string{"kustomization.yaml": "components: [b]",
				"b/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\ncomponents: " +
					"[../b]"}),
		kustomized("one component many times",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\ncomponents: [" + repeated("c, ", 5000) + "c]",
				"a.yaml": configMap,
				"c/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: " +
					"p\n"}),
		kustomized("one base many times",
			map[string]string{"kustomization.yaml": "resources: [" + repeated("b, ", 5000) + "b]",
				"b/kustomization.yaml": base}),
		kustomized("many base directories",
			map[string]string{"kustomization.yaml": "resources: [" + repeated("b/", 5000) + "b]"}),
		kustomized("pattern of the regular expressions",
			of(1000, "patches:\n- target: {name: '((a{0,10}){0,10}){0,10}b'}\n  patch: '[{op: add, path: /data/x, "+
				"value: y}]'\n")),
		kustomized("long regular expression",
			one("resources: [a.yaml]\npatches:\n- target: {name: '"+repeated("(a|b)*", 200_000)+"'}\n  patch: '[]'\n")),
		kustomized("label selector", one("resources: [a.yaml]\npatches:\n- target: {labelSelector: 'a in ("+
			repeated("b,", 500_000)+"b)'}\n  patch: '[]'\n")),
		kustomized("annotation selector",
			of(2000, "patches:\n- target: {annotationSelector: 'a in ("+repeated("b,", 100_000)+
				"b)'}\n  patch: '[]'\n")),
		kustomized("configMapGenerator of literals",
			one("configMapGenerator:\n- name: a\n  literals:\n"+lines(100_000, "  - k%d=v"))),
		kustomized("configMapGenerator of files",
			one("configMapGenerator:\n- name: a\n  files:\n"+lines(20_000, "  - k%d=a.yaml"))),
		kustomized("configMapGenerator of one large file",
			map[string]string{"kustomization.yaml": "configMapGenerator:\n- name: a\n  files:\n" +
				lines(1000, "  - k%d=big"), "big": repeated("x", 5<<20)}),
		kustomized("many configMapGenerators",
			one("configMapGenerator:\n"+lines(5_000, "- {name: a%d, literals: [a=b]}"))),
		kustomized("secretGenerator of an env file",
			map[string]string{"kustomization.yaml": "secretGenerator:\n- {name: a, envs: [env]}",
				"env": lines(300_000, "k%d=v")}),
		kustomized("generator of binary files",
			map[string]string{"kustomization.yaml": "secretGenerator:\n- {name: a, files: [big]}",
				"big": repeated("\xff\x00", 4<<20)}),
		kustomized("vars", of(100, "vars:\n"+lines(1000,
			"- {name: V%d, objref: {apiVersion: v1, kind: ConfigMap, name: a1}, fieldref: {fieldPath: data.a}}"))),
		kustomized("crds", map[string]string{"kustomization.yaml": "resources: [a.yaml]\ncrds: [c.json]",
			"a.yaml": configMap, "c.json": `{"a": ` + repeated("[", 1<<20)}),
		kustomized("openapi", map[string]string{"kustomization.yaml": "resources: [a.yaml]\nopenapi: {path: o.json}",
			"a.yaml": configMap,
			"o.json": `{"definitions": {` +
				strings.ReplaceAll(lines(50_000, `"a%d": {"properties": {"a": {"$ref": "#/definitions/a%d"}}},`), "\n",
					"") + `"z": {}` + `}}`}),
		kustomized("openapi in itself",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\nopenapi: {path: o.json}\npatches: [{patch: " +
				"'{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: {c: {d: e}}}}'}]",
				"a.yaml": configMap, "o.json": `{"definitions": {"v1.ConfigMap": {"properties": {"data": {"$ref": "#/definitions/v1.ConfigMap"}}, "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "ConfigMap"}]}}}`}),
		kustomized("openapi of a circle",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\nopenapi: {path: o.json}\npatches: [{patch: " +
				"'{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: {c: {d: e}}}}'}]",
				"a.yaml": configMap, "o.json": `{"definitions": {"v1.ConfigMap": {"$ref": "#/definitions/b", "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "ConfigMap"}]}, "b": {"$ref": "#/definitions/v1.ConfigMap"}}}`}),
		kustomized("strategic merge of lists",
			of(1, "patchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a0}\n  "+
				"list: ["+repeated("{name: a}, ", 5_000)+"]\n")),
		kustomized("merge of many containers",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: b.yaml}]",
				"a.yaml": deployment(5000), "b.yaml": deployment(5000)}),
		kustomized("patch of deep objects",
			one("resources: [a.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, a: "+
				repeated("{a: ", 9000)+"1"+repeated("}", 9000)+"}'\n")),
		kustomized("many patches", one("resources: [a.yaml]\npatches:\n"+
			lines(10_000, "- patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k%d: v}}'"))),
		kustomized("patch paths", one(
			"resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[{op: add, path: \"/data"+
				repeated("/a", 500_000)+"\", value: 1}]'\n")),
		kustomized("patch index", one(
			"resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[{op: add, path: /l, value: []}, "+
				"{op: add, path: /l/99999999999, value: 1}]'\n")),
		kustomized("replicas", of(1000, "replicas:\n"+lines(2000, "- {name: a%d, count: 1000000000}"))),
		kustomized("long prefix", of(3000, "namePrefix: "+repeated("p", 100_000)+"\n")),
		kustomized("long annotations", of(3000, "commonAnnotations: {a: "+repeated("p", 1_000_000)+"}\n")),
		kustomized("many labels", of(1000, "labels:\n"+lines(1000, "- {pairs: {k%d: v}, includeSelectors: true}"))),
		kustomized("sortOptions", of(2000, "sortOptions: {order: legacy, legacySortOptions: {orderFirst: ["+
			strings.ReplaceAll(lines(50_000, "K%d,"), "\n", " ")+"]}}\n")),
		kustomized("remote base",
			map[string]string{"kustomization.yaml": "resources: ['https://github.com/a/b?ref=main']"}),
		kustomized("remote file", map[string]string{"kustomization.yaml": "resources: ['https://example.com/a.yaml']"}),
		kustomized("helmCharts", map[string]string{"kustomization.yaml": "helmCharts: [{name: a, repo: " +
			"https://example.com}]"}),
		kustomized("function", map[string]string{"kustomization.yaml": "transformers: [t.yaml]",
			"t.yaml": "apiVersion: v1\nkind: A\nmetadata: {name: a, annotations: {config.kubernetes.io/function: " +
				"'container: {image: a}'}}\n"}),
		kustomized("transformer of replacements",
			map[string]string{"kustomization.yaml": "resources: [a.yaml]\ntransformers: [t.yaml]", "a.yaml": configMap,
				"t.yaml": "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: a}\nreplacements:\n" +
					strings.Repeat("- source: {kind: ConfigMap, fieldPath: data}\n"+
						"  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {create: true}}]\n",
						40)}),
		kustomized("no kustomization", map[string]string{"kustomization.yaml": repeated("x", 5<<20)}),
		kustomized("two kustomizations", map[string]string{"kustomization.yaml": "{}", "Kustomization": "{}"}),
		kustomized("list of objects", map[string]string{"kustomization.yaml": "resources: [a.yaml]",
			"a.yaml": "apiVersion: v1\nkind: List\nitems:\n" +
				lines(20_000, "- {apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}")}),
		kustomized("Application's images", source("{images: ["+repeated("'a=b:c', ", 100_000)+"]}")),
		kustomized("Application's patches",
			source("{patches: [{target: {kind: ConfigMap}, patch: '["+
				strings.Repeat("{op: copy, from: /data, path: /data/x}, ", 60)+
				"{op: test, path: /kind, value: ConfigMap}]'}]}")),
		kustomized("Application's components",
			source("{components: ['"+strings.Repeat("*a", 40)+"b', '"+strings.Repeat("*/", 200)+"*']}")),
		kustomized("Application's annotations",
			source("{commonAnnotationsEnvsubst: true, commonAnnotations: {a: '"+repeated("$ARGOCD_APP_NAME", 100_000)+
				"'}}")),
		kustomized("Application's prefix", source("{namePrefix: "+repeated("a", 1<<20)+"}")),
		kustomized("Application's replicas", source("{replicas: [{name: a, count: 9999999999999}]}")),
	}
	loop := kustomized("links in a circle", map[string]string{"kustomization.yaml": "resources: [x]"})
	loop.prepare = func(dir string) error {
		return os.Symlink("y", filepath.Join(dir, "kust", "x"))
	}
	return append(out, loop)
}

func deployment(containers int) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      " +
		"containers:\n" +
		lines(containers, "      - {name: c%d, image: x, env: [{name: a, value: b}]}")
}

// hostileDirectories are directory sources.
func hostileDirectories() []hostile {
	directory := func(name, fields string, files map[string]string) hostile {
		h := hostile{name: "directory source/" + name, command: renderFiles, want: "victim|dir/|apps.yaml", may: true,
			files: map[string]string{"apps.yaml": applicationFor("victim", "dir", ", directory: "+fields),
				"dir/a.yaml": configMap}}
		for file, data := range files {
			h.files["dir/"+file] = data
		}
		return h
	}
	long := map[string]string{strings.Repeat("a", 200) + ".yaml": configMap}
	out := []hostile{
		directory("include of stars", "{include: '"+strings.Repeat("*a", 30)+"b'}", long),
		directory("include of braces", "{include: '"+strings.Repeat("{a*,*a}", 30)+"b'}", long),
		directory("include of nested braces", "{include: '"+repeated("{a,", 2000)+repeated("}", 2000)+"'}", long),
		directory("exclude of stars", "{exclude: '"+strings.Repeat("**a", 30)+"b'}", long),
		directory("exclude of question marks", "{exclude: '"+strings.Repeat("*?", 60)+"b'}", long),
		directory("include of classes", "{include: '"+repeated("[a-z]", 200_000)+"'}", long),
		directory("include of alternatives", "{include: '{"+repeated("*a*b,", 100_000)+"}'}", long),
		directory("include of many stars", "{include: '"+repeated("*", 500_000)+"b'}", long),
		directory("include that is wrong", "{include: '[a'}", long),
		directory("many documents", "{}",
			map[string]string{"b.yaml": lines(200_000, "---\n{apiVersion: v1, kind: A, metadata: {name: a%d}}")}),
		directory("many empty documents", "{}", map[string]string{"b.yaml": configMap + repeated("---\n", 2_000_000)}),
		directory("lists", "{}", map[string]string{"b.yaml": "apiVersion: v1\nkind: List\nmetadata: {}\nitems:\n" +
			lines(150_000, "- {apiVersion: v1, kind: A, metadata: {name: a%d}}")}),
		directory("deep JSON", "{}", map[string]string{"b.json": `{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "a": ` + repeated("[", 4<<20)}),
		directory("wide JSON", "{}", map[string]string{"b.json": `{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "a": [` + repeated("[],", 2<<20) + "1]}"}),
		directory("JSON numbers", "{}",
			map[string]string{"b.json": `{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "a": ` +
				repeated("9", 4<<20) + "}"}),
		directory("JSON keys", "{}", map[string]string{"b.json": `{"kind": "A", ` +
			strings.ReplaceAll(lines(500_000, `"k%d": 1,`), "\n", "") + `"a": 1}`}),
		directory("JSON of braces", "{}",
			map[string]string{"b.yaml": repeated("{", 4<<20) + "apiVersion: kind: metadata:"}),
		directory("wrong documents", "{}", map[string]string{"b.yaml": configMap + lines(200_000, "---\nkind: %d")}),
		directory("same objects", "{}", map[string]string{"b.yaml": repeated("---\n"+configMap, 60_000)}),
		directory("UTF-16", "{}", map[string]string{"b.yaml": "\xff\xfe" + repeated("a\x00\n\x00", 2<<20)}),
		directory("odd UTF-16", "{}", map[string]string{"b.yaml": "\xfe\xff" + repeated("\xd8\x00", 1<<20) + "\x00"}),
		directory("Jsonnet", "{}", map[string]string{"b.jsonnet": "local f(x) = f(x); f(1)"}),
		directory("too large together", "{recurse: true}", map[string]string{"b.yaml": configMap + repeated("#", 9<<20),
			"c/b.yaml": configMap + repeated("#", 9<<20)}),
		directory("IAM policies", "{}",
			map[string]string{"b.yaml": "apiVersion: iam.aws.upbound.io/v1beta1\nkind: Policy\nmetadata: {name: " +
				"a}\nspec: {forProvider: {policy: '" + repeated("[", 1<<20) + "'}}"}),
		directory("no extension filter", "{disableExtensionFilter: true, recurse: true}",
			map[string]string{"b.bin": repeated("\x00", 9<<20)}),
		directory("many files", "{recurse: true}", nil), directory("deep directories", "{recurse: true}", nil),
		directory("links in a circle", "{recurse: true}", nil), directory("FIFO", "{}", nil),
		directory("sparse file", "{}", nil),
	}
	special := map[string]func(dir string) error{
		"directory source/many files": func(dir string) error {
			return makeMany(50_000, dir, "f%d.yaml",
				configMap)
		},
		"directory source/deep directories": func(dir string) error {
			return os.MkdirAll(
				filepath.Join(dir, repeated("a/", 1500)), 0o755)
		},
		"directory source/links in a circle": func(dir string) error {
			return os.Symlink(".",
				filepath.Join(dir, "x"))
		},
		"directory source/FIFO": func(dir string) error { return makeFIFO(filepath.Join(dir, "x.yaml")) },
		"directory source/sparse file": func(dir string) error {
			return specialFiles[0].make(
				filepath.Join(dir, "x.yaml"))
		},
	}
	for i, h := range out {
		if prepare := special[h.name]; prepare != nil {
			out[i].prepare = func(dir string) error { return prepare(filepath.Join(dir, "dir")) }
		}
	}
	return out
}
