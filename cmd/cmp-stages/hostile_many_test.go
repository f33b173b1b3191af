package main

import (
	"fmt"
	"strings"
)

// hostileNumbers are inputs that are small for each of their parts, and look for work that grows faster than these.
func hostileNumbers() []hostile {
	const fleet = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  members: members\n"
	const clusters, registration = "clusters --repo-root .", "render --cluster hub --stage registration --repo-root ."
	const level = "core/tenants/shop/environments/prod/fleet/fleet-secret/values.yaml"
	const settings = "core/defaults/application-sets/core.yaml"
	of := func(name, command, file, text string) hostile {
		return hostile{name: "many/" + name, command: command, want: file, may: true,
			files: map[string]string{file: text}}
	}
	tag := lines(60_000, "%TAG !%d! x")
	members := func(h hostile, count int, format string) hostile {
		for i := range count {
			h.files[fmt.Sprintf("members/hub/s%d.yaml", i)] = strings.ReplaceAll(format, number, fmt.Sprint(i))
		}
		return h
	}
	const spoke = "{tenant: shop, environment: prod, secretManagerSecretName: fleet/s%d}\n"
	apps := lines(20_000, "---\n{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a%d}}")
	out := []hostile{
		of("directives", clusters, "fleet.yaml", tag+"---\n"+fleet),
		of("directives of a level", renderGroup, settings, tag+"---\na: 1\n"),
		of("levels", clusters, "fleet.yaml", fleet+"  levels:\n"+
			lines(15_000, "  - {name: l%d, paths: ['a/{{.name}}']}")),
		of("paths of a level", clusters, "fleet.yaml",
			fleet+"  levels:\n  - name: a\n    paths:\n"+lines(30_000, "    - 'a%d/{{.name}}'")),
		of("groups", "releases --repo-root .", "fleet.yaml", fleet+"  groups:\n"+
			lines(20_000, "    g%d: {path: core}")),
		of("selectors", renderGroup, settings, "globalSelectors:\n"+lines(20_000, "  k%d: v")),
		of("expressions", renderGroup, "charts/application-sets/values/app.yaml",
			"app: {enabled: true, namespace: app, path: charts/app, defaultVersion: 1.0.0, selector: "+
				"{matchExpressions: ["+
				strings.ReplaceAll(lines(15_000, "{key: k%d, operator: Exists},"), "\n", " ")+"]}}\n"),
		of("releases at bootstrap", "render --cluster hub --stage bootstrap --repo-root .", "releases.yaml",
			"releases:\n  core:\n"+lines(30_000, "  - {type: r%d}")),
		of("components without a file", renderGroup, settings, lines(40_000, "x%d: {enabled: true}")),
		members(of("annotations of members", clusters, level, "externalSecret:\n  annotations:\n"+
			lines(70_000, "    k%d: v")),
			300, spoke),
		members(of("Git credentials of members", registration, level,
			"global:\n  gitExternalSecrets:\n    enabled: true\n"+
				"    externalSecrets:\n"+lines(10_000, "      a%d: {secretManagerSecretName: a}")), 50, spoke),
		members(of("unknown tenants", "member check --repo-root .", "members/hub/s0.yaml", ""), 2000,
			"{tenant: t%d, environment: prod}\n"),
		of("ignored findings of tenants", "member check --repo-root .", "fleet.yaml", fleet+"  lint:\n    ignore:\n"+
			lines(12_000, "    - {rule: unknown-tenant, path: a/b%d, reason: x}")),
		of("Applications given twice", expandFiles, "apps.yaml", apps+apps),
	}
	for i := range out {
		out[i].want += "|members/hub" // of which some say that they have no directory
	}
	return out
}
