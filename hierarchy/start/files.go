package start

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Where the files of a new fleet are: as a fleet has them of which fleet.yaml does not say otherwise.
const (
	catalog  = "charts/application-sets"
	members  = "fleet/fleet-bootstrap/fleet-members"
	addons   = "addons"
	fleetDir = "fleet"
)

// Files returns the files of the fleet by their paths. It fails as [Fleet.Check] does, and for members that cannot be
// written.
func (f *Fleet) Files() (map[string][]byte, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	tenants := path.Join(addons, "tenants")
	places := []string{path.Join(addons, "bootstrap", "defaults"), path.Join(tenants, "defaults"),
		path.Join(members, f.Hub)}
	for _, m := range append([]Member{{Tenant: f.Tenant, Environment: f.Environment}}, f.Members...) {
		tenant := path.Join(tenants, m.Tenant)
		places = append(places, path.Join(tenant, "defaults"),
			path.Join(tenant, "environments", m.Environment, "defaults"))
	}
	for _, directory := range places {
		files[path.Join(directory, directories.KeepFile)] = nil
	}
	for name, file := range map[string]file{hierarchy.FleetFile: f.fleetFile(),
		path.Join(catalog, "values.yaml"):            settings(),
		path.Join(catalog, "values", addons+".yaml"): f.componentFile()} {
		text, err := file.encode()
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	for _, m := range f.Members {
		name := path.Join(members, f.Hub, m.Name+".yaml")
		text, err := f.memberFile(name, m)
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, nil
}

// memberFile returns the file of a member.
func (f *Fleet) memberFile(name string, m Member) ([]byte, error) {
	written := member.Member{Name: m.Name, Hub: f.Hub, File: name, Tenant: m.Tenant, Environment: m.Environment,
		SecretName: "fleet/" + f.Hub + "/" + m.Name, UseRemoteArgo: "false"}
	for _, key := range slices.Sorted(maps.Keys(m.Keys)) {
		if err := written.Set(key, m.Keys[key]); err != nil {
			return nil, err
		}
	}
	return member.Encode(written)
}

// A file is a YAML file with comments, as data.
type file struct {
	kind    string // of its schema
	comment string // about the file
	fields  []field
}

// A field is a key of a map with its value: a string, a bool, a list of strings, a list of maps, or the fields of one.
type field struct {
	key     string
	value   any
	comment string
}

func (f file) encode() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(wellknown.Modeline(f.kind) + "\n")
	document := &yamlnode.Node{Kind: yamlnode.DocumentNode, HeadComment: f.comment,
		Content: []*yamlnode.Node{node(f.fields)}}
	encoder := yamlnode.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return emptyLine.ReplaceAll(text.Bytes(), nil), nil
}

// emptyLine is the indentation of a line that has nothing else.
var emptyLine = regexp.MustCompile(`(?m)^ +$`)

// node returns a value as YAML.
func node(value any) *yamlnode.Node {
	n := &yamlnode.Node{}
	switch v := value.(type) {
	case []field:
		n.Kind = yamlnode.MappingNode
		for i, f := range v {
			key := &yamlnode.Node{HeadComment: f.comment}
			if f.comment != "" && i > 0 {
				key.HeadComment = "\n" + f.comment // with an empty line before it
			}
			setText(key, f.key)
			n.Content = append(n.Content, key, node(f.value))
		}
	case [][]field:
		n.Kind = yamlnode.SequenceNode
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
	case []string:
		n.Kind, n.Style = yamlnode.SequenceNode, yamlnode.FlowStyle
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
	case string:
		setText(n, v)
	case bool:
		n.Kind, n.Tag, n.Value = yamlnode.ScalarNode, "!!bool", "false"
		if v {
			n.Value = "true"
		}
	}
	return n
}

// setText makes a node a string: in quotes where a reader would take it for something else, as no for a boolean.
func setText(n *yamlnode.Node, text string) {
	n.SetString(text)
	d, err := hierarchy.ParseDocument("text", []byte("text: "+text+"\n"))
	if err != nil || d.Values["text"] != text {
		n.Style = yamlnode.DoubleQuotedStyle
	}
}
