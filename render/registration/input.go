package registration

import (
	"slices"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// defaultNamespace is that of Argo CD where nothing else is configured.
const defaultNamespace = "argocd"

// An Input says whose objects to make.
type Input struct {
	Cluster   Cluster   // that the objects will be on
	Members   []Cluster // of a hub; none for a spoke
	Namespace string    // of Argo CD on the cluster; "" for argocd
	Region    string    // of a store for which the cluster says none; "" for no other
	Prefix    string    // of the names of the members' secrets that are no ARN
}

// A Cluster is one that is registered.
type Cluster struct {
	cluster.Cluster
	Values   *hierarchy.Values // of fleet/fleet-secret/values.yaml in its levels
	Own      map[string]string // its labels that its member file or fleet.yaml gives
	Metadata *hierarchy.Values // labels and annotations with their origins, for messages; may be nil
	Line     int               // where in its file it is named; 0 if that is not known
	Apart    bool              // of a member: it deploys all groups itself, and so needs no credentials on the hub
}

// Load reads the values for a cluster and, if it is a hub, its members. Of the cluster itself, labels and annotations
// are as given; of the members, those that the repository says, and where the repositories are, as the given hub says:
// what their secrets say is for External Secrets, which keeps it up to date. It fails as [member.Identities] does, for
// a file of values that cannot be read, and as [member.CheckLevelSecrets] does.
func Load(repo *hierarchy.Repository, f *fleet.Fleet, c cluster.Cluster) (Input, []*problem.Problem, error) {
	offline := *f
	offline.Secrets = nil
	var identities []member.Identity
	var warnings []*problem.Problem
	var err error
	if c.IsSpoke() { // which needs no other member
		identities, warnings, err = member.IdentitiesFor(&offline, repo, c.Name, nil)
	} else {
		identities, warnings, err = member.Identities(&offline, repo, nil)
		if err == nil && saysMore(c, identities) { // which its members have of it
			identities, warnings, err = member.Identities(&offline, repo, []cluster.Cluster{c})
		}
	}
	if err != nil {
		return Input{}, nil, err
	}
	in := Input{Cluster: Cluster{Cluster: c}}
	if f.SecretsManager != nil {
		in.Region, in.Prefix = f.SecretsManager.Region, f.SecretsManager.Prefix
	}
	values := member.NewValuesReader(f, repo)
	for i, identity := range identities {
		switch {
		case identity.Name == c.Name: // with what the request says of it
			identities[i].Labels, identities[i].Annotations, identities[i].Levels = c.Labels, c.Annotations, nil
			identity.Cluster, identity.Levels = c, nil
			in.Cluster, err = load(repo, f, values, identity)
		case identity.Hub == c.Name && !c.IsSpoke():
			var m Cluster
			m, err = load(repo, f, values, identity)
			in.Members = append(in.Members, m)
		case identity.Name == c.Hub && in.Region == "": // whose store reads the same secret
			in.Region = identity.Annotations[wellknown.AnnotationRegion]
		}
		if err != nil {
			return Input{}, nil, err
		}
	}
	if err := checkSecrets(repo, &offline, in, identities); err != nil {
		return Input{}, nil, err
	}
	if in.Cluster.Values == nil { // not in the repository
		if in.Cluster, err = load(repo, f, values, member.Identity{Cluster: c}); err != nil {
			return Input{}, nil, err
		}
	}
	return in, warnings, nil
}

// saysMore tells whether a hub has annotations about repositories that the repository does not say.
func saysMore(hub cluster.Cluster, identities []member.Identity) bool {
	known := cluster.Cluster{}
	if i := slices.IndexFunc(identities, func(of member.Identity) bool { return of.Name == hub.Name }); i >= 0 {
		known = identities[i].Cluster
	}
	for _, repository := range wellknown.Repositories() {
		for _, part := range []string{"url", "revision", "basepath", "path"} {
			key := wellknown.RepositoryAnnotation(repository, part)
			if hub.Annotations[key] != known.Annotations[key] {
				return true
			}
		}
	}
	return false
}

// checkSecrets fails if a level names a secret for one of the clusters that it may not have. The members' own files are
// checked where they are read. Of a spoke, this needs the others.
func checkSecrets(repo *hierarchy.Repository, f *fleet.Fleet, in Input, identities []member.Identity) error {
	of := func(c cluster.Cluster) bool { return c.Hub == in.Cluster.Name }
	if in.Cluster.IsSpoke() {
		if in.Cluster.Values == nil {
			return nil // not in the repository
		}
		if secret := in.Cluster.secret(""); secret.Name == "" || secret.InFile {
			return nil
		}
		of = func(c cluster.Cluster) bool { return c.Name == in.Cluster.Name }
		all, _, err := member.Identities(f, repo, nil)
		if err != nil {
			return err
		}
		for i := range all {
			if j := slices.IndexFunc(identities,
				func(own member.Identity) bool { return own.Name == all[i].Name }); j >= 0 {
				all[i] = identities[j]
			}
		}
		identities = all
	}
	if errs := member.CheckLevelSecrets(f, repo, identities, of); len(errs) > 0 {
		return errs[0]
	}
	return nil
}

// secret returns the cluster's secret.
func (c Cluster) secret(prefix string) secretname.Named {
	return secretname.NamedBy(c.Cluster, c.Metadata, c.Values, prefix)
}

func load(repo *hierarchy.Repository, f *fleet.Fleet, values *member.ValuesReader, identity member.Identity) (Cluster,
	error) {
	c := Cluster{Cluster: identity.Cluster, Metadata: identity.Metadata(), Own: map[string]string{}, Apart: true}
	var err error
	if c.Values, err = values.Of(identity); err != nil {
		return c, err
	}
	for key, value := range c.Labels {
		origins := c.Metadata.Origins("labels", key)
		if len(origins) > 0 && (origins[0].Source == hierarchy.SourceMember ||
			origins[0].Source == hierarchy.SourceFleet) {
			c.Own[key] = value
		}
	}
	if c.Line, err = nameLine(repo, c); err != nil {
		return c, err
	}
	for name := range f.Groups {
		if name != wellknown.GroupFleet && !c.Manages(name) {
			c.Apart = false
		}
	}
	return c, nil
}

// nameLine returns the line of a cluster's name in the member's file or fleet.yaml; 0 if the file itself is what names
// it.
func nameLine(repo *hierarchy.Repository, c Cluster) (int, error) {
	if c.File != hierarchy.FleetFile && c.Hub == "" {
		return 0, nil
	}
	d, err := repo.Document(c.File)
	if err != nil || d == nil {
		return 0, err
	}
	if c.Hub != "" {
		if d.Values["clusterName"] == nil {
			return 0, nil
		}
		return d.Line("clusterName"), nil
	}
	spec, _ := d.Values["spec"].(map[string]any)
	clusters, _ := spec["clusters"].([]any)
	i := slices.IndexFunc(clusters, func(v any) bool {
		entry, _ := v.(map[string]any)
		name, _ := fields.Text(entry["name"])
		return name == c.Name
	})
	return d.Line("spec", "clusters", strconv.Itoa(i), "name"), nil
}

// locate returns where a label or an annotation of the cluster is set; else the file that describes the cluster.
func (c Cluster) locate(path ...string) (file string, line int) {
	if c.Metadata != nil && len(c.Metadata.Origins(path...)) > 0 {
		return c.Metadata.Locate(path...)
	}
	return c.File, 0
}
