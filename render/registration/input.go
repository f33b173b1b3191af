package registration

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// DefaultNamespace is that of Argo CD where nothing else is configured.
const DefaultNamespace = "argocd"

// Labels and annotations of a cluster that are read here.
const (
	labelRemoteArgo      = "use_remote_argo"
	labelExternalSecrets = "use_external_secrets"
	annotationRegion     = "aws_region"
	annotationSecretName = "secret_manager_secret_name"
)

// An Input says whose objects to make.
type Input struct {
	Cluster   Cluster   // that the objects will be on
	Members   []Cluster // of a hub; none for a spoke
	Namespace string    // of Argo CD on the cluster; "" for [DefaultNamespace]
	Region    string    // of a store for which the cluster says none; "" for no other
}

// A Cluster is one that is registered.
type Cluster struct {
	hierarchy.Cluster
	Values   *hierarchy.Values // of fleet/fleet-secret/values.yaml in its levels
	Own      map[string]string // its labels that its member file or fleet.yaml gives
	Metadata *hierarchy.Values // labels and annotations with their origins, for messages; may be nil
	Line     int               // where in its file it is named; 0 if that is not known
	Apart    bool              // of a member: it deploys all groups itself, and so needs no credentials on the hub
}

// Load reads the values for a cluster and, if it is a hub, its members. Of the cluster itself, labels and annotations are as
// given; of the members, those that the repository says. It fails as [hierarchy.Fleet.Identities] does, and for a file of
// values that cannot be read.
func Load(repo *hierarchy.Repository, fleet *hierarchy.Fleet, cluster hierarchy.Cluster) (Input, []*problem.Problem, error) {
	identities, warnings, err := fleet.Identities(repo, nil)
	if err != nil {
		return Input{}, nil, err
	}
	in := Input{Cluster: Cluster{Cluster: cluster}}
	if fleet.SecretsManager != nil {
		in.Region = fleet.SecretsManager.Region
	}
	for _, identity := range identities {
		switch {
		case identity.Name == cluster.Name:
			identity.Cluster, identity.Levels = cluster, nil // with what the request says of it
			in.Cluster, err = load(repo, fleet, identity)
		case identity.Hub == cluster.Name && !cluster.IsSpoke():
			var member Cluster
			member, err = load(repo, fleet, identity)
			in.Members = append(in.Members, member)
		}
		if err != nil {
			return Input{}, nil, err
		}
	}
	if in.Cluster.Values == nil { // not in the repository
		if in.Cluster, err = load(repo, fleet, hierarchy.Identity{Cluster: cluster}); err != nil {
			return Input{}, nil, err
		}
	}
	return in, warnings, nil
}

func load(repo *hierarchy.Repository, fleet *hierarchy.Fleet, identity hierarchy.Identity) (Cluster, error) {
	c := Cluster{Cluster: identity.Cluster, Metadata: identity.Metadata(), Own: map[string]string{}, Apart: true}
	levels := identity.Levels
	if levels == nil {
		var err error
		if levels, err = fleet.LevelsOf(repo, identity.Cluster, fleet.AppPaths()...); err != nil {
			return c, err
		}
	}
	layers, err := hierarchy.ComponentFiles(repo, levels, "fleet", "fleet-secret", "", "values.yaml")
	if err != nil {
		return c, err
	}
	c.Values = hierarchy.Merge(nil, nil, layers)
	for key, value := range c.Labels {
		origins := c.Metadata.Origins("labels", key)
		if len(origins) > 0 && (origins[0].Level == hierarchy.LevelMember || origins[0].Level == hierarchy.LevelFleet) {
			c.Own[key] = value
		}
	}
	if c.Hub != "" {
		if c.Line, err = nameLine(repo, c.File); err != nil {
			return c, err
		}
	}
	for name := range fleet.Groups {
		if name != "fleet" && !c.Manages(name) {
			c.Apart = false
		}
	}
	return c, nil
}

// nameLine returns the line of a member's name in its file; 0 if the file itself is what names it.
func nameLine(repo *hierarchy.Repository, file string) (int, error) {
	d, err := repo.Document(file)
	if err != nil || d == nil || d.Values["clusterName"] == nil {
		return 0, err
	}
	return d.Line("clusterName"), nil
}

// locate returns where a label or an annotation of the cluster is set; else the file that describes the cluster.
func (c Cluster) locate(path ...string) (file string, line int) {
	if c.Metadata != nil && len(c.Metadata.Origins(path...)) > 0 {
		return c.Metadata.Locate(path...)
	}
	return c.File, 0
}

// isPlaceholder tells whether a text is one that somebody has yet to fill in, such as <secret-arn>.
func isPlaceholder(text string) bool {
	return strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">")
}
