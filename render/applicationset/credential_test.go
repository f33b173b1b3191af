package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const remedy = " holds a credential; leave it out: it belongs in a repository Secret, which External Secrets can make"

func TestCredentialsInAddressesAreRefused(t *testing.T) {
	for _, test := range []struct{ name, over, want string }{
		{"the repository", "\nrepoURLGit: https://me:CANARY@git/a", "over.yaml:2: the setting repoURLGit"},
		{"a token", "repoURLGit: https://ghp_CANARY@github.com/a", "over.yaml:1: the setting repoURLGit"},
		{"pod identity", "ackPodIdentity:\n  repoURL: https://me:CANARY@git/a",
			"over.yaml:2: the setting ackPodIdentity.repoURL"},
		{"an annotation", "annotations:\n  a: https://me:CANARY@git/a", "over.yaml:2: the setting annotations.a"},
		{"a label", "commonLabels: {a: 'https://me:CANARY@git/a'}", "over.yaml:1: the setting commonLabels.a"},
		{"a value file", "valueFiles:\n- a\n- https://me:CANARY@git/a", "over.yaml:3: the setting valueFiles.1"},
		{"a patch", "templatePatch: |\n  spec: {source: {repoURL: 'https://me:CANARY@git/a'}}",
			"over.yaml:1: the setting templatePatch"},
		{"a chart repository", "app:\n  chartRepository: https://git/a?token=CANARY",
			`over.yaml:2: component "app": chartRepository`},
		{"a registry", "app:\n  chartRepository: me:CANARY@r.example.com/a",
			`over.yaml:2: component "app": chartRepository`},
		{"additional resources", "app: {additionalResources: {chart: c,\n repoURL: 'https://me:CANARY@git/a'}}",
			`over.yaml:2: component "app": additionalResources.repoURL`},
		{"pod identity of a component", "app: {ackPodIdentity:\n {repoURL: 'https://me:CANARY@git/a'}}",
			`over.yaml:2: component "app": ackPodIdentity.repoURL`},
		{"an annotation of the Applications", "app: {annotationsApp: {a.b/c: 'https://me:CANARY@git/a'}}",
			`over.yaml:1: component "app": annotationsApp."a.b/c"`},
		{"an annotation of the ApplicationSet", "app: {annotationsAppSet: {a: 'https://me:CANARY@git/a'}}",
			`over.yaml:1: component "app": annotationsAppSet.a`},
		{"a map called as Helm's values", "app: {selector: {valuesObject: {a: 'https://me:CANARY@git/a'}}}",
			`over.yaml:1: component "app": selector.valuesObject.a`},
		{"of several, the first", "app: {path: 'https://me:CANARY@git/a', namespace: 'https://me:CANARY@git/a'}",
			`over.yaml:1: component "app": namespace`},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireRefused(t, input{values: app, over: test.over}, test.want+remedy)
		})
	}
}

// TestValuesOfHelmMayHoldCredentials: they are what the user says. So is what is not rendered.
func TestValuesOfHelmMayHoldCredentials(t *testing.T) {
	const secret = "https://me:CANARY@git/a"
	objects := input{values: app, over: `
globalValuesObject: {a: ` + secret + `}
global: {a: ` + secret + `}
app: {valuesObject: {b: ` + secret + `}, additionalResources: {path: x, helm: {releaseName: r, valuesObject: {c: ` + secret + `}}}}
off: {enabled: false, chartRepository: ` + secret + `}
`}.render(t)
	require.Len(t, objects, 1)
	requireAt(t, objects, map[string]string{"app spec/template/spec/sources/1/helm/valuesObject": "{a: '" + secret +
		"', b: '" + secret + "'}"})
}
