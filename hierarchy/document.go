package hierarchy

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// A Document is one values file: a YAML map, read as Helm reads values files.
type Document struct {
	Name     string             // as shown to users
	Values   map[string]any     // never nil; must not be changed
	Warnings []*problem.Problem // what Helm would ignore without a word: duplicate keys, further documents

	further *problem.Problem // that there is another document, which is not read; nil if there is none
	twice   *problem.Problem // the first key that is given twice; nil if there is none

	data    []byte
	several bool      // all documents of the file count
	lines   sync.Once // for the roots
	root    *yamlnode.Node
	more    []*yamlnode.Node                             // of the documents after the first, if they count
	mu      sync.Mutex                                   // for the index
	index   map[*yamlnode.Node]map[string]*yamlnode.Node // of each map looked into: its keys
}

// ReadDocument reads the YAML map in a file of fsys; name is what messages call the file. It fails as [ReadFile]
// and [ParseDocument] do.
func ReadDocument(fsys fs.FS, path, name string, limit int64) (*Document, error) {
	data, err := ReadFile(fsys, path, name, limit)
	if err != nil {
		return nil, err
	}
	return ParseDocument(name, data)
}

// ErrDangling is the cause for a link to nothing. That is no missing file: somebody wanted one there.
var ErrDangling = errors.New("is a link to a file or directory that does not exist")

