package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// replacement says what becomes of the objects of an Application that makes others from now on; "" if it does not.
func replacement(m match) string {
	if m[0] == nil || m[1] == nil || m[0].kind != argo.KindApplication || m[0].starts {
		return ""
	}
	how := argo.Replaced(m[0].object, m[1].object)
	switch {
	case how == "":
		return ""
	case argo.Prunes(m[1].object):
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
