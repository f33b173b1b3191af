package hierarchy

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ParseObjects reads Kubernetes objects from a YAML stream, and those in Lists of it. It fails on a document that is no YAML
// mapping.
func ParseObjects(name string, data []byte) ([]map[string]any, error) {
	var objects []map[string]any
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	line := 0 // of the file, before the document
	for number := 1; ; number++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, problem.New(name, 0, "document %d: %w", number, err)
		}
		d, err := ParseDocument(name, document)
		if err != nil {
			var p *Problem
			if errors.As(err, &p) && p.Line > 0 {
				p.Line += line
			}
			return nil, err
		}
		line += bytes.Count(document, []byte("\n")) + 1 // the separator, which the reader takes away
		items, isList := d.Values["items"].([]any)
		if !isList {
			items = []any{d.Values}
		}
		for _, item := range items {
			if object := asMap(item); len(object) > 0 {
				objects = append(objects, object)
			}
		}
	}
}
