package member

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// The metadata of a cluster, that is the labels and annotations of its Argo CD cluster Secret, come from these sources,
// from low to high (rule cluster-metadata-order in docs/rules/registration.md, where the values of an ExternalSecret
// win over its value files):
//
//  1. the annotations in the secret of a member or a hub in AWS Secrets Manager, if that is read;
//  2. of a member, the annotations of its hub that say where the repositories are;
//  3. externalSecret.labels and .annotations in the value files fleet/fleet-secret/values.yaml of the cluster's levels,
//     below the app paths of all groups;
//  4. the labels in that secret;
//  5. the cluster's entry in fleet.yaml;
//  6. the member's own keys, and fleet_member: spoke;
//  7. the cluster Secret as it is, where one is given.
//
// That labels of the secret win over the levels and its annotations do not is how External Secrets makes the cluster
// Secret (rule cluster-secret in docs/rules/registration.md, and package registration).
//
// They merge by the rules of merge.go; a null removes a key. What no source says is not there.

// metadataSources are what the identities of a fleet are made of.
type metadataSources struct {
	fleet    *fleet.Fleet
	repo     *hierarchy.Repository
	appPaths []string
	byName   map[string]*identitySources
	files    map[string]hierarchy.Layer   // by the name of the value file
	hubs     map[string][]hierarchy.Layer // what the members of a hub have of it
	warnings []*problem.Problem

	lookedInto map[string]bool // directories of levels, for values of clusters that are misplaced
}

// identitySources are what is known of one cluster. A member's hub is resolved before it, but is no member itself.
type identitySources struct {
	fleet    *cluster.Cluster
	index    int // in fleet.yaml
	member   *Member
	remote   *cluster.Cluster // in AWS Secrets Manager
	secret   string           // its name there
	secrets  []*cluster.Cluster
	identity *Identity // when resolved
}

func newMetadataSources(f *fleet.Fleet, repo *hierarchy.Repository) *metadataSources {
	return &metadataSources{fleet: f, repo: repo, appPaths: f.IdentityPaths(), byName: map[string]*identitySources{},
		lookedInto: map[string]bool{}, files: map[string]hierarchy.Layer{}, hubs: map[string][]hierarchy.Layer{}}
}

func (s *metadataSources) of(name string) *identitySources {
	if s.byName[name] == nil {
		s.byName[name] = &identitySources{}
	}
	return s.byName[name]
}

func (s *metadataSources) resolve(name string) error {
	known := s.byName[name]
	if known.identity != nil {
		return nil
	}
	i := &Identity{Cluster: cluster.Cluster{Name: name}}
	var own []hierarchy.Layer
	if c := known.fleet; c != nil {
		i.Server, i.File = c.Server, c.File
		own = append(own, s.fleet.ClusterLayer(known.index))
	}
	if m := known.member; m != nil {
		i.Hub, i.File = m.Hub, m.File
		layer, err := s.memberLayer(m)
		if err != nil {
			return err
		}
		own = append(own, layer)
		if i.layers, err = s.fromHub(m.Hub); err != nil {
			return err
		}
	}
	var annotations, labels []hierarchy.Layer
	if c := known.remote; c != nil {
		if known.member != nil { // of a hub, it is the address on which its Argo CD is
			i.Server = c.Server
		}
		layer := hierarchy.Layer{Source: hierarchy.SourceAWS, File: "secret " + known.secret}
		layer.Values = cluster.MetadataValues(nil, c.Annotations)
		annotations = append(annotations, layer)
		layer.Values = cluster.MetadataValues(c.Labels, nil)
		labels = append(labels, layer)
	}
	if len(own) > 0 {
		layers, err := s.fromLevels(i, own)
		if err != nil {
			return err
		}
		i.layers = slices.Concat(annotations, i.layers, layers, labels, own)
	}
	for _, c := range known.secrets {
		i.Server, i.Project = cmp.Or(c.Server, i.Server), cmp.Or(c.Project, i.Project)
		if c.File != "" {
			i.File = c.File
		}
		i.layers = append(i.layers, hierarchy.Layer{Source: hierarchy.SourceSecret, File: c.File,
			Values: cluster.MetadataValues(c.Labels, c.Annotations)})
	}
	i.Labels, i.Annotations = metadataOf(i.layers)
	known.identity = i
	return nil
}

// fromLevels returns what the value files of the levels say that the cluster's own labels choose.
func (s *metadataSources) fromLevels(i *Identity, own []hierarchy.Layer) ([]hierarchy.Layer, error) {
	c := i.Cluster
	c.Labels, c.Annotations = metadataOf(own)
	var err error
	i.Levels, err = s.fleet.LevelsOf(s.repo, c, s.appPaths...)
	if i.Hub == "" && errors.Is(err, cluster.ErrSegment) {
		return nil, nil // a name such as an ARN, which only a render for this very cluster needs as a directory
	}
	if err != nil {
		return nil, err
	}
	s.findMisplaced(i.Levels)
	found, err := clusterValueFiles(s.repo, i.Levels)
	if err != nil {
		return nil, err
	}
	layers := make([]hierarchy.Layer, len(found))
	for n, file := range found {
		layer, known := s.files[file.File]
		if !known {
			if layer, err = s.readLevel(file.Document()); err != nil {
				return nil, err
			}
			s.files[file.File] = layer
		}
		layer.Source = file.Source
		layers[n] = layer
	}
	return layers, nil
}

