package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// setOf returns an ApplicationSet of generators in flow style, or of what follows for "[]", whose Applications have
// this annotation.
func setOf(generators, annotation string) string {
	if generators != "[]" {
		generators = " [" + generators + "]"
	} else {
		generators = ""
	}
	return fmt.Sprintf(`apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: victim}
spec:
  goTemplate: true
  template:
    metadata: {name: "{{ .name }}-app", annotations: {a: %s}}
    spec:
      project: default
      destination: {name: hub, namespace: x}
      source: {repoURL: https://git.example.com/fleet, path: charts/app, targetRevision: main}
  generators:%s
`, quoted(annotation), generators)
}

// set returns a hostile ApplicationSet.
func set(name, text string, files map[string]string) hostile {
	h := hostile{name: "set/" + name, command: expandFiles, want: "victim|apps.yaml", may: true, others: true,
		files: map[string]string{"apps.yaml": text}}
	for file, data := range files {
		h.files[file] = data
	}
	return h
}

const gitURL = "repoURL: https://git.example.com/fleet, revision: main"

// inAllPlaces are the bombs that are put into all places of an ApplicationSet where templates are evaluated.
var inAllPlaces = []string{"doubling print", "doubling concat", "doubling dict", "doubling without a loop",
	"doubling with", "doubling wrapWith",
	"dict in itself", "dict in itself quoted", "dict in itself merged", "dict in itself compared", "regex",
	"regex counts"}

// hostileSetTemplates puts the bombs into the places of an ApplicationSet that are templates.
func hostileSetTemplates() []hostile {
	var out []hostile
	for name, text := range templateBombs {
		out = append(out, set("template/"+name, setOf("{clusters: {}}", text), nil))
		if slices.Contains(inAllPlaces, name) {
			values := setOf("{clusters: {values: {a: "+quoted(text)+"}}}", "{{ .values.a }}")
			out = append(out, set("values/"+name, values, nil))
			matrix := setOf("{matrix: {generators: [{clusters: {}}, {list: {elements: [{a: "+quoted(text)+"}]}}]}}",
				"{{ .a }}")
			out = append(out, set("matrix/"+name, matrix, nil))
			patch := strings.Replace(setOf("{clusters: {}}", "x"), "spec:\n",
				"spec:\n  templatePatch: "+quoted("metadata: {annotations: {b: '"+text+"'}}")+"\n", 1)
			out = append(out, set("patch/"+name, patch, nil))
		}
	}
	loop := "{{ range .list }}{{ range $.list }}{{ range $.list }}{{ end }}{{ end }}{{ end }}"
	long := map[string]string{"git/x.yaml": "name: x\nlist: [" + repeated("1, ", 3000) + "1]\n"}
	generator := "{git: {" + gitURL + ", files: [{path: git/*.yaml}], values: {a: " + quoted(loop) + "}}}"
	patch := func(text string) string {
		return strings.Replace(setOf("{clusters: {}}", "x"), "spec:\n", "spec:\n  templatePatch: "+quoted(text)+"\n", 1)
	}
	oldStyle := strings.Replace(setOf("{clusters: {}}", repeated("{{name}}", 100_000)), "goTemplate: true",
		"goTemplate: false", 1)
	return append(out,
		set("values/loops over a list", setOf(generator, "x"), long),
		set("matrix/loops over a list",
			setOf("{matrix: {generators: [{git: {"+gitURL+", files: [{path: git/*.yaml}]}}, {list: {elements: [{b: "+
				quoted(loop)+"}]}}]}}", "x"), long),
		set("patch/laughs", patch(yamlBombs[0].text()), nil),
		set("patch/long anchor", patch(yamlBombs[1].text()), nil),
		set("patch/deep", patch("a: "+repeated("[", 1<<20)), nil),
		set("patch/made of many", patch("{{ range until 15000 }}\nk{{ . }}: 1{{ end }}"), nil),
		set("patch/anchor made of many", patch("a: &a {{ repeat 1000000 \"x\" }}\nb: [{{ repeat 100000 \"*a,\" }}*a]"),
			nil),
		set("patch/no patch", patch("[1, 2]"), nil),
		set("fasttemplate", oldStyle, nil),
		set("option", strings.Replace(setOf("{clusters: {}}", "x"), "goTemplate: true",
			"goTemplate: true\n  goTemplateOptions: [missingkey=error, a=b]", 1), nil),
		set("many options", strings.Replace(setOf("{clusters: {}}", "x"), "goTemplate: true",
			"goTemplate: true\n  goTemplateOptions: ["+repeated("missingkey=error, ", 200_000)+"]", 1), nil),
		set("long name", strings.Replace(setOf("{clusters: {}}", "x"), "{{ .name }}-app", repeated("a", 1<<20), 1),
			nil),
		set("name of lines", strings.Replace(setOf("{clusters: {}}", "x"), "{{ .name }}-app",
			`a\nError: b\ngoroutine 1 [running]:`, 1), nil),
		set("many annotations", strings.Replace(setOf("{clusters: {}}", "x"), "annotations: {",
			"annotations: {"+strings.ReplaceAll(lines(20_000, `k%d: "{{ .name }}",`), "\n", " "), 1), nil),
		set("tpl of tpl", setOf("{clusters: {}}", "{{ tpl \"{{ tpl `{{ tpl \\\"{{ . }}\\\" . }}` . }}\" . }}"), nil),
		set("tpl in a loop", setOf("{clusters: {}}",
			"{{ range until 100000 }}{{ range until 100000 }}{{ $_ := tpl `{{ . }}` . }}{{ end }}{{ end }}"), nil),
		set("tpl of many actions", setOf("{clusters: {}}",
			"{{ range until 10000 }}{{ $_ := tpl (repeat 90000 `{{ 1 }}`) . }}{{ end }}"), nil),
	)
}

