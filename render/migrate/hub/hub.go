// Package hub finds the cluster that a fleet is started on: as somebody describes it, or as the directories of the
// repository let suppose.
package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// repositories are the repositories of a fleet, as annotations call them.
var repositories = []string{wellknown.GroupAddons, wellknown.GroupResources, wellknown.GroupFleet}

// placeholderURL stands for the address of a repository that nobody gives. No real server has it (RFC 6761).
const placeholderURL = "https://git.invalid/fleet.git"

// SupposedRegion stands for the region of a hub that nobody describes.
const SupposedRegion = "us-east-1"

// ErrSpoke is the cause when the cluster that is asked for is no hub.
var ErrSpoke = errors.New("is a spoke")

// A Question says which hub is looked for.
type Question struct {
	Name        string
	Labels      map[string]string // winning over what is known of it
	Annotations map[string]string
	Region      string // that it is in, if nobody says where
}

// A Hub is the cluster that the fleet is started on.
type Hub struct {
	cluster.Cluster
	Supposed []string // annotations that nobody gives, but that the ApplicationSets of today need
}

// fill adds the annotations that say where the repositories are, and the region, where nobody gives them.
func (h *Hub) fill(region string) {
	h.Cluster = h.Clone()
	add := func(key, value string) {
		if _, given := h.Annotations[key]; !given {
			h.Cluster = h.WithMetadata(nil, map[string]string{key: value})
			h.Supposed = append(h.Supposed, key)
		}
	}
	for _, name := range repositories {
		add(wellknown.RepositoryAnnotation(name, "url"), placeholderURL)
		add(wellknown.RepositoryAnnotation(name, "revision"), "HEAD")
		add(wellknown.RepositoryAnnotation(name, "basepath"), name)
	}
	add(wellknown.AnnotationRegion, region)
}

// Of returns the hub of a question: as the fleet and what comes from outside of it describe it, or else as the
// directories of the repository let suppose. Notes say what is supposed, and what is wrong with its secret. It fails if
// there is no trace of such a hub, and with [ErrSpoke] if it is none.
func Of(session *render.Session, tree fs.FS, q Question) (h Hub, notes []string, err error) {
	request := render.Request{Cluster: q.Name, Labels: q.Labels, Annotations: q.Annotations}
	clusters, _, err := session.Clusters(request)
	if err == nil {
		i := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == q.Name })
		c := clusters[i]
		if c.IsSpoke() {
			return Hub{}, nil, fmt.Errorf("cluster %q %w; give its hub (--cluster)", q.Name, ErrSpoke)
		}
		h = Hub{Cluster: c}
		if slices.ContainsFunc(repositories, func(name string) bool {
			return h.Annotations[wellknown.RepositoryAnnotation(name, "url")] != ""
		}) {
			return h, nil, nil
		}
		h.fill(q.Region) // as after --write without its cluster Secret
		return h, []string{fmt.Sprintf("the hub %q lacks the annotations %s, for which others are taken; give its "+
			"cluster Secret (--cluster-file, from kubectl get secret -o yaml), or --annotations", q.Name,
			strings.Join(h.Supposed, ", "))}, nil
	}
	if !errors.Is(err, render.ErrNoCluster) {
		return Hub{}, nil, err
	}
	supposed, note, found := supposeHub(session, tree, q)
	if found != nil || note == "" {
		return Hub{}, nil, errors.Join(found, err)
	}
	supposed, warnings, err := completed(session, supposed)
	if err != nil {
		return Hub{}, nil, err
	}
	h = Hub{Cluster: supposed.WithMetadata(q.Labels, q.Annotations)}
	h.fill(q.Region)
	notes = []string{note}
	for _, warning := range warnings {
		notes = append(notes, warning.Error())
	}
	return h, notes, nil
}

// completed returns a hub with what its secret in AWS Secrets Manager says, if secrets are read, and what is wrong with
// that. Its labels win over those that are known, and its annotations do not.
func completed(session *render.Session, c cluster.Cluster) (cluster.Cluster, []*problem.Problem, error) {
	read := session.Fleet().Secrets
	if read == nil {
		return c, nil, nil
	}
	id := "hub/" + c.Name
	found, warnings, err := read([]cluster.SecretReference{{ID: id, Hub: true}})
	if err != nil {
		return c, nil, err
	}
	secret := found[id]
	out := secret.WithMetadata(c.Labels, c.Annotations).WithMetadata(secret.Labels, nil)
	out.Name, out.Server = c.Name, secret.Server
	return out, warnings, nil
}

