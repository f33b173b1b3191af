package member

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Set sets a key of the member's file. It fails for a key that does not exist; the value is checked by [Encode].
func (m *Member) Set(key, value string) error {
	for _, k := range keys {
		if k.name == key {
			*k.value(m) = value
			return nil
		}
	}
	p := problem.New("", 0, "a member has no key %q", key)
	if meant := problem.Likely(key, Keys()); meant != "" {
		return p.WithHint("did you mean %s?", meant)
	}
	return p.WithHint("the keys are %s", strings.Join(Keys(), ", "))
}

// Encode returns the file of a member as YAML, with the keys that are not "". It fails if the name, the tenant or
// the environment is missing, and on all that parse refuses or warns of.
func Encode(m Member) ([]byte, error) {
	file := m.File
	if file == "" {
		file = m.Name + ".yaml"
	}
	for _, key := range []string{"clusterName", wellknown.LabelTenant, wellknown.LabelEnvironment} {
		for _, k := range keys {
			if k.name == key && *k.value(&m) == "" {
				return nil, problem.New(file, 0, "a new member needs the key %s", key)
			}
		}
	}
	mapping := &yamlnode.Node{Kind: yamlnode.MappingNode}
	section := ""
	for _, key := range keys {
		if key.section != "" {
			section = key.section
		}
		value := *key.value(&m)
		if value == "" {
			continue
		}
		name := &yamlnode.Node{Kind: yamlnode.ScalarNode, Value: key.name, HeadComment: section}
		if section != "" && len(mapping.Content) > 0 {
			name.HeadComment = "\n# " + section // with an empty line before it
		}
		section = ""
		text := &yamlnode.Node{Kind: yamlnode.ScalarNode}
		text.SetString(value)
		text.Style = yamlnode.DoubleQuotedStyle // YAML 1.1 would read some names as numbers and booleans
		mapping.Content = append(mapping.Content, name, text)
	}
	var text bytes.Buffer
	text.WriteString(wellknown.Modeline(wellknown.SchemaMember) + "\n")
	encoder := yamlnode.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(mapping); err != nil {
		return nil, problem.New(file, 0, "cannot be written: %w", err)
	}
	if err := checkEncoded(file, m, text.Bytes()); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// checkEncoded reads a new file as it will be read from the repository.
func checkEncoded(file string, m Member, text []byte) error {
	d, err := hierarchy.ParseDocument(file, text)
	if err != nil {
		return err
	}
	read, warnings, errs := parse(d, m.Hub)
	switch {
	case len(errs) > 0:
		return errs[0]
	case len(warnings) > 0:
		return warnings[0]
	}
	read.File = m.File
	if read != m {
		return problem.New(file, 0, "cannot be written: a value would be read as another one")
	}
	return nil
}

// ErrNoMember is the cause where no member has the name that was asked for.
var ErrNoMember = errors.New("there is no member")

// Find returns the member with a name, which may be registered with several hubs: then hub says with which (""
// for the only one). Files that are wrong count as well, under their own names if they cannot be read. It fails if
// there is no such member ([ErrNoMember]), or more than one.
func Find(f *fleet.Fleet, repo *hierarchy.Repository, name, hub string) (Member, error) {
	files, err := readFiles(f, repo, "")
	if err != nil {
		return Member{}, err
	}
	var found []Member
	var names, places []string
	for _, file := range files {
		m := Member{Name: strings.TrimSuffix(path.Base(file.path), path.Ext(file.path)), Hub: file.hub, File: file.path}
		if file.err == nil {
			m, _, _ = parse(file.document, file.hub)
		}
		if hub != "" && m.Hub != hub {
			continue
		}
		if names = append(names, m.Name); m.Name == name {
			found, places = append(found, m), append(places, m.File)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Member{}, problem.New("", 0, "there are %d members %q: %s", len(found), name,
			strings.Join(places, ", ")).
			WithHint("say of which hub (--hub), or remove the file that is wrong")
	}
	p := problem.New("", 0, "%w %q", ErrNoMember, name)
	if hub != "" {
		p = problem.New("", 0, "hub %q has no member %q", hub, name)
		p.Err = ErrNoMember
	}
	slices.Sort(names)
	switch meant := problem.Likely(name, names); {
	case meant != "":
		return Member{}, p.WithHint("did you mean %s?", meant)
	case len(names) == 0:
		return Member{}, p.WithHint("there are none in %s", f.MemberDirectory(hub))
	}
	return Member{}, p.WithHint("the members are %s", problem.Few(names))
}
