package helm

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A Manifest is one object, and the file of the chart that it is from: CHART/templates/FILE.
type Manifest struct {
	File   string
	Object map[string]any
}

// A document is a part of what `helm template` prints, without the line "# Source: FILE".
type document struct {
	file string
	text string
}

// A hook is an object that Helm applies at some moment.
type hook struct {
	document
	test bool
}

// sortDocuments returns what the templates printed in the order of `helm template --include-crds`.
func (c *Chart) sortDocuments(t *tree, rendered map[string]string, o Options) ([]document, error) {
	for name := range rendered {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(rendered, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if err := safeyaml.CheckStream([]byte(rendered[name]), name); err != nil {
			return nil, err
		}
	}
	objects, hooks, err := c.engine.sort(rendered)
	if err != nil {
		return nil, sortError(rendered, err)
	}
	var out []document
	if !o.SkipCRDs {
		out = t.definitions()
		for _, definition := range out {
			if err := safeyaml.CheckStream([]byte(definition.text), definition.file); err != nil {
				return nil, err
			}
		}
	}
	out = append(out, objects...)
	if len(out) > 0 { // Helm prints these without the space after them
		last := &out[len(out)-1]
		last.text = strings.TrimRightFunc(last.text, unicode.IsSpace)
	}
	for _, h := range hooks {
		if !o.SkipTests || !h.test {
			out = append(out, h.document)
		}
	}
	return out, nil
}

// definitions returns the files in the directories crds of a chart and its subcharts.
func (t *tree) definitions() []document {
	var out []document
	for _, file := range t.loaded.Files {
		switch strings.ToLower(path.Ext(file.Name)) {
		case ".yaml", ".yml", ".json":
			if strings.HasPrefix(file.Name, "crds/") {
				out = append(out, document{path.Join(t.path, file.Name), string(file.Data)})
			}
		}
	}
	for _, child := range t.subcharts {
		out = append(out, child.definitions()...)
	}
	return out
}

var sortErrorFile = regexp.MustCompile(`(?s)^YAML parse error on (.*?): (.*)$`)

func sortError(rendered map[string]string, err error) error {
	match := sortErrorFile.FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	if _, ok := rendered[match[1]]; !ok {
		return err
	}
	return problem.New(match[1], 0, "gives no YAML of an object: %s", match[2])
}

// parseObjects returns the objects of a document as Argo CD reads the output of Helm (gitops-engine, kube.SplitYAML).
func parseObjects(d document) ([]Manifest, error) {
	// The document as Helm prints it. The first line also says that this is YAML, where the first character decides.
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader("---\n# Source: "+path.Clean(d.file)+"\n"+d.text+"\n"),
		4096)
	var out []Manifest
	for {
		var raw runtime.RawExtension
		switch err := decoder.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, problem.New(d.file, 0, "gives no YAML: %w", err)
		}
		data := bytes.TrimSpace(raw.Raw)
		if len(data) == 0 || bytes.Equal(data, []byte("null")) {
			continue
		}
		var object map[string]any
		if err := utiljson.Unmarshal(data, &object); err != nil || object == nil {
			return nil, problem.New(d.file, 0, "gives something that is no object")
		}
		plainNumbers(object)
		out = append(out, Manifest{d.file, object})
	}
}

// keyTwice matches what sigs.k8s.io/yaml says of a key that is there twice.
var keyTwice = regexp.MustCompile(`key "(.*)" already set in map`)

// tellTwice tells of the keys that a document has twice.
func (d document) tellTwice(tell func(file, key string)) {
	var object any
	err := safeyaml.UnmarshalStrict([]byte(d.text), d.file, &object)
	if err == nil {
		return
	}
	for _, match := range keyTwice.FindAllStringSubmatch(err.Error(), -1) {
		tell(path.Clean(d.file), match[1])
	}
}

// plainNumbers turns integers, in containers in place, into float64, as sigs.k8s.io/yaml reads them, but for those that
// a float64 cannot hold: Argo CD keeps all 64 bits of them.
func plainNumbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			value[key] = plainNumbers(child)
		}
	case []any:
		for i, child := range value {
			value[i] = plainNumbers(child)
		}
	case int64:
		if f := float64(value); math.Abs(f) < 1<<53 {
			return f
		}
	}
	return value
}
