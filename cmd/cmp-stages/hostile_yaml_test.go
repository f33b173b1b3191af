package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// yamlBombs are strings that are no fit content for any YAML file.
var yamlBombs = []struct {
	name string
	text func() string
}{
	{"laughs", func() string {
		text := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
		for i := range 12 {
			text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1,
				strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
		}
		return text
	}},
	{"long anchor", func() string {
		return "a: &a " + repeated("x", 1<<20) + "\nb: [" + repeated("*a, ", 4000) + "*a]\n"
	}},
	{"anchored list", func() string {
		return "a: &a [" + repeated("x,", 1<<19) + "x]\nb: [" + strings.Repeat("*a, ", 500) + "*a]\n"
	}},
	{"alias to itself", func() string { return "a: &a [*a, *a]\n" }},
	{"merge keys", func() string {
		text := "a0: &a0 {x: 1}\n"
		for i := range 40 {
			text += fmt.Sprintf("a%d: &a%d {<<: [*a%d, *a%d], k%d: 1}\n", i+1, i+1, i, i, i)
		}
		return text
	}},
	{"deep flow lists", func() string { return "a: " + repeated("[", 5<<20) }},
	{"deep flow maps", func() string { return repeated("{a: ", 2<<20) }},
	{"deep block lists", func() string { return repeated("- ", 4<<20) }},
	{"deep complex keys", func() string { return repeated("? ", 1<<20) }},
	{"deep indentation", func() string {
		var text strings.Builder
		for i := range 3000 {
			text.WriteString(repeated(" ", i) + "a:\n")
		}
		return text.String()
	}},
	{"long flow list", func() string { return "a: [" + repeated("a,", 5<<20-4) + "a]\n" }},
	{"long flow map", func() string {
		return "a: {" + strings.ReplaceAll(lines(600_000, "k%d: 1,"), "\n", " ") + "}\n"
	}},
	{"many keys", func() string { return lines(700_000, "k%d: 1") }},
	{"duplicate keys", func() string { return repeated("a: 1\n", 2<<20-2) }},
	{"many documents", func() string { return repeated("a: 1\n---\n", 200_000) }},
	{"many anchors", func() string { return lines(300_000, "k%d: &a%d 1") }},
	{"long integer", func() string { return "a: " + repeated("9", 4<<20) + "\n" }},
	{"long float", func() string { return "a: 1." + repeated("9", 4<<20) + "e999999999\n" }},
	{"long quotes", func() string { return `a: "` + repeated(`\u00e9`, 1<<20) }},
	{"long key", func() string { return repeated("k", 4<<20) + ": 1\n" }},
	{"long tag", func() string { return "a: !" + repeated("t", 4<<20) + " 1\n" }},
	{"binary", func() string { return "a: !!binary " + repeated("QUJD", 1<<20) + "\nb: !!set {x, y}\n" }},
	{"NULs", func() string { return "a: " + repeated("\x00", 1<<20) }},
	{"invalid UTF-8", func() string { return "a: \xff\xfe\xfd" + repeated("\x80", 1<<20) }},
	{"UTF-16", func() string { return "\xff\xfea\x00:\x00 \x00[\x00" + repeated("a\x00,\x00", 1<<20) }},
	{"byte order marks", func() string { return repeated("\ufeff", 1<<20) }},
	{"larger than any file", func() string { return repeated("# x\n", 16<<20) }},
}

// A victim is a kind of YAML file, with a command that reads it.
type victim struct {
	name, command string
	file          string // below the root of the repository
	before        string // stands in the file before the bomb
	quoted        bool   // the bomb stands in it, in quotes
	files         map[string]string
	in            string
	names         string // else that a message may name
	env           []string
}

// wants returns what a message about the file names.
func (v victim) wants() string {
	want := v.file + "|victim"
	if v.names != "" {
		want += "|" + v.names
	}
	return want
}