// supposeHub returns a hub as directories that have its name let suppose: TENANT/environments/ENVIRONMENT/clusters/HUB.
// The note is "" if there is no such directory.
func supposeHub(session *render.Session, tree fs.FS, q Question) (cluster.Cluster, string, error) {
	c := cluster.Cluster{Name: q.Name, Labels: map[string]string{}, Annotations: map[string]string{}}
	for _, appPath := range session.Fleet().AppPaths() {
		err := fs.WalkDir(tree, appPath, func(name string, entry fs.DirEntry, err error) error {
			parts := strings.Split(name, "/")
			at := len(parts) - 4 // of the last of TENANT/environments/ENVIRONMENT/clusters/HUB before clusters
			if err != nil {
				return err
			}
			if !entry.IsDir() || entry.Name() != q.Name || at < 1 || parts[at+2] != "clusters" ||
				parts[at] != "environments" {
				return nil
			}
			c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment] = parts[at-1], parts[at+1]
			return fs.SkipAll
		})
		if err != nil && !hierarchy.Absent(err) {
			return c, "", err
		}
		if len(c.Labels) > 0 {
			break
		}
	}
	if len(c.Labels) == 0 {
		return c, "", nil
	}
	c.Labels[wellknown.LabelFleetMember] = wellknown.FleetMemberHub
	if err := addOfLevels(session, &c); err != nil {
		return c, "", err
	}
	return c, fmt.Sprintf("nobody describes the hub %q: by the directories it is of tenant %s, environment %s, "+
		"labels %s; give its cluster Secret (--cluster-file, from kubectl get secret -o yaml), or --labels and "+
		"--annotations, for a comparison that is "+
		"sure", q.Name, c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment],
		pairs(c.Labels)), nil
}

// addOfLevels adds the labels and annotations that the levels give the cluster Secret of a hub.
func addOfLevels(session *render.Session, c *cluster.Cluster) error {
	f, repository := session.Fleet(), session.Repository()
	levels, err := f.LevelsOf(repository, *c, f.AppPaths()...)
	if err != nil {
		return err
	}
	var layers []hierarchy.Layer
	for _, directory := range directoriesOf(levels) {
		d, err := repository.Document(path.Join(directory, "fleet", "fleet-secret", "values.yaml"))
		if err != nil {
			return err
		}
		if d != nil {
			layers = append(layers, hierarchy.LayerOf(hierarchy.SourceFlags, d))
		}
	}
	values := hierarchy.Merge(nil, nil, layers).Map()
	secret := fields.AsMap(values["externalSecret"])
	for kind, into := range map[string]map[string]string{"labels": c.Labels, "annotations": c.Annotations} {
		for key, value := range fields.AsMap(secret[kind]) {
			if text, is := fields.Text(value); is && into[key] == "" && !cluster.IsPlaceholder(text) {
				into[key] = text
			}
		}
	}
	return nil
}

func directoriesOf(levels []fleet.ClusterLevel) []string {
	var all []string
	for _, level := range levels {
		all = append(all, level.Directories...)
	}
	return all
}

// Secret returns the cluster Secret of a cluster, so that every session has the same one. It fails as [render.Encode]
// does.
func Secret(c cluster.Cluster) (render.File, error) {
	labels, annotations := map[string]any{wellknown.LabelSecretType: "cluster"}, map[string]any{}
	for key, value := range c.Labels {
		labels[key] = value
	}
	for key, value := range c.Annotations {
		annotations[key] = value
	}
	data, err := render.Encode([]map[string]any{{"apiVersion": "v1", "kind": "Secret",
		"metadata":   map[string]any{"name": c.Name, "labels": labels, "annotations": annotations},
		"stringData": map[string]any{"name": c.Name, "server": c.Server}}}, "yaml")
	return render.File{Name: "cluster " + c.Name, Data: data}, err
}

// pairs returns a map as k=v,….
func pairs(m map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		all = append(all, key+"="+m[key])
	}
	return strings.Join(all, ",")
}
