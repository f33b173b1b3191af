package hierarchy

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// memberLabels are the keys of a member that become labels of its cluster, besides tenant and environment.
var memberLabels = []string{"use_remote_argo", "enable_remote_addons", "enable_remote_resources", "use_fleet_ack"}

// memberRepositories and memberRepositoryKeys make up the keys of a member that become annotations: addons_repo_url, …
var (
	memberRepositories   = []string{"addons", "resources", "fleet"}
	memberRepositoryKeys = []string{"url", "revision", "basepath", "path"}
)

// readMembers returns the clusters registered under fleet-members/HUB/SPOKE.yaml. Their labels and annotations are those
// of the member, over those that the levels give it in the value files fleet/fleet-secret/values.yaml.
func (f *Fleet) readMembers(repo *Repository) ([]Cluster, []*Problem, error) {
	hubs, err := repo.entries(f.Members)
	if err != nil {
		return nil, nil, err
	}
	var members []Cluster
	var warnings []*Problem
	byName := map[string]string{}
	for _, hub := range hubs {
		if is, err := repo.HasFolder(path.Join(f.Members, hub.Name())); err != nil {
			return nil, nil, err
		} else if !is {
			continue
		}
		files, err := repo.entries(path.Join(f.Members, hub.Name()))
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			if path.Ext(file.Name()) != ".yaml" && path.Ext(file.Name()) != ".yml" {
				continue
			}
			name := path.Join(f.Members, hub.Name(), file.Name())
			d, err := repo.Document(name)
			if err != nil {
				return nil, nil, err
			}
			if d == nil {
				continue // a link to nothing
			}
			member, err := f.readMember(repo, d, hub.Name())
			if err != nil {
				return nil, nil, err
			}
			if first, taken := byName[member.Name]; taken {
				return nil, nil, problem.New(name, d.Line("clusterName"), "cluster %q is already registered in %s", member.Name, first).
					WithHint("remove one of the files, or give it another clusterName")
			}
			byName[member.Name] = name
			members = append(members, member)
			warnings = append(warnings, d.Warnings...)
		}
	}
	return members, warnings, nil
}

func (f *Fleet) readMember(repo *Repository, d *Document, hub string) (Cluster, error) {
	r := reader(d, d.Values, "member")
	c := Cluster{
		Name:        r.TextOr("clusterName", strings.TrimSuffix(path.Base(d.Name), path.Ext(d.Name))),
		Hub:         hub,
		Labels:      map[string]string{"fleet_member": "spoke"},
		Annotations: map[string]string{},
		File:        d.Name,
	}
	if err := checkSegment(c.Name); err != nil {
		r.Fail("clusterName", "clusterName %w", err)
	}
	for _, key := range slices.Concat([]string{LabelTenant, LabelEnvironment}, memberLabels) {
		if r.Has(key) {
			c.Labels[key] = r.Text(key)
		}
	}
	for _, repository := range memberRepositories {
		for _, part := range memberRepositoryKeys {
			if key := repository + "_repo_" + part; r.Has(key) {
				c.Annotations[key] = r.Text(key)
			}
		}
	}
	if err := r.Err(); err != nil {
		return Cluster{}, err
	}
	under, err := f.levelMetadata(repo, c)
	if err != nil {
		return Cluster{}, err
	}
	return under.overlay(c), nil
}

// levelMetadata returns the labels and annotations that the levels give a cluster: externalSecret.labels and .annotations of
// the value files fleet/fleet-secret/values.yaml below each group's app path.
func (f *Fleet) levelMetadata(repo *Repository, c Cluster) (Cluster, error) {
	paths := map[string]bool{}
	for _, g := range f.Groups {
		paths[g.Path] = true
	}
	levels, err := f.LevelsOf(repo, c, slices.Sorted(maps.Keys(paths))...)
	if err != nil {
		return Cluster{}, err
	}
	layers, err := ComponentFiles(repo, levels, "fleet", "fleet-secret", "", "values.yaml")
	if err != nil {
		return Cluster{}, err
	}
	values := Merge(nil, nil, layers)
	r := Reader(values, "", "externalSecret")
	out := Cluster{Name: c.Name, Labels: r.TextMap("labels"), Annotations: r.TextMap("annotations")}
	return out, r.Err()
}