// hostileGenerators are the generators of ApplicationSets.
func hostileGenerators() []hostile {
	list := func(count int, key string) string {
		return "{list: {elements: [" + strings.ReplaceAll(lines(count-1, "{"+key+": a%d, name: a%d},"), "\n", " ") +
			"{" + key + ": a, name: a}]}}"
	}
	matrix := func(a, b string) string { return "{matrix: {generators: [" + a + ", " + b + "]}}" }
	merge := func(a, b string) string { return "{merge: {mergeKeys: [name], generators: [" + a + ", " + b + "]}}" }
	git := func(kind, path string) string {
		return "{git: {" + gitURL + ", " + kind + ": [{path: " + quoted(path) + "}]}}"
	}
	deep := map[string]string{}
	for i := range 30 {
		deep["git/"+repeated("a/", i)+"x.yaml"] = "name: x"
	}
	name := map[string]string{"git/" + strings.Repeat("a", 200): "name: x"}
	in := "[" + strings.ReplaceAll(lines(100_000, "v%d,"), "\n", " ") + "v]"
	nested := "{list: {elements: []}}"
	for range 2000 {
		nested = "{matrix: {generators: [" + nested + "]}}"
	}
	return []hostile{
		set("matrix of 5,000 x 5,000", setOf(matrix(list(5000, "a"), list(5000, "b")), "x"), nil),
		set("matrix of 1,000 x 1,000", setOf(matrix(list(1000, "a"), list(1000, "b")), "x"), nil),
		set("matrix of matrices", setOf(
			matrix(matrix(list(60, "a"), list(60, "b")), matrix(list(60, "c"), list(60, "d"))), "x"), nil),
		set("matrix of clusters", setOf(matrix(list(50_000, "a"), "{clusters: {}}"), "x"), nil),
		set("matrix of git", setOf(matrix(list(20_000, "a"), git("directories", "*")), "x"), nil),
		set("matrix of git files", setOf(matrix(list(20_000, "a"), git("files", "git/**")), "x"), deep),
		set("merge of 5,000", setOf(merge(list(5000, "a"), list(5000, "b")), "x"), nil),
		set("merge of 50,000", setOf(merge(list(50_000, "a"), list(50_000, "b")), "x"), nil),
		set("merge of matrices", setOf(
			merge(matrix(list(300, "a"), list(300, "b")), matrix(list(300, "c"), list(300, "d"))), "x"), nil),
		set("list of 200,000", setOf(list(200_000, "a"), "x"), nil),
		set("list of 20,000", setOf(list(20_000, "a"), "{{ .a }}"), nil),
		set("many generators", setOf(repeated("{clusters: {}}, ", 20_000)+"{clusters: {}}", "x"), nil),
		set("many lists", setOf(repeated("{list: {elements: [{name: a}]}}, ", 5000)+"{clusters: {}}", "x"), nil),
		set("nested matrices", setOf(nested, "x"), nil),
		set("elementsYaml that is deep", setOf("{list: {elementsYaml: "+quoted(repeated("[", 1<<20))+"}}", "x"), nil),
		set("elementsYaml that doubles",
			setOf(matrix("{clusters: {}}",
				"{list: {elementsYaml: "+quoted("{{ range until 100000 }}- {a: 1}\n{{ end }}")+"}}"), "x"), nil),
		set("selector of many values",
			setOf("{clusters: {selector: {matchExpressions: [{key: a, operator: In, values: "+in+"}]}}}", "x"), nil),
		set("selector after the generator",
			setOf("{list: {elements: ["+repeated("{name: a, a: b}, ", 5000)+
				"]}, selector: {matchExpressions: [{key: a, operator: NotIn, values: "+in+"}]}}", "x"), nil),
		set("many expressions", setOf("{clusters: {selector: {matchExpressions: ["+
			repeated("{key: a, operator: DoesNotExist}, ", 50_000)+"]}}}", "x"), nil),
		set("many matchLabels", setOf("{clusters: {selector: {matchLabels: {"+
			strings.ReplaceAll(lines(100_000, "k%d: v,"), "\n", " ")+"}}}}", "x"), nil),
		set("many values", setOf("{clusters: {values: {"+
			strings.ReplaceAll(lines(20_000, `k%d: "{{ .name }}",`), "\n", " ")+"}}}", "x"), nil),
		set("values that name each other",
			setOf("{clusters: {values: {a: \"{{ .values.b }}\", b: \"{{ .values.a }}\"}}}", "{{ .values.a }}"), nil),
		set("flat list", setOf("{clusters: {flatList: true}}",
			"{{ range .clusters }}{{ range $.clusters }}{{ .name }}{{ end }}{{ end }}"), nil),
		set("git directories of stars", setOf(git("directories", strings.Repeat("*a", 30)+"b"), "x"), name),
		set("git directories of a class", setOf(git("directories", repeated("[a-z]", 100_000)), "x"), name),
		set("git files of stars", setOf(git("files", "git/"+strings.Repeat("*a", 30)+"b"), "x"), name),
		set("git files of double stars", setOf(git("files", "git/"+strings.Repeat("**/", 30)+"x.yaml"), "x"), deep),
		set("git files of a long pattern", setOf(git("files", repeated("*a", 100_000)), "x"), name),
		set("git files of braces", setOf(git("files", strings.Repeat("{a*,*a}", 30)), "x"), name),
		set("git files that lead out", setOf(git("files", "../../../../etc/*"), "x"), name),
		set("git of many entries", setOf("{git: {"+gitURL+", files: ["+repeated("{path: '**'}, ", 2000)+"]}}", "x"),
			deep),
		set("git of many directories",
			setOf("{git: {"+gitURL+", directories: ["+repeated("{path: '*/*', exclude: true}, ", 50_000)+
				"{path: '*'}]}}", "x"), deep),
		set("git file of a list", setOf(git("files", "git/*.yaml"), "x"),
			map[string]string{"git/x.yaml": "[" + repeated("{name: a}, ", 200_000) + "]"}),
		set("git file that is deep", setOf(git("files", "git/*.json"), "x"),
			map[string]string{"git/x.json": repeated("[", 4<<20)}),
		set("git file of laughs", setOf(git("files", "git/*.yaml"), "x"),
			map[string]string{"git/x.yaml": yamlBombs[0].text()}),
		set("git file of a long anchor", setOf(git("files", "git/*.yaml"), "x"),
			map[string]string{"git/x.yaml": yamlBombs[1].text()}),
		set("git files that are large", setOf(git("files", "git/*.yaml"), "x"),
			map[string]string{"git/x.yaml": lines(200_000, "k%d: 1"), "git/y.yaml": lines(200_000, "k%d: 1"),
				"git/z.yaml": lines(200_000, "k%d: 1")}),
		set("pathParamPrefix", setOf("{git: {"+gitURL+", pathParamPrefix: "+repeated("a", 1<<20)+
			", directories: [{path: '*'}]}}", "x"), nil),
		set("oci of nowhere", setOf(
			"{oci: {repoURL: 'oci://registry.example.com/a', revision: '1', files: [{path: '**'}]}}", "x"), nil),
		set("pullRequest", setOf("{pullRequest: {github: {owner: a, repo: b}}}", "x"), nil),
		set("plugin", setOf("{plugin: {configMapRef: {name: a}}}", "x"), nil),
		set("no generators", setOf("{}", "x"), nil),
		set("generators that are strings", setOf("a, b", "x"), nil),
		set("deep spec", strings.Replace(setOf("{clusters: {}}", "x"), "spec:\n",
			"spec:\n  strategy: "+repeated("{a: ", 9000)+"1"+repeated("}", 9000)+"\n", 1), nil),
		set("wide spec", strings.Replace(setOf("{clusters: {}}", "x"), "spec:\n",
			"spec:\n  x: {"+strings.ReplaceAll(lines(200_000, "k%d: v,"), "\n", " ")+"}\n", 1), nil),
		set("deep valuesObject", strings.Replace(setOf("{clusters: {}}", "x"), "path: charts/app",
			"path: charts/app, helm: {valuesObject: "+repeated("{a: ", 5000)+"1"+repeated("}", 5000)+"}", 1), nil),
		set("many Applications of one name",
			strings.Replace(setOf(list(50_000, "a"), "x"), "{{ .name }}-app", "one", 1), nil),
		set("many sets", repeated(setOf("{clusters: {}}", "x")+"---\n", 5000), nil),
	}
}

