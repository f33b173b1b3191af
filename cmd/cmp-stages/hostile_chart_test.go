package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// chart returns a hostile chart: these files in its directory.
func chart(name string, files map[string]string) hostile {
	h := hostile{name: "chart/" + name, command: renderFiles, want: "victim|apps.yaml", may: true,
		files: map[string]string{}}
	for file, data := range files {
		if strings.HasPrefix(file, "../") {
			h.files[strings.TrimPrefix(file, "../")] = data
		} else {
			h.files["charts/app/"+file] = data
		}
	}
	return h
}

// hostileCharts are charts that are wrong elsewhere than in their templates.
func hostileCharts() []hostile {
	const sub = "{apiVersion: v2, name: sub, version: 1.0.0}"
	many := map[string]string{}
	for i := range 5000 {
		many[fmt.Sprintf("templates/t%d.yaml", i)] = fmt.Sprintf(
			"{apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}", i)
	}
	nested := map[string]string{}
	for depth, path := 0, ""; depth < 60; depth++ {
		nested[path+"Chart.yaml"] = "{apiVersion: v2, name: app, version: 1.0.0}"
		nested[path+"templates/x.yaml"] = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
		path += "charts/app/"
	}
	aliases := "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n" +
		lines(5000, "- {name: sub, version: 1.0.0, alias: a%d}")
	imports := "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- name: sub\n  version: 1.0.0\n  " +
		"import-values:\n" + lines(20000, "  - {child: a, parent: b.c%d}")
	out := []hostile{
		chart("many templates", many),
		chart("nested subcharts", nested),
		chart("many aliases", map[string]string{"Chart.yaml": aliases, "charts/sub/Chart.yaml": sub,
			"charts/sub/values.yaml":      lines(1000, "k%d: 1"),
			"charts/sub/templates/x.yaml": "a: {{ .Values | toYaml }}"}),
		chart("many imports", map[string]string{"Chart.yaml": imports, "charts/sub/Chart.yaml": sub,
			"charts/sub/values.yaml": "a:\n" + lines(10000, "  k%d: 1")}),
		chart("long condition", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, " +
			"dependencies: [{name: sub, version: 1.0.0, condition: '" +
			repeated("a.b,", 500_000) + "'}]}", "charts/sub/Chart.yaml": sub}),
		chart("deep condition", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, " +
			"dependencies: [{name: sub, version: 1.0.0, condition: '" +
			repeated("a.", 500_000) + "a'}]}", "charts/sub/Chart.yaml": sub}),
		chart("many tags", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, " +
			"dependencies: [{name: sub, version: 1.0.0, tags: [" +
			repeated("a,", 500_000) + "a]}]}", "charts/sub/Chart.yaml": sub, "values.yaml": "tags: {a: false}"}),
		chart("long version", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0-" +
			repeated("a.", 1_000_000) + "a}"}),
		chart("long version of a dependency",
			map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, dependencies: [{name: sub, " +
				"version: '" +
				repeated(">0 || ", 200_000) + ">0'}]}", "charts/sub/Chart.yaml": sub}),
		chart("long kubeVersion", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, " +
			"kubeVersion: '" + repeated(">1 || ", 200_000) + ">1'}"}),
		chart("long name", map[string]string{"Chart.yaml": "{apiVersion: v2, name: " + repeated("a", 1<<20) +
			", version: 1.0.0}"}),
		chart("name of control characters",
			map[string]string{"Chart.yaml": `{apiVersion: v2, name: "a\nError: b\u001b[2J", version: 1.0.0}`}),
		chart("name that leads out",
			map[string]string{"Chart.yaml": "{apiVersion: v2, name: ../../x, version: 1.0.0}"}),
		chart("lock", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0}",
			"Chart.lock": "dependencies: " + repeated("[", 1<<20)}),
		chart("requirements", map[string]string{"Chart.yaml": "{apiVersion: v1, name: app, version: 1.0.0}",
			"requirements.yaml": "dependencies: " + repeated("[", 1<<20)}),
		chart("requirements of many", map[string]string{"Chart.yaml": "{apiVersion: v1, name: app, version: 1.0.0}",
			"requirements.yaml": "dependencies:\n" + lines(100_000, "- {name: a%d, version: 1.0.0}")}),
		chart("helmignore", map[string]string{".helmignore": lines(50_000, "*a*b*c*%d")}),
		chart("helmignore with stars",
			map[string]string{".helmignore": strings.Repeat("*a", 40) + "b\n", strings.Repeat("a", 200): "a"}),
		chart("helmignore that is long", map[string]string{".helmignore": repeated("[a-z]", 400_000) + "\n"}),
		chart("helmignore that is wrong", map[string]string{".helmignore": "[\n**\n!/x\n"}),
		chart("long file names", map[string]string{"templates/" + strings.Repeat("a", 250) +
			".yaml": "{{ fail `x` }}"}),
		chart("file names of control characters",
			map[string]string{"templates/a\nError: b\x1b[2J.yaml": "{{ fail `x` }}"}),
		chart("file names of invalid UTF-8", map[string]string{"templates/\xff\xfe.yaml": "{{ fail `x` }}"}),
		chart("template of NULs", map[string]string{"templates/x.yaml": repeated("\x00", 5<<20)}),
		chart("template of invalid UTF-8", map[string]string{"templates/x.yaml": repeated("\xff{{ 1 }}", 1<<17)}),
		chart("template of a long line", map[string]string{"templates/x.yaml": "a: " + repeated("x", 8<<20)}),
		chart("large files", map[string]string{"a.bin": repeated("x", 9<<20), "b.bin": repeated("x", 9<<20),
			"c.bin":            repeated("x", 9<<20),
			"templates/x.yaml": "{{ .Files.AsConfig | indent 8 }}"}),
		chart("CRDs of many documents",
			map[string]string{"crds/x.yaml": lines(100_000,
				"---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}")}),
		chart("CRDs of empty documents", map[string]string{"crds/x.yaml": repeated("---\n", 1_000_000)}),
		chart("library", map[string]string{"Chart.yaml": "{apiVersion: v2, name: app, version: 1.0.0, type: library}"}),
		chart("archive in charts", map[string]string{"charts/sub-1.0.0.tgz": tarball(tarFile{"sub/Chart.yaml", sub, 0},
			tarFile{"sub/big", "", 600 << 20})}),
		chart("archive of many files", map[string]string{"charts/sub-1.0.0.tgz": tarballOf(20_000, "sub/f%d")}),
		chart("archive of deep paths",
			map[string]string{"charts/sub-1.0.0.tgz": tarball(tarFile{"sub/Chart.yaml", sub, 0},
				tarFile{"sub/" + strings.Repeat("a/", 100_000) + "x", "x", 0})}),
		chart("archive that leads out",
			map[string]string{"charts/sub-1.0.0.tgz": tarball(tarFile{"sub/Chart.yaml", sub, 0},
				tarFile{"sub/../../../x", "x", 0})}),
		chart("archive that is none", map[string]string{"charts/sub-1.0.0.tgz": repeated("x", 5<<20)}),
		chart("archive in archives", map[string]string{"charts/sub-1.0.0.tgz": nestedTarball(30)}),
		chart("archive that is cut", map[string]string{"charts/sub-1.0.0.tgz": tarball(
			tarFile{"sub/Chart.yaml", sub, 0}, tarFile{"sub/x", "x", 1 << 20})[:600]}),
		chart("gzip of zeros", map[string]string{"charts/sub-1.0.0.tgz": zippedZeros(300)}),
		chart("links", nil), chart("link to itself", nil), chart("FIFO", nil), chart("sparse file", nil),
		chart("many directories", nil),
		chart("many files", nil), chart("deep directories", nil),
	}
	special := map[string]func(dir string) error{
		"chart/links": func(dir string) error {
			for i := range 40 {
				if err := os.Symlink(".", filepath.Join(dir, fmt.Sprintf("l%d", i))); err != nil {
					return err
				}
			}
			return nil
		},
		"chart/link to itself":   func(dir string) error { return os.Symlink("x", filepath.Join(dir, "x")) },
		"chart/FIFO":             func(dir string) error { return makeFIFO(filepath.Join(dir, "templates", "y.yaml")) },
		"chart/sparse file":      func(dir string) error { return specialFiles[0].make(filepath.Join(dir, "big")) },
		"chart/many directories": func(dir string) error { return makeMany(20_000, dir, "d%d/x/y", "") },
		"chart/many files":       func(dir string) error { return makeMany(30_000, dir, "f%d", "x") },
		"chart/deep directories": func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, repeated("a/", 1500)), 0o755)
		},
	}
	for i, h := range out {
		if prepare := special[h.name]; prepare != nil {
			out[i].prepare = func(dir string) error { return prepare(filepath.Join(dir, "charts", "app")) }
		}
	}
	return out
}