// isLink tells whether a path is a symbolic link.
func isLink(fsys fs.FS, path string) bool {
	info, err := fs.Lstat(fsys, path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func unreadable(name string, err error) error {
	if errors.Is(err, ErrDangling) {
		return problem.New(name, 0, "%w", err).WithHint("correct the link, or remove it")
	}
	// The path in a *fs.PathError repeats the name, or is a path of this machine.
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	var known *problem.Problem
	if errors.As(err, &known) { // of what is in another repository, which says it all
		known = known.InScope("")
		known.File = name
		return known
	}
	p := problem.New(name, 0, "cannot be read: %w", err)
	if errors.Is(err, worktree.ErrEscapes) || errors.Is(err, worktree.ErrGit) {
		return p.WithHint("files and links must stay inside the repository")
	}
	if errors.Is(err, syscall.ELOOP) {
		return p.WithHint("correct the link, or remove it")
	}
	return p
}

// ParseDocument reads a YAML map the way Helm reads a values file (helm.sh/helm/v3/pkg/cli/values, through
// sigs.k8s.io/yaml without strict mode): YAML 1.1 (yes, no, on and off are booleans, 010 is 8), only the first document
// counts, of duplicate keys the last wins, an empty document is an empty map, all numbers are float64. It fails
// with the line if the document is not YAML or not a map, and as [safeyaml.Check] does.
func ParseDocument(name string, data []byte) (*Document, error) {
	d := &Document{Name: name, Values: map[string]any{}, data: data}
	// Strict mode reads the same values and reports duplicate keys, so that one pass is enough for nearly every file.
	err := safeyaml.UnmarshalStrict(data, name, &d.Values)
	if safeyaml.Refused(err) {
		return nil, err
	}
	if err != nil {
		d.Values = map[string]any{}
		if err := safeyaml.Unmarshal(data, name, &d.Values); err != nil {
			return nil, d.parseError(err)
		}
		d.reportDuplicates()
	}
	if d.Values == nil {
		d.Values = map[string]any{}
	}
	if d.further = FurtherDocument(name, data); d.further != nil {
		d.Warnings = append(d.Warnings, d.further)
	}
	return d, nil
}

func (d *Document) parseError(err error) error {
	message := err.Error()
	if strings.Contains(message, "excessive aliasing") {
		return safeyaml.TooManyAliases(d.Name)
	}
	if known := safeyaml.KnownMistake(d.data, d.Name); known != nil {
		return known
	}
	if strings.Contains(message, "yaml: line ") || strings.Contains(message, "unmarshal errors:") {
		return safeyaml.Mistake(d.data, d.Name, err)
	}
	var value any
	if safeyaml.Unmarshal(d.data, d.Name, &value) == nil {
		return problem.New(d.Name, d.Line(), "must hold a map of keys to values, not %s", fields.TypeName(value))
	}
	if strings.Contains(message, "unsupported map key") || strings.Contains(message, "invalid map key") {
		// The parser's message quotes values in Go syntax; nearly always, it is a template without quotes.
		return problem.New(d.Name, d.oddKey(), "a key is no string, number or boolean").
			WithHint("put text that starts with {{ in quotes")
	}
	_, message, found := strings.Cut(message, "yaml: ")
	if !found {
		message = err.Error()
	}
	return safeyaml.Mistake(d.data, d.Name, errors.New(message))
}

// oddKey returns the line of the first key that is null, a map or a list; 0 if it is not known.
func (d *Document) oddKey() int {
	d.lines.Do(d.parseLines)
	var visit func(node *yamlnode.Node) int
	visit = func(node *yamlnode.Node) int {
		for i, child := range node.Content {
			isKey := node.Kind == yamlnode.MappingNode && i%2 == 0
			if isKey && (child.Kind&(yamlnode.MappingNode|yamlnode.SequenceNode) != 0 || child.Tag == "!!null") {
				return child.Line
			}
			if line := visit(child); line > 0 {
				return line
			}
		}
		return 0
	}
	if d.root == nil {
		return 0
	}
	return visit(d.root)
}

// Line returns the line, counted from 1, on which the key with this path stands; an item of a list has its index,
// counted from 0, as its key. Where the path ends in the values of a YAML alias or merge key, it is the line of the key
// there. Of a path that does not exist, it is the line of its longest part that does; 0 if nothing is known. No path:
// the line of the first content.
func (d *Document) Line(path ...string) int {
	key, _, _ := d.find(path)
	if key == nil {
		return 0
	}
	return key.Line
}

// Reader reads the keys of a map of the document, which stands at the path; what names the map in messages.
func (d *Document) Reader(values map[string]any, what string, path ...string) *fields.Reader {
	return fields.New(values, what, func(keys ...string) (string, int) {
		return d.Name, d.Line(slices.Concat(path, keys)...)
	})
}

// Place returns FILE:LINE of a key, or only the file if the key is not there.
func (d *Document) Place(key string) string {
	if _, ok := d.Values[key]; !ok {
		return d.Name
	}
	return problem.Place(d.Name, d.Line(key))
}

// AsWritten returns a map of the document, which stands at the path, with each number in it as text: names, labels
// and versions are text, whatever they look like. A map without numbers costs nothing.
func (d *Document) AsWritten(mapping map[string]any, path ...string) map[string]any {
	var texts map[string]any
	for key, value := range mapping {
		number, isNumber := value.(float64)
		if !isNumber {
			continue
		}
		if texts == nil {
			texts = maps.Clone(mapping)
		}
		texts[key] = d.Written(number, slices.Concat(path, []string{key})...)
	}
	if texts == nil {
		return mapping
	}
	return texts
}

// Written returns the text that stands in the document for a number with this path. If that is not found, it is the
// number as text.
func (d *Document) Written(number float64, path ...string) string {
	_, node, found := d.find(path)
	if found && node.Kind == yamlnode.AliasNode {
		node = node.Alias
	}
	if found && node.Kind == yamlnode.ScalarNode {
		// The two parsers do not agree on every document, for example on what a merge key overrides.
		var read any
		if safeyaml.Unmarshal([]byte(node.Value), d.Name, &read) == nil && read == any(number) {
			return node.Value
		}
	}
	text, _ := fields.Text(number)
	return text
}

func (d *Document) reportDuplicates() {
	d.lines.Do(d.parseLines)
	var visit func(node *yamlnode.Node)
	visit = func(node *yamlnode.Node) {
		if node.Kind == yamlnode.MappingNode {
			first := make(map[string]int, len(node.Content)/2)
			for i := 0; i+1 < len(node.Content); i += 2 {
				key := node.Content[i]
				if line, twice := first[keyName(key)]; twice {
					again := problem.New(d.Name, key.Line, "key %q was already given on line %d, which has no effect",
						key.Value, line).
						WithHint("remove one of them").WithRule(problem.RuleDuplicateKey)
					d.Warnings = append(d.Warnings, again)
					if d.twice == nil {
						d.twice = again
					}
				}
				first[keyName(key)] = key.Line
			}
		}
		for _, child := range node.Content {
			visit(child)
		}
	}
	if d.root != nil {
		visit(d.root)
	}
}

// FurtherDocument returns a warning if a values file has a second document that is not empty, or is no YAML; else nil.
// name is what messages call the file.
func FurtherDocument(name string, data []byte) *problem.Problem {
	if !bytes.Contains(data, []byte("\n---")) && !bytes.Contains(data, []byte("\n...")) {
		return nil
	}
	decoder := safeyaml.NodeDecoder(data)
	for number := 1; ; number++ {
		var document yamlnode.Node
		err := decoder.Decode(&document)
		line := 0
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case number == 1 && err == nil:
			continue
		case err == nil && (len(document.Content) == 0 || document.Content[0].Tag == "!!null"):
			continue
		case err == nil:
			line = document.Content[0].Line
		}
		return problem.New(name, line, "only the first YAML document of a values file is read").
			WithHint("remove the line with ---, or move the rest to another file").WithRule(problem.RuleFurtherDocument)
	}
}

// Further returns the warning about a second document in the file; nil if there is none.
func (d *Document) Further() *problem.Problem { return d.further }

// Single fails if a further document would be lost. Files that Helm reads may have one, as far as Helm is concerned.
func (d *Document) Single() error {
	if d == nil || d.further == nil {
		return nil
	}
	return problem.New(d.Name, d.further.Line,
		"there is a second YAML document, which would be lost: only the first is read").
		WithHint("remove the line with ---, or move the rest to another file")
}

// Exact fails as single does, and for a key that is given twice.
func (d *Document) Exact() error {
	if d.twice != nil {
		return d.twice
	}
	return d.Single()
}

// Blank tells whether the document holds nothing: no text, only comments, or null. An empty map is written on
// purpose.
func (d *Document) Blank() bool {
	if len(d.Values) > 0 {
		return false
	}
	d.lines.Do(d.parseLines)
	return d.root == nil || d.root.Kind == yamlnode.ScalarNode
}
