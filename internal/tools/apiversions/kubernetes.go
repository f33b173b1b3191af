package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kubernetes returns a line for each kind that one of the versions serves by default: from which minor version to which
// it does, and GROUP/VERSION/KIND.
func kubernetes(oldest, newest string) (string, error) {
	first, err := minor(oldest)
	if err != nil {
		return "", err
	}
	last, err := minor(newest)
	if err != nil {
		return "", err
	}
	since := map[string]int{} // what the version at hand serves
	var lines []string
	for version := first; version <= last+1; version++ {
		var kinds map[string]bool
		if version <= last {
			if kinds, err = served(fmt.Sprintf("v1.%d.0", version)); err != nil {
				return "", err
			}
		}
		for kind := range kinds {
			if _, known := since[kind]; !known {
				since[kind] = version
			}
		}
		for kind, start := range since {
			if !kinds[kind] {
				lines = append(lines, fmt.Sprintf("%s 1.%d 1.%d\n", kind, start, version-1))
				delete(since, kind)
			}
		}
	}
	slices.Sort(lines)
	return "# GROUP/VERSION/KIND, and the first and the last Kubernetes that serves it by default.\n" +
		strings.Join(lines, ""), nil
}

func minor(version string) (int, error) {
	text, ok := strings.CutPrefix(version, "1.")
	number, err := strconv.Atoi(text)
	if !ok || err != nil {
		return 0, fmt.Errorf("%q is no minor version such as 1.36", version)
	}
	return number, nil
}

// served returns GROUP/VERSION/KIND of what a Kubernetes serves by default and Argo CD tells charts of: what can be
// listed and watched (GetAPIResources of its gitops-engine).
func served(version string) (map[string]bool, error) {
	directory, err := download("k8s.io/kubernetes@" + version)
	if err != nil {
		return nil, err
	}
	all, err := described(directory)
	if err != nil {
		return nil, err
	}
	enabled, err := enabledByDefault(directory)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for resource, kind := range all {
		if enabled[resource.groupVersion] || enabled[resource.String()] {
			out[resource.groupVersion+"/"+kind] = true
		}
	}
	return out, nil
}

// A resource is one of an API version: apps/v1, deployments.
type resource struct{ groupVersion, name string }

func (r resource) String() string { return r.groupVersion + "/" + r.name }

// described returns the kinds of all resources that can be listed and watched. They are in the description of the API
// that Kubernetes keeps in its sources, which is that of a server with everything that is off by default.
func described(directory string) (map[resource]string, error) {
	file := filepath.Join(directory, "api", "openapi-spec", "swagger.json")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var description struct {
		Paths map[string]struct {
			Get struct {
				Action string                                `json:"x-kubernetes-action"`
				Kind   struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
			}
		}
	}
	if err := json.Unmarshal(data, &description); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	listed, watched := map[resource]string{}, map[resource]bool{}
	for address, operation := range description.Paths {
		get := operation.Get
		r := resource{groupVersion(get.Kind.Group, get.Kind.Version), path.Base(address)}
		switch get.Action {
		case "list":
			listed[r] = get.Kind.Kind
		case "watchlist":
			watched[r] = true
		}
	}
	maps.DeleteFunc(listed, func(r resource, _ string) bool { return !watched[r] })
	return listed, nil
}

// How the sources list what is enabled by default: PACKAGE.SchemeGroupVersion, or, of a version that is not enabled as
// a whole, PACKAGE.SchemeGroupVersion.WithResource("RESOURCE").
var (
	enabledList    = regexp.MustCompile(`(?s)EnabledByDefault\w* = \[\]schema\.\w+\{\n(.*?)\n\t\}`)
	enabledElement = regexp.MustCompile(`(?m)^\s*(\w+)\.SchemeGroupVersion(?:\.WithResource\("(\w+)"\))?,`)
)

// enabledByDefault returns the API versions, and single resources of others, that are served where nobody says
// otherwise.
func enabledByDefault(directory string) (map[string]bool, error) {
	file := filepath.Join(directory, "pkg", "controlplane", "instance.go")
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	packages := importsOf(source)
	// Servers of their own inside kube-apiserver serve these.
	out := map[string]bool{"apiextensions.k8s.io/v1": true, "apiregistration.k8s.io/v1": true}
	lists := enabledList.FindAllSubmatch(source, -1)
	for _, list := range lists {
		for _, element := range enabledElement.FindAllSubmatch(list[1], -1) {
			imported := packages[string(element[1])]
			group, err := readGroup(filepath.Join(directory, "pkg", "apis", path.Base(path.Dir(imported))))
			if err != nil {
				return nil, err
			}
			name := groupVersion(group, path.Base(imported))
			if resource := string(element[2]); resource != "" {
				name += "/" + resource
			}
			out[name] = true
		}
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("%s does not list what is enabled by default", file)
	}
	return out, nil
}