// makeMany makes files, or directories if they have no content.
func makeMany(count int, dir, name, content string) error {
	for i := range count {
		path := filepath.Join(dir, strings.ReplaceAll(name, "%d", fmt.Sprint(i)))
		if content == "" {
			if err := os.MkdirAll(path, 0o755); err != nil {
				return err
			}
		} else if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// A tarFile is a file of an archive; zeros are bytes after its content.
type tarFile struct {
	name, content string
	zeros         int64
}

func tarball(files ...tarFile) string {
	var out bytes.Buffer
	compressed, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	archive := tar.NewWriter(compressed)
	zeros := make([]byte, 1<<16)
	for _, file := range files {
		_ = archive.WriteHeader(&tar.Header{Name: file.name, Mode: 0o600, Size: int64(len(file.content)) + file.zeros})
		_, _ = archive.Write([]byte(file.content))
		for left := file.zeros; left > 0; left -= min(left, 1<<16) {
			_, _ = archive.Write(zeros[:min(left, 1<<16)])
		}
	}
	_ = archive.Close()
	_ = compressed.Close()
	return out.String()
}

// tarballOf returns an archive of a chart with many files.
func tarballOf(count int, name string) string {
	files := make([]tarFile, count, count+1)
	for i := range files {
		files[i] = tarFile{strings.ReplaceAll(name, "%d", fmt.Sprint(i)), "x", 0}
	}
	return tarball(append(files, tarFile{"sub/Chart.yaml", "{apiVersion: v2, name: sub, version: 1.0.0}", 0})...)
}

// nestedTarball returns an archive of a chart with such archives in it, two in each.
func nestedTarball(depth int) string {
	inner := tarball(tarFile{"sub/Chart.yaml", "{apiVersion: v2, name: sub, version: 1.0.0}", 0})
	for range depth {
		inner = tarball(tarFile{"sub/Chart.yaml", "{apiVersion: v2, name: sub, version: 1.0.0}", 0},
			tarFile{"sub/charts/a-1.0.0.tgz", inner, 0}, tarFile{"sub/charts/b-1.0.0.tgz", inner, 0})
		if len(inner) > 1<<20 {
			break
		}
	}
	return inner
}

// zippedZeros returns so many MiB of zeros, compressed.
func zippedZeros(count int) string {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	for zeros := make([]byte, 1<<20); count > 0; count-- {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	return out.String()
}

// hostileSchemas are schemas of values.
func hostileSchemas() []hostile {
	doubling := func(keyword string, depth int) string {
		text := `{"$ref": "#/definitions/s0", "definitions": {`
		for i := range depth {
			ref := fmt.Sprintf(`{"$ref": "#/definitions/s%d"}`, i+1)
			text += fmt.Sprintf(`"s%d": {%q: [%s, %s]}, `, i, keyword, ref, ref)
		}
		return text + fmt.Sprintf(`"s%d": {"type": "string"}}}`, depth)
	}
	schemas := map[string]string{
		"allOf":            doubling("allOf", 30),
		"anyOf":            doubling("anyOf", 30),
		"oneOf":            doubling("oneOf", 30),
		"loop":             `{"$ref": "#"}`,
		"loop of two":      `{"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"allOf": [{"$ref": "#/definitions/a"}]}}}`,
		"not":              repeated(`{"not": `, 5000) + "{}" + repeated("}", 5000),
		"deep":             repeated(`{"properties": {"a": `, 4000) + "{}" + repeated("}}", 4000),
		"too deep":         repeated(`{"properties":{"a":`, 400_000),
		"long pattern":     `{"properties": {"a": {"pattern": "` + repeated("(a|b)*", 200_000) + `"}}}`,
		"counting pattern": `{"properties": {"long": {"pattern": "^(((a?){0,10}){0,10}){0,10}b"}}}`,
		"patternProperties": `{"patternProperties": {` +
			strings.ReplaceAll(lines(20_000, `".*%d.*a.*b": {},`), "\n", "") + `"z": {}` + `}}`,
		"uniqueItems":      `{"properties": {"list": {"uniqueItems": true}}}`,
		"enum":             `{"properties": {"list": {"items": {"enum": [` + repeated(`{"a": 1}, `, 20_000) + `1]}}}}`,
		"contains":         `{"properties": {"list": {"contains": {"contains": {"const": 1}}}}}`,
		"required":         `{"required": [` + strings.ReplaceAll(lines(200_000, `"a%d",`), "\n", "") + `"z"` + `]}`,
		"many failures":    `{"properties": {"list": {"items": {"type": "object", "allOf": [{"type": "object"}, {"type": "object"}]}}}}`,
		"if":               repeated(`{"if": {}, "then": `, 3000) + "{}" + repeated("}", 3000),
		"dependentSchemas": `{"dependentSchemas": {"list": {"$ref": "#"}}}`,
		"dynamic":          `{"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicAnchor": "a", "allOf": [{"$dynamicRef": "#a"}]}`,
		"multipleOf":       `{"properties": {"number": {"multipleOf": 1e-300}}}`,
		"long number":      `{"properties": {"number": {"maximum": 1e9999999}}}`,
		"longer number":    `{"properties": {"number": {"multipleOf": 1e-999999999}}}`,
		"format":           `{"properties": {"long": {"format": "regex"}}}`,
		"file":             `{"$ref": "file:///etc/passwd"}`,
		"network":          `{"$ref": "https://example.com/schema"}`,
		"relative":         `{"$ref": "../../../../../../etc/passwd"}`,
		"no schema":        `[1, 2, 3]`,
		"no JSON":          `{"a": 1`,
		"duplicate keys":   `{` + repeated(`"a": {}, `, 500_000) + `"a": {}}`,
		"unevaluated":      `{"unevaluatedProperties": false, ` + strings.TrimPrefix(doubling("anyOf", 25), "{"),
	}
	var out []hostile
	for name, schema := range schemas {
		h := chart("schema/"+name, map[string]string{"values.schema.json": schema,
			"values.yaml": "a: b\nnumber: 1.5\nlong: " + repeated("a", 50_000) +
				"\nlist: [" + repeated("{a: 1}, ", 20_000) + "1]\n"})
		out = append(out, h)
	}
	return out
}

// hostileValues are values of Helm that an Application names.
func hostileValues() []hostile {
	app := func(name, helm string, more map[string]string) hostile {
		h := hostile{name: "helm/" + name, command: renderFiles, want: "victim|apps.yaml", may: true,
			files: map[string]string{"apps.yaml": applicationFor("victim", "charts/app", ", helm: "+helm)}}
		for file, data := range more {
			h.files[file] = data
		}
		return h
	}
	name := strings.Repeat("a", 200)
	deep := map[string]string{}
	for i := range 30 {
		deep["values/"+repeated("a/", i)+"x.yaml"] = "a: 1"
	}
	return []hostile{
		app("deep parameter", "{parameters: [{name: '"+repeated("a.", 100_000)+"a', value: x}]}", nil),
		app("list parameter", "{parameters: [{name: 'a[1000000000]', value: x}]}", nil),
		app("lists of lists parameter", "{parameters: [{name: 'a"+strings.Repeat("[60000]", 30)+"', value: x}]}", nil),
		app("value of lists", "{parameters: [{name: a, value: '"+repeated("{", 100_000)+"'}]}", nil),
		app("many parameters", "{parameters: ["+repeated("{name: 'a.b.c', value: x}, ", 50_000)+"]}", nil),
		app("parameters of a list", "{parameters: ["+
			strings.ReplaceAll(lines(20_000, "{name: 'a[%d]', value: x},"), "\n", " ")+"]}", nil),
		app("long parameter", "{parameters: [{name: a, value: '"+repeated("x,", 1<<20)+"'}]}", nil),
		app("parameter of nothing", `{parameters: [{name: "\0=,[]{}", value: "\\"}]}`, nil),
		app("parameter of variables", "{parameters: [{name: a, value: '"+repeated("${ARGOCD_APP_NAME}", 100_000)+"'}]}",
			nil),
		app("file parameter that leads out", "{fileParameters: [{name: a, path: ../../../../etc/passwd}]}", nil),
		app("file parameter again", "{fileParameters: ["+repeated("{name: a, path: big}, ", 5_000)+"]}",
			map[string]string{"charts/app/big": repeated("x", 1<<20)}),
		app("value file again", "{valueFiles: ["+repeated("big.yaml, ", 5_000)+"]}",
			map[string]string{"charts/app/big.yaml": lines(20_000, "k%d: 1")}),
		app("value files of a pattern", "{valueFiles: ['"+strings.Repeat("**/", 30)+"x.yaml']}", deep),
		app("value files of braces", "{valueFiles: ['/"+strings.Repeat("{a*,*a}", 30)+"']}",
			map[string]string{name: "a: 1"}),
		app("value files of nested braces", "{valueFiles: ['/"+repeated("{a,", 1000)+repeated("}", 1000)+"']}",
			map[string]string{name: "a: 1"}),
		app("value files of stars", "{valueFiles: ['/"+strings.Repeat("*a", 30)+"b']}",
			map[string]string{name: "a: 1"}),
		app("value files in braces and stars", "{valueFiles: ['/values/"+strings.Repeat("{**/a,a}/", 12)+"x.yaml']}",
			deep),
		app("value files of classes", "{valueFiles: ['/"+repeated("[a-z]", 50_000)+"']}", nil),
		app("many patterns", "{valueFiles: ["+repeated("'/**/*.yaml', ", 5_000)+"]}", deep),
		app("value file of the network", "{valueFiles: ['https://example.com/x.yaml']}", nil),
		app("value file of a long name", "{valueFiles: ['"+repeated("a", 1<<20)+"']}", nil),
		app("value file of lines", `{valueFiles: ["a\nError: b\ngoroutine 1 [running]:"]}`, nil),
		app("values that laugh", "{values: "+quoted(yamlBombs[0].text())+"}", nil),
		app("values of a long anchor", "{values: "+quoted(yamlBombs[1].text())+"}", nil),
		app("values that are deep", "{values: "+quoted("a: "+repeated("[", 1<<20))+"}", nil),
		app("values of many keys", "{values: "+quoted(lines(300_000, "k%d: 1"))+"}", nil),
		app("valuesObject that is deep", "{valuesObject: "+repeated("{a: ", 5000)+"1"+repeated("}", 5000)+"}", nil),
		app("long release name", "{releaseName: "+repeated("a", 1<<20)+"}", nil),
		app("release name of a template", "{releaseName: '{{ randAlphaNum 1000000000 }}'}", nil),
		app("kubeVersion", "{kubeVersion: '1."+repeated("9", 1<<20)+"'}", nil),
		app("apiVersions", "{apiVersions: ["+strings.ReplaceAll(lines(200_000, "a%d/v1,"), "\n", " ")+"]}", nil),
	}
}

// quoted returns a string as YAML in double quotes.
func quoted(text string) string { return fmt.Sprintf("%q", text) }