// bombsFor returns hostile inputs of a kind of file: some of the bombs, others for each kind, which together are all.
func bombsFor(index int, v victim) []hostile {
	var out []hostile
	for i, bomb := range yamlBombs {
		if (i+index)%9 != 0 {
			continue
		}
		text := v.before + bomb.text()
		if v.quoted {
			text = fmt.Sprintf(v.before, bomb.text())
		}
		files := map[string]string{v.file: text}
		for name, data := range v.files {
			files[name] = data
		}
		out = append(out, hostile{name: v.name + "/" + bomb.name, files: files, command: v.command, in: v.in,
			env:  v.env,
			want: v.wants(), may: true})
	}
	return out
}

// specialFiles are what may stand in the place of a file. None of them can be read as one.
var specialFiles = []struct {
	name string
	make func(path string) error
}{
	{"sparse", func(path string) error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Truncate(1200 << 20)
	}},
	{"FIFO", makeFIFO},
	{"directory", func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o755) }},
	{"link to itself", func(path string) error { return os.Symlink(filepath.Base(path), path) }},
	{"link to a device", func(path string) error { return os.Symlink("/dev/zero", path) }},
	{"link out", func(path string) error { return os.Symlink("../../../../../../../../etc/passwd", path) }},
}

// specialsFor returns hostile inputs with special files in the place of a file: every second one, others for each kind.
func specialsFor(index int, v victim) []hostile {
	var out []hostile
	for i, special := range specialFiles {
		if (i+index)%2 != 0 {
			continue
		}
		files := map[string]string{v.file: ""}
		for name, data := range v.files {
			files[name] = data
		}
		out = append(out, hostile{name: v.name + "/" + special.name, files: files, command: v.command, in: v.in,
			env:  v.env,
			want: v.wants(), may: true, prepare: func(dir string) error {
				path := filepath.Join(dir, filepath.FromSlash(v.file))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return err
				}
				return special.make(path)
			}})
	}
	return out
}

