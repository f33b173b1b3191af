package main

import "strings"

// hostileMembers are contents of the files of a fleet that are YAML, but not what they should be.
func hostileMembers() []hostile {
	const fleet = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n"
	of := func(name, command, file, text string) hostile {
		return hostile{name: "fleet/" + name, command: command, want: file + "|" + strings.TrimSuffix(file, ".yaml"),
			may: true, files: map[string]string{file: text}}
	}
	const clusters = "clusters -o yaml --repo-root ."
	const member = "members/hub/spoke.yaml"
	const level = "core/tenants/shop/environments/prod/fleet/fleet-secret/values.yaml"
	const component = "charts/application-sets/values/app.yaml"
	loop := "{{range .metadata.labels}}{{range $.metadata.labels}}{{range $.metadata.labels}}x{{end}}{{end}}{{end}}"
	out := []hostile{
		of("unknown key", clusters, "fleet.yaml", fleet+"  nothing: 1\n"),
		of("long unknown key", clusters, "fleet.yaml", fleet+"  "+repeated("k", 1<<20)+": 1\n"),
		of("unknown key of lines", clusters, "fleet.yaml", fleet+"  \"a\\nError: b\\ngoroutine 1 [running]:\": 1\n"),
		of("many unknown keys", clusters, "fleet.yaml", fleet+lines(100_000, "  k%d: 1")),
		of("many clusters", clusters, "fleet.yaml",
			fleet+"  clusters:\n"+lines(50_000, "  - {name: c%d, server: https://c%d}")),
		of("many groups", clusters, "fleet.yaml", fleet+"  groups:\n"+lines(20_000, "    g%d: {path: p%d}")),
		of("many labels", clusters, "fleet.yaml",
			fleet+"  clusters:\n  - name: hub\n    labels:\n"+lines(100_000, "      k%d: v")),
		of("label that is long", clusters, "fleet.yaml",
			fleet+"  clusters: [{name: hub, labels: {a: "+repeated("x", 1<<20)+"}}]\n"),
		of("names that are equal", clusters, "fleet.yaml",
			fleet+"  clusters: ["+repeated("{name: hub}, ", 20_000)+"]\n"),
		of("members outside", clusters, "fleet.yaml", fleet+"  members: ../../../../etc\n"),
		hostile{name: "fleet/members in Git", command: clusters, want: ".git",
			files: map[string]string{"fleet.yaml": fleet + "  members: .git\n"}},
		of("path with loops", renderGroup, "fleet.yaml",
			fleet+"  clusters: [{name: hub, labels: {a: b}}]\n  groups: {core: {path: core, levels: {tenant: "+
				quoted(loop)+"}}}\n"),
		of("level path that calls functions", renderGroup, "fleet.yaml",
			fleet+"  clusters: [{name: hub}]\n  levels: {tenant: '{{ printf \"%1000000000d\" 1 }}'}\n  groups: "+
				"{core: {path: core}}\n"),
		of("level path that is long", renderGroup, "fleet.yaml",
			fleet+"  clusters: [{name: hub}]\n  levels: {tenant: '"+repeated("{{ .name }}", 50_000)+
				"'}\n  groups: {core: {path: core}}\n"),
		of("level path that is deep", renderGroup, "fleet.yaml",
			fleet+"  clusters: [{name: hub}]\n  levels: {tenant: '"+repeated("{{ if .name }}", 20_000)+
				repeated("{{ end }}", 20_000)+"'}\n  groups: {core: {path: core}}\n"),
		of("catalog outside", renderGroup, "fleet.yaml",
			fleet+"  clusters: [{name: hub}]\n  catalog: ../../../etc\n  groups: {core: {path: core}}\n"),
		of("limits", clusters, "fleet.yaml", fleet+
			"  limits: {memory: 100000Ti, fileSize: 99999999999Gi, timeout: 99999999h, applicationTimeout: 9e99s}\n"),
		of("secret prefixes", "member check --repo-root .", "fleet.yaml",
			fleet+"  members: members\n  secretsManager: {prefixes: {shop: '"+repeated("{{ .name }}", 50_000)+"'}}\n"),
		of("versions", "releases --repo-root .", "fleet.yaml", fleet+"  argocdVersion: '"+repeated("9.", 1<<20)+"'\n"),
		of("repository addresses", clusters, "fleet.yaml",
			fleet+"  repositoryURLs: ["+strings.ReplaceAll(lines(100_000, "https://example.com/%d,"), "\n", " ")+"]\n"),
		of("ignored findings", clusters, "fleet.yaml",
			fleet+"  lint: {ignore: ["+repeated("{rule: a, path: '*a*a*a*a*a*b', reason: x}, ", 20_000)+"]}\n"),
		of("member of a list", "member check --repo-root .", member, "[tenant, shop]"),
		of("member of long values", "member check --repo-root .", member, "tenant: "+repeated("x", 1<<20)),
		of("member of paths", "member check --repo-root .", member, "tenant: ../../../../etc\nenvironment: ..\n"),
		of("member of many keys", "member check --repo-root .", member,
			"tenant: shop\nenvironment: prod\n"+lines(200_000, "k%d: v")),
		of("member of lines", "member list --repo-root .", member,
			"tenant: \"a\\nError: b\\ngoroutine 1 [running]:\"\nenvironment: prod\n"),
		of("member of an ARN", "member check --repo-root .", member,
			"tenant: shop\nenvironment: prod\nsecretManagerSecretName: 'arn:"+repeated(":", 1<<20)+"'\n"),
		of("releases of many", "releases --repo-root .", "releases.yaml",
			"releases:\n  core:\n"+lines(50_000, "  - {type: r%d, chartRepoRevision: main}")),
		of("releases of the same", "releases --repo-root .", "releases.yaml",
			"releases:\n  core:\n"+repeated("  - {type: a, chartRepoRevision: main}\n", 50_000)),
		of("releases of many groups", "releases --repo-root .", "releases.yaml",
			"releases:\n"+lines(100_000, "  g%d: [{type: a}]")),
		of("releases of a list", "releases --repo-root .", "releases.yaml", "- a\n"),
		of("annotations of a level", "clusters --explain --repo-root .", level,
			"externalSecret:\n  annotations:\n"+lines(200_000, "    k%d: v")),
		of("Git credentials of a level", "render --cluster hub --stage registration --repo-root .", level,
			"global:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n"+
				lines(50_000, "      a%d: {secretManagerSecretName: a, gitUrl: https://example.com/%d}")),
		of("components of many", renderGroup, component,
			lines(20_000, "a%d: {enabled: true, namespace: a, path: charts/app, defaultVersion: 1.0.0}")),
		of("component of a list", renderGroup, component, "app: [1, 2]\n"),
		of("selectors of many values", renderGroup, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, selector: "+
				"{matchExpressions: [{key: a, operator: In, values: ["+
				strings.ReplaceAll(lines(100_000, "v%d,"), "\n", " ")+"]}]}}\n"),
		of("values that are deep", renderGroup, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, valuesObject: "+
				repeated("{a: ", 9000)+"1"+repeated("}", 9000)+"}\n"),
		of("values that are templates", renderSpoke, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, valuesObject: {a: "+
				quoted(templateBombs["doubling print"])+"}}\n"),
		of("annotations that are templates", renderSpoke, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, annotationsApp: {a: "+
				quoted(templateBombs["endless loops"])+"}}\n"),
		of("patch that is a template", renderSpoke, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, templatePatch: "+
				quoted("a: "+templateBombs["doubling concat"])+"}\n"),
		of("additional resources", renderManifests, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, additionalResources: "+
				"{path: '"+repeated("../", 1000)+"etc'}}\n"),
		of("credentials", renderGroup, component,
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, annotationsApp: {a: '"+
				repeated("https://a:b@", 100_000)+"'}}\n"),
	}
	for i := range out {
		if strings.Contains(out[i].want, component) {
			out[i].want += "|app"
		}
	}
	return append(out, hostileClusterSecrets()...)
}

// hostileClusterSecrets are files of cluster Secrets.
func hostileClusterSecrets() []hostile {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: s%d, labels: {argocd.argoproj.io/secret-type: " +
		"cluster}}\nstringData: {name: s%d, server: https://s%d}\n"
	of := func(name, text string) hostile {
		return hostile{name: "cluster file/" + name, command: "clusters --repo-root . --cluster-file -", stdin: text,
			want: "standard input", may: true}
	}
	return []hostile{
		of("many Secrets", lines(20_000, "---\n"+secret)),
		of("list of many", "apiVersion: v1\nkind: List\nitems:\n"+
			lines(50_000,
				"- {apiVersion: v1, kind: Secret, metadata: {name: s%d, labels: {argocd.argoproj.io/secret-type: "+
					"cluster}}, stringData: {name: s%d, server: https://s%d}}")),
		of("lists in lists", repeated("{apiVersion: v1, kind: List, items: [", 3000)+repeated("]}", 3000)),
		of("wrong base64",
			"apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: "+
				"cluster}}\ndata: {name: '"+repeated("=", 1<<20)+"'}\n"),
		of("long base64",
			"apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: "+
				"cluster}}\ndata: {name: '"+repeated("QUJD", 1<<20)+"'}\n"),
		of("deep JSON", repeated(`{"items":[`, 1<<20)),
		of("not even YAML", repeated("\x00\xff", 4<<20)),
		of("one long line", repeated("a", 30<<20)),
		of("nothing but documents", repeated("---\n", 4<<20)),
		of("laughs", yamlBombs[0].text()),
	}
}

// hostileInvocations are flags, parameters and variables.
func hostileInvocations() []hostile {
	plugin := func(name, want string, env ...string) hostile {
		return hostile{name: "plugin/" + name, command: generate, in: "core", want: want, may: true,
			env: append([]string{"ARGOCD_ENV_GROUP=core", "ARGOCD_ENV_CLUSTER=hub", "ARGOCD_APP_SOURCE_PATH=core",
				"ARGOCD_APP_NAME=victim"}, env...)}
	}
	parameters := func(json string) string { return "ARGOCD_APP_PARAMETERS=" + json }
	const most = 120_000 // bytes that the kernel lets a variable have
	run := func(name, command, want string) hostile {
		return hostile{name: "flags/" + name, command: command, want: want, may: true}
	}
	long := repeated("a", most)
	out := []hostile{
		plugin("parameters that are deep", "", parameters(repeated("[", most))),
		plugin("parameters that are none", "", parameters("{}")),
		plugin("parameters of nulls", "", parameters(`[null, {"name": null}]`)),
		plugin("parameters of many", "", parameters("["+repeated(`{"name":"a"},`, most/14)+`{"name":"a"}]`)),
		plugin("values that laugh", "", parameters(`[{"name":"values","string":`+quoted(yamlBombs[0].text())+`}]`)),
		plugin("values that are deep", "", "ARGOCD_ENV_VALUES=a: "+repeated("[", most)),
		plugin("values of many keys", "", "ARGOCD_ENV_VALUES="+lines(9000, "k%d: 1")),
		plugin("values of aliases", "",
			"ARGOCD_ENV_VALUES=a: &a "+repeated("x", 50_000)+"\nb: ["+repeated("*a,", 20_000)+"*a]"),
		plugin("labels that are deep", "", "ARGOCD_ENV_LABELS="+repeated("[", most)),
		plugin("labels of many", "", "ARGOCD_ENV_LABELS={"+strings.ReplaceAll(lines(8000, `"k%d":"v",`), "\n", "")+
			`"z": "v"`+"}"),
		plugin("labels of paths", "", `ARGOCD_ENV_LABELS={"tenant":"../../..","environment":"/etc"}`),
		plugin("annotations", "", `ARGOCD_ENV_ANNOTATIONS={"a":"`+long+`"}`),
		plugin("settings", "", `ARGOCD_ENV_SETTINGS={"`+long+`":"b"}`),
		plugin("group", "", "ARGOCD_ENV_GROUP="+long),
		plugin("group of lines", "", "ARGOCD_ENV_GROUP=a\nError: b\ngoroutine 1 [running]:"),
		plugin("cluster", "", "ARGOCD_ENV_CLUSTER="+long),
		plugin("component", "", "ARGOCD_ENV_COMPONENT="+long),
		plugin("stage", "", "ARGOCD_ENV_STAGE="+long),
		plugin("release", "", "ARGOCD_ENV_RELEASE="+long),
		plugin("source path that leads out", "", "ARGOCD_APP_SOURCE_PATH=../../../../etc"),
		plugin("source path of many segments", "", "ARGOCD_APP_SOURCE_PATH="+repeated("a/", most/2)),
		plugin("value files", "", parameters(
			`[{"name":"value-files","array":["../../../../etc/passwd","/etc/passwd",".git/HEAD"]}]`)),
		plugin("value files again", "",
			parameters(`[{"name":"value-files","array":[`+repeated(`"core/defaults/application-sets/core.yaml",`, 2500)+
				`"fleet.yaml"]}]`)),
		plugin("invalid UTF-8", "", "ARGOCD_ENV_VALUES=a: \xff\xfe"),
		plugin("versions", "", "CMP_ARGOCD_VERSION="+long, "ARGOCD_ENV_STAGE=applications"),
		plugin("Kubernetes version", "", "KUBE_VERSION="+long, "ARGOCD_ENV_STAGE=manifests"),
		plugin("API versions", "", "KUBE_API_VERSIONS="+repeated("a/b,", most/4), "ARGOCD_ENV_STAGE=manifests"),

		run("labels", renderGroup+" --labels a="+long, ""),
		run("many labels", renderGroup+" --labels "+repeated("a=b,", most/4)+"c=d", ""),
		run("annotations", renderGroup+" --annotations "+repeated("a", most)+"=b", ""),
		run("settings", renderGroup+" --set-setting "+repeated("a.", most/2)+"=b", ""),
		run("selector", expandFiles+" -l "+long, ""),
		run("selector of parentheses", "clusters --repo-root . -l a in "+repeated("(", most), ""),
		run("selector of many values", "clusters --repo-root . -l a!="+repeated("b,a!=", most/5)+"c", ""),
		run("component", renderGroup+" --component "+long, ""),
		run("group", "render --cluster hub --repo-root . --group "+long, ""),
		run("cluster", "render --group core --repo-root . --cluster "+long, ""),
		run("release", renderGroup+" --release "+long, ""),
		run("file that is a device", renderGroup+" -f /dev/zero", "/dev/zero"),
		run("file that is a directory", renderGroup+" -f core", "core"),
		run("file that is missing", renderGroup+" -f "+strings.Repeat("a", 300), "aaa"),
		run("file of a long name", renderGroup+" -f "+repeated("a/", 5000), "a/a"),
		run("from a device", "render -A --repo-root . --from /dev/zero", "/dev/zero"),
		run("defaults of a device", renderGroup+" --defaults /dev/urandom", "/dev/urandom"),
		run("cluster file of a device", "clusters --repo-root . --cluster-file /dev/zero", "/dev/zero"),
		run("catalog of a file", renderGroup+" --catalog fleet.yaml", "fleet.yaml"),
		run("catalog of devices", renderGroup+" --catalog /dev", ""),
		run("versions", expandFiles+" --argocd-version "+long, ""),
		run("Kubernetes version", renderFiles+" --kube-version 1."+repeated("9", most), ""),
		run("API versions", renderFiles+" --api-versions "+repeated("a/b,", most/4)+"c", ""),
		run("member of a long name", "member add "+long+" --repo-root .", ""),
		run("member of a path", "member add ../../x --tenant shop --environment prod --repo-root .", ""),
		run("member with many values",
			"member add new --tenant shop --environment prod --repo-root . --set "+repeated("a=b,", most/4)+"c=d", ""),
	}
	input := func(name, command, text string) hostile {
		return hostile{name: "standard input/" + name, command: command, stdin: text, want: "standard input", may: true}
	}
	for i, bomb := range yamlBombs {
		command := renderGroup + " -f -"
		if i%2 == 0 {
			command = "render -A --repo-root . --from -"
		}
		out = append(out, input(bomb.name, command, bomb.text()))
	}
	return out
}