// hostileArtifacts are charts and artifacts that come over the network: here from a server of the test, which they
// name.
func hostileArtifacts() []hostile {
	chartOf := func(name, url string) hostile {
		text := strings.Replace(applicationFor("victim", ".", ", chart: app"), "path: ., ", "", 1)
		text = strings.Replace(text, "https://git.example.com/fleet", url, 1)
		text = strings.Replace(text, "targetRevision: main", "targetRevision: 1.0.0", 1)
		return hostile{name: "registry/" + name, command: strings.Replace(renderFiles, "--offline ", "", 1),
			want: "victim|fleet.yaml|apps.yaml", files: map[string]string{
				"apps.yaml": text, "fleet.yaml": "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: {clusters: " +
					"[{name: hub, server: https://hub.example.com}]}\n"}}
	}
	index := "apiVersion: v1\nentries:\n  app:\n"
	answers := map[string]string{
		"index that is large":    index + repeated("#", 60<<20),
		"index of laughs":        yamlBombs[0].text(),
		"index of a long anchor": yamlBombs[1].text(),
		"index that is deep":     "entries: " + repeated("[", 4<<20),
		"index of many versions": index + lines(200_000, "  - {name: app, version: 2.0.%d, urls: [a.tgz]}"),
		"index of many charts": "apiVersion: v1\nentries:\n" +
			lines(150_000, "  a%d: [{name: a%d, version: 1.0.0, urls: [a.tgz]}]"),
		"index of a wrong version": index + "  - {name: app, version: '" + repeated("1.", 1<<20) +
			"', urls: [a.tgz]}\n",
		"index of nulls":          index + "  - null\n  - {version: null}\n",
		"index of a file":         index + "  - {name: app, version: 1.0.0, urls: ['file:///etc/passwd']}\n",
		"index of another server": index + "  - {name: app, version: 1.0.0, urls: ['http://169.254.169.254/a']}\n",
		"index of many URLs": index + "  - {name: app, version: 1.0.0, urls: [" + repeated("x.tgz, ", 200_000) +
			"]}\n",
		"index that is none":         repeated("\x00", 8<<20),
		"index of a gzip":            zippedZeros(100),
		"archive of zeros":           index + "  - {name: app, version: 1.0.0, urls: [zeros.tgz]}\n",
		"archive of many files":      index + "  - {name: app, version: 1.0.0, urls: [many.tgz]}\n",
		"archive of one large file":  index + "  - {name: app, version: 1.0.0, urls: [large.tgz]}\n",
		"archive of deep paths":      index + "  - {name: app, version: 1.0.0, urls: [deep.tgz]}\n",
		"archive that leads out":     index + "  - {name: app, version: 1.0.0, urls: [out.tgz]}\n",
		"archive without end":        index + "  - {name: app, version: 1.0.0, urls: [endless.tgz]}\n",
		"archive that is no archive": index + "  - {name: app, version: 1.0.0, urls: [index.yaml]}\n",
		"archive of redirections":    index + "  - {name: app, version: 1.0.0, urls: [again.tgz]}\n",
	}
	var out []hostile
	for name, answer := range answers {
		h := chartOf(name, "")
		h.serve = func(w http.ResponseWriter, r *http.Request) { answerOf(w, r, answer) }
		out = append(out, h)
	}
	return append(out, chartOf("no server", "https://127.0.0.1:1"), chartOf("no address", "'http://[::1'"),
		chartOf("long address", "https://127.0.0.1:1/"+repeated("a", 1<<20)))
}

// answerOf answers as a chart repository with this index.
func answerOf(w http.ResponseWriter, r *http.Request, index string) {
	const metadata = "{apiVersion: v2, name: app, version: 1.0.0}"
	switch strings.TrimPrefix(r.URL.Path, "/") {
	case "index.yaml":
		_ = expand(w, index)
	case "zeros.tgz":
		_, _ = w.Write([]byte(zippedZeros(300)))
	case "many.tgz":
		_, _ = w.Write([]byte(tarballOf(20_000, "app/f%d")))
	case "large.tgz":
		_, _ = w.Write([]byte(tarball(tarFile{"app/Chart.yaml", metadata, 0}, tarFile{"app/big", "", 600 << 20})))
	case "deep.tgz":
		_, _ = w.Write([]byte(tarball(tarFile{"app/Chart.yaml", metadata, 0},
			tarFile{"app/" + strings.Repeat("a/", 100_000) + "x", "x", 0})))
	case "out.tgz":
		_, _ = w.Write([]byte(tarball(tarFile{"app/Chart.yaml", metadata, 0}, tarFile{"../../x", "x", 0})))
	case "endless.tgz":
		for range 2000 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	default:
		http.Redirect(w, r, "/again.tgz", http.StatusFound)
	}
}