// victims are all kinds of YAML files.
func victims() []victim {
	app := func(source string) map[string]string {
		return map[string]string{"apps.yaml": applicationFor("victim", "charts/app", source)}
	}
	kustomization := map[string]string{"apps.yaml": applicationFor("victim", "kust", "")}
	const level = "core/tenants/shop/environments/prod/"
	return []victim{
		{name: "fleet.yaml", file: "fleet.yaml", command: "clusters --repo-root ."},
		{name: "member", file: "members/hub/spoke.yaml", command: "member check --repo-root ."},
		{name: "member render", file: "members/hub/spoke.yaml", command: renderSpoke},
		{name: "releases", file: "releases.yaml", command: "releases --repo-root ."},
		{name: "releases render", file: "releases.yaml", command: renderSpoke},
		{name: "cluster file", file: "secrets.yaml", command: "clusters --cluster-file secrets.yaml --repo-root ."},
		{name: "level secret", file: level + "fleet/fleet-secret/values.yaml",
			command: "clusters --explain --repo-root ."},
		{name: "level secret registration", file: level + "fleet/fleet-secret/values.yaml",
			command: "render --cluster hub --stage registration --repo-root ."},
		{name: "level bootstrap", file: "core/defaults/application-sets/core.yaml",
			command: "render --cluster hub --stage bootstrap --repo-root ."},
		{name: "level settings", file: "core/defaults/application-sets/core.yaml", command: renderGroup},
		{name: "level settings manifests", file: "core/defaults/application-sets/core.yaml", command: renderManifests},
		{name: "level values", file: "core/defaults/core/app/values.yaml",
			command: "values --group core --cluster hub --component app --explain --offline --repo-root ."},
		{name: "level values manifests", file: "core/defaults/core/app/values.yaml", command: renderManifests},
		{name: "catalog values", file: "charts/application-sets/values.yaml", command: renderGroup},
		{name: "component file", file: "charts/application-sets/values/app.yaml", command: renderGroup},
		{name: "values explain", file: "core/defaults/application-sets/core.yaml",
			command: "values --group core --cluster hub --explain --repo-root ."},
		{name: "values flag", file: "more.yaml", command: renderGroup + " -f more.yaml"},
		{name: "defaults flag", file: "more.yaml", command: renderGroup + " --defaults more.yaml"},
		{name: "from flag", file: "more.yaml", command: "render --from more.yaml -A --repo-root ."},
		{name: "from directory", names: "--from", file: "more/x.yaml", command: "render --from more -A --repo-root ."},
		{name: "generate", file: "core/defaults/application-sets/core.yaml", command: generate, in: "core",
			env: []string{"ARGOCD_ENV_GROUP=core", "ARGOCD_ENV_CLUSTER=hub", "ARGOCD_APP_SOURCE_PATH=core"}},
		{name: "discover", file: "fleet.yaml", command: "discover", in: "core",
			env: []string{"ARGOCD_APP_SOURCE_PATH=core"}},
		{name: "parameters", file: "fleet.yaml", command: "parameters", in: "core",
			env: []string{"ARGOCD_ENV_GROUP=core", "ARGOCD_ENV_CLUSTER=hub", "ARGOCD_APP_SOURCE_PATH=core"}},
		{name: "chart values", file: "charts/app/values.yaml", command: renderFiles},
		{name: "Chart.yaml", file: "charts/app/Chart.yaml", command: renderFiles},
		{name: "chart CRDs", file: "charts/app/crds/x.yaml", command: renderFiles},
		{name: "chart output", file: "charts/app/templates/x.yaml", command: renderFiles},
		{name: "subchart values", file: "charts/app/charts/sub/values.yaml", command: renderFiles,
			files: map[string]string{
				"charts/app/charts/sub/Chart.yaml": "{apiVersion: v2, name: sub, version: 1.0.0}"}},
		{name: "value file", file: "more.yaml", command: renderFiles,
			files: app(", helm: {valueFiles: [../../more.yaml]}")},
		{name: "file parameter", file: "more.yaml", command: renderFiles,
			files: app(", helm: {fileParameters: [{name: a, path: ../../more.yaml}]}")},
		{name: "overrides", file: "charts/app/.argocd-source.yaml", command: renderFiles},
		{name: "kustomization", file: "kust/kustomization.yaml", command: renderFiles, files: kustomization},
		{name: "kustomize resource", file: "kust/x.yaml", command: renderFiles,
			files: withFile(kustomization, "kust/kustomization.yaml", "resources: [x.yaml]")},
		{name: "kustomize patch", file: "kust/x.yaml", command: renderFiles,
			files: withFile(kustomization, "kust/kustomization.yaml", "patches: [{path: x.yaml}]")},
		{name: "kustomize replacement", file: "kust/x.yaml", command: renderFiles,
			files: withFile(kustomization, "kust/kustomization.yaml", "replacements: [{path: x.yaml}]")},
		{name: "kustomize configuration", file: "kust/x.yaml", command: renderFiles,
			files: withFile(kustomization, "kust/kustomization.yaml", "configurations: [x.yaml]")},
		{name: "directory", file: "dir/x.yaml", command: renderFiles,
			before: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
			files:  map[string]string{"apps.yaml": applicationFor("victim", "dir", "")}},
		{name: "git file", file: "git/x.yaml", command: expandFiles,
			files: map[string]string{"apps.yaml": setOf(
				"{git: {repoURL: https://git.example.com/fleet, revision: main, files: [{path: git/*.yaml}]}}", "x")}},
		{name: "elementsYaml", file: "apps.yaml", command: expandFiles, quoted: true,
			before: setOf("{list: {elementsYaml: %q}}", "x")},
	}
}

func withFile(files map[string]string, name, data string) map[string]string {
	out := map[string]string{name: data}
	for name, data := range files {
		out[name] = data
	}
	return out
}

// hostileFleetFiles puts the bombs into all kinds of YAML files.
func hostileFleetFiles() []hostile {
	var out []hostile
	for i, v := range victims() {
		out = append(out, bombsFor(i, v)...)
	}
	return out
}

// hostileSpecialFiles puts what is no file in the place of all kinds of files.
func hostileSpecialFiles() []hostile {
	var out []hostile
	for i, v := range victims() {
		if v.name != "elementsYaml" {
			out = append(out, specialsFor(i, v)...)
		}
	}
	return out
}
