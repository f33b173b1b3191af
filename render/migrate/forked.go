package migrate

import (
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/fork"
)

// hasDirectory tells whether a path is a directory of the repository.
func (m *migration) hasDirectory(name string) bool {
	if !fs.ValidPath(path.Clean(name)) {
		return false
	}
	info, err := fs.Stat(m.Tree, path.Clean(name))
	return name != "" && err == nil && info.IsDir()
}

// addFork adds to a group what cmp needs for the fork of the chart that one source of an Application has. It returns
// the levels with those of this group.
func (m *migration) addFork(group object, levels []fork.Level, a *app, source int, both bool) []fork.Level {
	written := object{}
	if a.of != nil {
		if all := argo.Sources(argo.At(a.of.object, "spec", "template")); source < len(all) {
			written = all[source]
		}
	}
	of := fork.Application{Name: hierarchy.NameOf(a.object), Hub: m.hub.Cluster, Source: argo.Sources(a.object)[source],
		Template: written}
	for _, s := range m.today.sets {
		if s.by == a {
			of.Sets = append(of.Sets, s.object)
		}
	}
	of.Key = fork.Keys(m.Tree, of.Source)
	p, ok := fork.Propose(of)
	if !ok {
		return levels
	}
	maps.Copy(group, p.Settings)
	group["path"] = p.Path
	if group["components"] == nil {
		group["components"] = []any{}
	}
	if both {
		group[wellknown.SettingUseValuesFilePrefix] = "both"
	}
	if len(levels) == 0 {
		levels = fork.Usual(m.Tree, m.today.session.Fleet().Levels, p.Path)
	}
	for _, level := range p.Levels {
		i := slices.IndexFunc(levels, func(l fork.Level) bool { return l.Name == level.Name })
		if i < 0 {
			levels = append(levels, level)
			continue
		}
		for _, directory := range level.Paths {
			if !slices.Contains(levels[i].Paths, directory) {
				levels[i].Paths = append(levels[i].Paths, directory)
			}
		}
	}
	return levels
}
