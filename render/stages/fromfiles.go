package stages

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// fromFiles returns the ApplicationSets and Applications in files; other objects in them are left out. What a directory
// holds beside these need not be objects at all.
func (s *run) fromFiles() ([]set, error) {
	all := map[string][]set{} // by kind; without an object where a later one counts
	given := map[string]int{} // where
	for _, file := range s.request.From {
		objects, err := hierarchy.ParseObjects(file.Name, file.Data)
		var p *problem.Problem
		if file.InDirectory && errors.As(err, &p) {
			s.warn([]*problem.Problem{p.WithHint("it is left out, as a file that holds no objects").
				WithRule(problem.RuleUnreadFile)})
			continue
		}
		if err != nil {
			return nil, err
		}
		found := file.InDirectory
		for _, object := range objects {
			version, _ := object["apiVersion"].(string)
			kind, _ := object["kind"].(string)
			if kind != kindApplicationSet && kind != kindApplication || !strings.HasPrefix(version, "argoproj.io/") {
				continue
			}
			found = true
			key := kind + namespaced(object)
			if i, is := given[key]; is && hierarchy.NameOf(object) != "" {
				s.warn([]*problem.Problem{problem.New(file.Name, 0, "%s %q is given twice: the last one counts", kind,
					hierarchy.NameOf(object)).
					WithHint("remove one of them").WithRule(problem.RuleConflicts)})
				all[kind][i] = set{}
			}
			given[key] = len(all[kind])
			all[kind] = append(all[kind], set{object: object, file: file.Name})
		}
		if !found {
			return nil, problem.New(file.Name, 0, "there is neither an ApplicationSet nor an Application in the file").
				WithHint("give files with such objects as --from")
		}
	}
	// First what ApplicationSets make, since these take over Applications of the same name.
	sets := slices.DeleteFunc(append(all[kindApplicationSet], all[kindApplication]...), func(of set) bool {
		return of.object == nil
	})
	if len(sets) == 0 {
		return nil, errors.New("there is neither an ApplicationSet nor an Application in the files of --from")
	}
	return sets, nil
}

// namespaced returns the namespace and name of an object; without one, it is in that of Argo CD.
func namespaced(object render.Object) string {
	metadata, _ := object["metadata"].(render.Object)
	namespace, _ := metadata["namespace"].(string)
	return cmp.Or(namespace, "argocd") + "/" + hierarchy.NameOf(object)
}
