package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// helm returns a line for each version of Helm, and below it one for each API version that it is built with, in its
// order.
func helm() (string, error) {
	versions, err := helmVersions()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("# The API versions that each version of Helm is built with, in its order.\n")
	for _, version := range versions {
		client, err := clientOf(version)
		if err != nil {
			return "", err
		}
		known, err := schemeOf(client)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "Helm %s\n%s\n", version, strings.Join(known, "\n"))
	}
	return out.String(), nil
}

// helmVersions returns the versions of Helm that Argo CD has, and those that this module links, the oldest first.
func helmVersions() ([]string, error) {
	linked, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "helm.sh/helm/v3", "helm.sh/helm/v4").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	out := strings.Fields(strings.ReplaceAll(string(linked), "v", ""))
	for _, v := range argocd.Versions {
		out = append(out, v.Helm)
	}
	slices.SortFunc(out, func(a, b string) int { return semver.MustParse(a).Compare(semver.MustParse(b)) })
	return slices.Compact(out), nil
}

// required is the client-go that a go.mod asks for.
var required = regexp.MustCompile(`k8s\.io/client-go (v[0-9.]+)\n`)

// clientOf returns the version of client-go that a Helm is built with.
func clientOf(version string) (string, error) {
	major, _, _ := strings.Cut(version, ".")
	directory, err := download("helm.sh/helm/v" + major + "@v" + version)
	if err != nil {
		return "", err
	}
	file, err := os.ReadFile(filepath.Join(directory, "go.mod"))
	if err != nil {
		return "", err
	}
	found := required.FindSubmatch(file)
	if found == nil {
		return "", fmt.Errorf("go.mod of Helm %s requires no client-go", version)
	}
	return string(found[1]), nil
}

// addedElement is how client-go lists what it adds.
var addedElement = regexp.MustCompile(`(?m)^\t(\w+)\.AddToScheme,`)

// schemeOf returns the API versions that a client-go knows, in the order in which it adds them, and what Helm adds to
// them (allKnownVersions).
func schemeOf(version string) ([]string, error) {
	client, err := download("k8s.io/client-go@" + version)
	if err != nil {
		return nil, err
	}
	api, err := download("k8s.io/api@" + version)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(client, "kubernetes", "scheme", "register.go")
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	packages, added := importsOf(source), addedElement.FindAllSubmatch(source, -1)
	if len(added) == 0 {
		return nil, fmt.Errorf("%s adds nothing to the scheme", file)
	}
	out := []string{"v1"}
	for _, element := range added {
		imported := packages[string(element[1])]
		group, err := readGroup(filepath.Join(api, strings.TrimPrefix(imported, "k8s.io/api/")))
		if err != nil {
			return nil, err
		}
		if name := groupVersion(group, path.Base(imported)); name != "v1" {
			out = append(out, name)
		}
	}
	return append(out, "apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1"), nil
}