// readLevel reads the metadata in a value file.
func (s *metadataSources) readLevel(d *hierarchy.Document) (hierarchy.Layer, error) {
	top := d.Reader(d.Values, "")
	secret := top.Map("externalSecret")
	r := d.Reader(secret, "", "externalSecret")
	s.warnings = append(s.warnings, d.Warnings...)
	values := map[string]any{}
	for _, kind := range []string{"labels", "annotations"} {
		texts := map[string]any{}
		mapping := d.AsWritten(r.Map(kind), "externalSecret", kind)
		for _, key := range slices.Sorted(maps.Keys(mapping)) {
			text, ok := fields.Text(mapping[key])
			if !ok {
				r.FailWith(problem.New(d.Name, d.Line("externalSecret", kind, key),
					"%s: the value of %q must be a string, not %s",
					kind, key, fields.TypeName(mapping[key])))
			}
			if texts[key] = any(text); mapping[key] == nil {
				texts[key] = nil
			}
		}
		values[kind] = texts
	}
	if err := cmp.Or(top.Err(), r.Err()); err != nil {
		return hierarchy.Layer{}, err
	}
	found, err := cluster.CheckMetadata(d, values, "externalSecret")
	s.warnings = append(s.warnings, found...)
	if err == nil {
		err = checkLevelSecretName(d, r, fields.AsMap(values["annotations"]))
	}
	return hierarchy.Layer{File: d.Name, Values: values}.At(d, "externalSecret"), err
}

// checkLevelSecretName checks the name of a cluster's secret as that in a member's file is checked.
func checkLevelSecretName(d *hierarchy.Document, r *fields.Reader, annotations map[string]any) error {
	inAnnotation, _ := annotations[wellknown.AnnotationSecretName].(string)
	for _, named := range []struct {
		text string
		path []string
	}{
		{r.Text("secretManagerSecretName"), []string{"secretManagerSecretName"}},
		{inAnnotation, []string{"annotations", wellknown.AnnotationSecretName}},
	} {
		if named.text == "" || cluster.IsPlaceholder(named.text) {
			continue
		}
		if err := cluster.CheckSecretName(named.text); err != nil {
			line := d.Line(slices.Concat([]string{"externalSecret"}, named.path)...)
			return problem.New(d.Name, line, "%s %w", named.path[len(named.path)-1], err)
		}
	}
	return r.Err()
}

// memberLayer returns what the member's own keys say.
func (s *metadataSources) memberLayer(m *Member) (hierarchy.Layer, error) {
	d, err := s.repo.Document(m.File)
	if err != nil {
		return hierarchy.Layer{}, err
	}
	layer := hierarchy.Layer{Source: hierarchy.SourceMember, File: m.File, Values: cluster.MetadataValues(m.metadata())}
	return layer.WithLines(func(path ...string) int {
		if len(path) < 2 {
			return 0
		}
		if key := keyOf(path[1]); key != "" {
			return d.Line(key)
		}
		return 0
	}), nil
}

// fromHub returns the annotations that a hub's members have of it: where the repositories are. All else, such as the
// region and the account, is the hub's own. A hub that nothing describes has none.
func (s *metadataSources) fromHub(name string) ([]hierarchy.Layer, error) {
	if layers, done := s.hubs[name]; done {
		return layers, nil
	}
	s.hubs[name] = nil
	hub := s.byName[name]
	if hub == nil || hub.member != nil {
		return nil, nil
	}
	if err := s.resolve(name); err != nil {
		return nil, err
	}
	metadata := hub.identity.Metadata()
	lines := map[string]map[string]int{}
	inherited := map[string]map[string]string{}
	for _, repository := range wellknown.Repositories() {
		for _, part := range []string{"url", "revision", "basepath", "path"} {
			key := wellknown.RepositoryAnnotation(repository, part)
			value := hub.identity.Annotations[key]
			if value == "" {
				continue
			}
			file, line := metadata.Locate("annotations", key)
			if inherited[file] == nil {
				inherited[file], lines[file] = map[string]string{}, map[string]int{}
			}
			inherited[file][key], lines[file][key] = value, line
		}
	}
	for _, file := range slices.Sorted(maps.Keys(inherited)) {
		layer := hierarchy.Layer{Source: hierarchy.SourceHub, File: file,
			Values: cluster.MetadataValues(nil, inherited[file])}
		s.hubs[name] = append(s.hubs[name],
			layer.WithLines(func(path ...string) int { return lines[file][path[len(path)-1]] }))
	}
	return s.hubs[name], nil
}

// metadataOf returns the labels and annotations that layers merge to.
func metadataOf(layers []hierarchy.Layer) (labels, annotations map[string]string) {
	merged := map[string]any{}
	for _, layer := range layers {
		merged = hierarchy.MergeMaps(merged, layer.Values)
	}
	r := fields.New(merged, "", nil) // all values are strings or null, so that there is nothing to locate
	return r.TextMap("labels"), r.TextMap("annotations")
}
