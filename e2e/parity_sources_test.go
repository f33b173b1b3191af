package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// compareSources compares the objects that repo-server renders of the fixtures with those of cmp.
func (p *parity) compareSources(t *testing.T, argo *argoCD) (outcomes []outcome) {
	t.Helper()
	printed, refusals := p.applications(t, argo, "bootstrap/sources.yaml")
	applications := map[string]*v1alpha1.Application{}
	for _, object := range printed {
		app := applicationOf(t, object)
		applications[app.Name] = app
	}
	rendered, messages := p.objects(t, argo)
	apps := make([]*v1alpha1.Application, len(p.sources))
	for i, f := range p.sources {
		if apps[i] = applications[f.name]; apps[i] == nil {
			apps[i] = &v1alpha1.Application{}
		}
	}
	answers := argo.generateAll(t, apps)
	for i, f := range p.sources {
		message := about(refusals, "Error", fmt.Sprintf("ApplicationSet %q", f.name))
		if apps[i].Name == "" {
			outcomes = append(outcomes, outcome{fixture: f, difference: "cmp makes no Application: " + message})
			continue
		}
		own := rendered[keyOf(apps[i])]
		message = about(messages, "Error", "application "+f.name+",")
		outcomes = append(outcomes, f.judge(argo.minor(), answers[i].err, message, len(own), func() string {
			return differentObjects(own, deduplicated(parse(t, answers[i].objects)))
		}))
	}
	return outcomes
}

// objects are those that cmp renders of the sources, by "APPLICATION CLUSTER".
func (p *parity) objects(t *testing.T, argo *argoCD) (objects map[string][]any, messages []string) {
	t.Helper()
	args := append(p.manifestFlags(), "--from", "bootstrap/sources.yaml")
	stdout, messages := p.render(t, argo, args...)
	return objectsByApplication(t, stdout), messages
}

// deduplicated are objects of which each counts once, the last one, as in Argo CD's controller
// (DeduplicateTargetObjects in controller/state.go), which warns of the others.
func deduplicated(objects []any) (kept []any) {
	seen := map[string]bool{}
	for i, object := range slices.Backward(objects) {
		u := unstructured.Unstructured{Object: object.(map[string]any)}
		kind := u.GroupVersionKind().GroupKind()
		key := fmt.Sprintf("%s %s/%s", kind, u.GetNamespace(), u.GetName())
		if u.GetName() == "" {
			key += fmt.Sprint(u.GetGenerateName(), i)
		}
		if !seen[key] {
			seen[key] = true
			kept = append(kept, object)
		}
	}
	slices.Reverse(kept)
	return kept
}
