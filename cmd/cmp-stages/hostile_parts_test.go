package main

import (
	"fmt"
	"strings"
)

// hostileParts are inputs of which each part is bounded, and that have many parts: it is their sum that counts.
func hostileParts() []hostile {
	const endless = `{{ range until 100000 }}{{ range until 100000 }}{{ if eq "a" "b" }}{{ end }}{{ end }}{{ end }}`
	var applications []string
	for i := range 20 {
		applications = append(applications, applicationFor(fmt.Sprintf("victim%d", i), "charts/app", ""))
	}
	var components strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&components, "c%d: {enabled: true, namespace: a, path: charts/app, defaultVersion: 1.0.0}\n", i)
	}
	return []hostile{
		{name: "parts/Applications without end", command: renderFiles, want: "victim0",
			files: map[string]string{"apps.yaml": strings.Join(applications, "---\n"),
				"charts/app/templates/map.yaml": endless}},
		{name: "parts/Applications without end, strict", command: renderFiles + " --strict", want: "victim0",
			files: map[string]string{"apps.yaml": strings.Join(applications, "---\n"),
				"charts/app/templates/map.yaml": endless}},
		{name: "parts/output", command: renderGroup, want: "applicationset_|group core",
			files: map[string]string{"charts/application-sets/values/app.yaml": components.String(),
				"core/defaults/application-sets/core.yaml": "templatePatch: " + repeated("x", 900_000) + "\n"}},
	}
}
