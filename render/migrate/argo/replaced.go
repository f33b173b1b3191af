package argo

import (
	"cmp"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// Replaced says why the objects of an Application, which stays, would be others: on another cluster, in another
// namespace, of other names, or from elsewhere. It returns "" if they are the same ones as far as the Application says.
func Replaced(before, after Object) string {
	places := []struct {
		what string
		of   func(app Object) string
	}{
		{"on another cluster", func(app Object) string {
			destination := At(app, "spec", "destination")
			return Text(destination, "name") + Text(destination, "server")
		}},
		{"in another namespace", func(app Object) string { return Text(app, "spec", "destination", "namespace") }},
		{"under the names of another Helm release", func(app Object) string {
			return each(app, func(source Object) string {
				if Text(source, "chart") == "" && source["helm"] == nil {
					return ""
				}
				return cmp.Or(Text(source, "helm", "releaseName"), hierarchy.NameOf(app))
			})
		}},
		{"under other names of Kustomize", func(app Object) string {
			return each(app, func(source Object) string {
				k := At(source, "kustomize")
				return Text(k, "namePrefix") + " " + Text(k, "nameSuffix") + " " + Text(k, "namespace")
			})
		}},
		{"of another chart or directory", func(app Object) string {
			return each(app, func(source Object) string {
				if Text(source, "ref") != "" && Text(source, "path") == "" && Text(source, "chart") == "" {
					return ""
				}
				repository := strings.TrimSuffix(Text(source, "repoURL"), ".git")
				return repository + " " + Text(source, "chart") + Text(source, "path")
			})
		}},
	}
	var found []string
	for _, place := range places {
		if place.of(before) != place.of(after) {
			found = append(found, place.what)
		}
	}
	return strings.Join(found, ", ")
}

// each joins what the sources of an Application have.
func each(app Object, of func(source Object) string) string {
	var all []string
	for _, source := range Sources(app) {
		if one := strings.TrimSpace(of(source)); one != "" {
			all = append(all, one)
		}
	}
	return strings.Join(all, "\n")
}
