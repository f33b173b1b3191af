package reference_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// elsewhere are the keys whose examples change nothing that these stages print, by the test that shows their effect.
var elsewhere = map[string][]string{
	"TestFleetFileErrors":        {"apiVersion", "kind"},
	"TestEveryKeyOfTheFleetFile": {"spec", "spec.clusters[].name"},
	"TestVersionsOfCmp":          {"spec.cmpVersion"},
	"TestVersionsOfFleet":        {"spec.argocdVersion", "spec.kubernetesVersion"},
	"TestSources": {"spec.chartRepositories", "spec.repositoryURLs", "spec.secretsManager.region",
		"spec.secretsManager.roleARN", "spec.secretsManager.timeout", "spec.secretsManager.cache"},
	"TestSettingsFilesThatFleetNames": {"spec.groups.GROUP.settingsFiles"},
	"TestPrefixesOfSecrets":           {"spec.secretsManager.prefixes"},
	"TestIgnoresOfTheDocumentation": {"spec.lint", "spec.lint.ignore", "spec.lint.ignore[].rule",
		"spec.lint.ignore[].path", "spec.lint.ignore[].reason"},
	"TestLimits": {"spec.limits", "spec.limits.fileSize", "spec.limits.memory", "spec.limits.timeout",
		"spec.limits.applicationTimeout"},
	itself: {"metadata", "settings.global", "registration.externalSecret.server",
		"registration.externalSecret.clusterName",
		"registration.externalSecret.githubSecret", "registration.externalSecret.githubSecretName",
		"registration.ecrAuthenticationToken.secretName"},
}

// itself stands for the test here, which shows that keys have no effect.
const itself = "TestExamplesRender"

// changesNothing returns the test that shows the effect of a key that changes nothing here; "" for most.
func changesNothing(key reference.Key) string {
	for test, keys := range elsewhere {
		if slices.Contains(keys, key.Full()) {
			return test
		}
	}
	return ""
}

// TestExamplesRender: each example renders, is understood, and changes what is rendered.
func TestExamplesRender(t *testing.T) {
	for _, kind := range reference.Kinds() {
		for _, key := range kind.Keys {
			t.Run(key.Full(), func(t *testing.T) {
				without, err := try(t, filesWith(t, key, nil))
				require.Equal(t, key.Name() == "allowEmpty", err != nil, "%v", err)
				with, err := try(t, filesWith(t, key, unmarshal(t, key.Snippet())))
				require.NoError(t, err)
				said := strings.Join(with.said, "\n")
				require.Equal(t, key.Inert, strings.Contains(said, "has no effect"), said)
				if test := changesNothing(key); test != "" || key.Inert {
					require.Equal(t, without.printed, with.printed, "the example shows here what %s shows", test)
				} else {
					require.NotEqual(t, without.printed, with.printed, "the example changes nothing")
				}
			})
		}
	}
}

// TestTestsOfEffects: the tests that are named for the effects of keys exist.
func TestTestsOfEffects(t *testing.T) {
	var all strings.Builder
	root := os.DirFS(filepath.Join("..", "..", "hierarchy"))
	require.NoError(t, fs.WalkDir(root, ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, "_test.go") {
			text, err := fs.ReadFile(root, name)
			require.NoError(t, err)
			all.Write(text)
		}
		return err
	}))
	for test := range elsewhere {
		if test == itself {
			continue
		}
		require.Contains(t, all.String(), "\nfunc "+test+"(", test)
	}
}

// set sets a key of the values that its example makes, as a value of its own.
func set(t *testing.T, key reference.Key, value any) map[string]any {
	values := unmarshal(t, key.Snippet())
	path := key.Path
	if key.Kind().Name == "component" {
		path = "karpenter." + path
	}
	parent := path[:max(strings.LastIndexByte(path, '.'), 0)]
	of := at(t, values, parent)
	for name := range of {
		if !requiredBeside(key, name) {
			delete(of, name)
		}
	}
	if name := key.Name(); value != missing && name == "GROUP" {
		of["addons"] = value
	} else if value != missing {
		of[name] = value
	}
	return values
}

// missing is a value for a key that is not there.
const missing = "missing"

// requiredBeside tells whether a key of an example is one that its map, or every component, needs.
func requiredBeside(key reference.Key, name string) bool {
	return key.Kind().Name == "component" && name == "enabled" || slices.ContainsFunc(key.Beside(),
		func(k reference.Key) bool {
			return k.Required && k.Name() == name
		})
}

// defaultOf returns the default of a key as a value.
func defaultOf(t *testing.T, key reference.Key) any {
	if key.Type == reference.Text {
		return key.Default
	}
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(key.Default), &value))
	return value
}

// TestDefaults: a key with its default is as good as no key.
func TestDefaults(t *testing.T) {
	tried := 0
	for _, kind := range reference.Kinds() {
		for _, key := range kind.Keys {
			if key.Default == "" || key.Name() == "path" && kind.Name == "fleet" || key.Name() == "enabled" &&
				kind.Name == "component" {
				continue // which the small fleet needs
			}
			t.Run(key.Full(), func(t *testing.T) {
				tried++
				without, err := try(t, filesWith(t, key, set(t, key, missing)))
				require.NoError(t, err)
				with, err := try(t, filesWith(t, key, set(t, key, defaultOf(t, key))))
				require.NoError(t, err)
				if kind.Name == "member" { // where it becomes a label
					return
				}
				require.Equal(t, without.printed, with.printed)
			})
		}
	}
	require.Greater(t, tried, 20)
}

// wrong are values that no key of a type may have.
var wrong = map[reference.Type]any{
	reference.Text: map[string]any{"a": "b"}, reference.Version: 3.5, reference.Switch: []any{"true"},
	reference.Size: []any{"1Mi"}, reference.Duration: "soon", reference.Texts: "a", reference.TextMap: []any{"a"},
	reference.Map: "a", reference.Maps: "a", reference.MapOf: "a",
}

// TestWrongTypes: what the table says that a key cannot hold, the program refuses, as the schemas do.
func TestWrongTypes(t *testing.T) {
	for _, kind := range reference.Kinds() {
		for _, key := range kind.Keys {
			if changesNothing(key) == itself || key.Inert {
				continue // which nothing reads
			}
			t.Run(key.Full(), func(t *testing.T) {
				files := filesWith(t, key, set(t, key, wrong[key.Type]))
				got, err := try(t, files)
				require.True(t, err != nil || strings.Contains(strings.Join(got.said, ""), key.Name()), "%v", got.said)
			})
		}
	}
}
