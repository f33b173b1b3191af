package application

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// patches remembers what a version of Argo CD does not know of the rendered templatePatches of an ApplicationSet.
type patches struct {
	version argocd.Version
	found   map[string]bool
}

// maxPatchFindings is how many of them are remembered, since there can be others for each cluster.
const maxPatchFindings = 100

// check remembers what is not known of a patch. Values of wrong types are errors where the patch is applied, and
// directives of a patch ($patch) are no fields.
func (p *patches) check(patch map[string]any) {
	for _, found := range argocd.Unknown(argocd.Application, patch, p.version) {
		if found.Unknown && !strings.Contains(found.Path, ".$") && len(p.found) < maxPatchFindings {
			if p.found == nil {
				p.found = map[string]bool{}
			}
			p.found[found.Message+"; "+found.Hint()] = true
		}
	}
}

// messages returns what was not known, sorted.
func (p *patches) messages() []string { return slices.Sorted(maps.Keys(p.found)) }
