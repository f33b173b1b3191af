package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// replaced says why the objects of an Application, which stays, would be others: on another cluster, in another
// namespace, of other names, or from elsewhere. It returns "" if they are the same ones as far as the Application says.
func replaced(before, after object) string {
	places := []struct {
		what string
		of   func(app object) string
	}{
		{"on another cluster", func(app object) string {
			destination := at(app, "spec", "destination")
			return text(destination, "name") + text(destination, "server")
		}},
		{"in another namespace", func(app object) string { return text(app, "spec", "destination", "namespace") }},
		{"under the names of another Helm release", func(app object) string {
			return each(app, func(source object) string {
				if text(source, "chart") == "" && source["helm"] == nil {
					return ""
				}
				return cmp.Or(text(source, "helm", "releaseName"), hierarchy.NameOf(app))
			})
		}},
		{"under other names of Kustomize", func(app object) string {
			return each(app, func(source object) string {
				k := at(source, "kustomize")
				return text(k, "namePrefix") + " " + text(k, "nameSuffix") + " " + text(k, "namespace")
			})
		}},
		{"of another chart or directory", func(app object) string {
			return each(app, func(source object) string {
				if text(source, "ref") != "" && text(source, "path") == "" && text(source, "chart") == "" {
					return ""
				}
				repository := strings.TrimSuffix(text(source, "repoURL"), ".git")
				return repository + " " + text(source, "chart") + text(source, "path")
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
func each(app object, of func(source object) string) string {
	var all []string
	for _, source := range sourcesOf(app) {
		if one := strings.TrimSpace(of(source)); one != "" {
			all = append(all, one)
		}
	}
	return strings.Join(all, "\n")
}

// replacement says what becomes of the objects of an Application that makes others from now on; "" if it does not.
func replacement(m match) string {
	if m[0] == nil || m[1] == nil || m[0].kind != kindApplication || m[0].starts {
		return ""
	}
	how := replaced(m[0].object, m[1].object)
	switch {
	case how == "":
		return ""
	case prunes(m[1].object):
		return "its objects are made " + how + ", and Argo CD deletes those of today (prune)"
	}
	return "its objects are made " + how + ", and those of today stay behind, which nothing keeps up to date any more"
}

// replacements are about Applications that stay, and whose objects do not.
func replacements(matches []match) []Trap {
	byText := map[string][]string{}
	for _, one := range matches {
		if text := replacement(one); text != "" {
			byText[text] = append(byText[text], about(one[1]))
		}
	}
	var all []Trap
	for text, things := range byText {
		all = append(all, Trap{Kind: TrapReplaced, Objects: things,
			Message: fmt.Sprintf("%s: of each, %s: %s", problem.Count(len(things), "Application"), text,
				problem.Few(things)),
			Remedy: "bring back what the Application says today, or change it in a step of its own, after the " +
				"switch; --stage manifests has each object"})
	}
	slices.SortFunc(all, func(a, b Trap) int { return strings.Compare(a.Message, b.Message) })
	return all
}
