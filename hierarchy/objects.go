package hierarchy

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// ParseObjects reads Kubernetes objects from a YAML stream, and those in Lists of it. It fails on a document that is no
// YAML map.
func ParseObjects(name string, data []byte) ([]map[string]any, error) {
	var objects []map[string]any
	_, err := EachObject(name, data, func(object map[string]any) error {
		objects = append(objects, object)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return objects, nil
}

// NameOf returns the name of a Kubernetes object; "" if it has none.
func NameOf(object map[string]any) string {
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}

// A DocumentError is about a document that is no YAML map.
type DocumentError struct{ error }

func (e *DocumentError) Unwrap() error { return e.error }

// EachObject calls use for each object of a YAML stream, and of the Lists in it, and returns the number of the last
// document that it read, counted from 1. It fails with a DocumentError, or as use does.
func EachObject(name string, data []byte, use func(object map[string]any) error) (number int, err error) {
	if err := safeyaml.CheckSize(data, name); err != nil {
		return 0, &DocumentError{err}
	}
	read := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data))).Read
	if !bytes.Contains(data, []byte("\n---")) {
		read = whole(data) // the reader would copy it, and grow a buffer for that to up to three times its size
	}
	line := 0 // of the file, before the document
	for number = 1; ; number++ {
		document, err := read()
		if errors.Is(err, io.EOF) {
			return number, nil
		}
		if err != nil {
			return number, &DocumentError{problem.New(name, 0, "document %d: %w", number, err)}
		}
		d, err := ParseDocument(name, document)
		if err != nil {
			var p *problem.Problem
			if errors.As(err, &p) && p.Line > 0 {
				p.Line += line
			}
			return number, &DocumentError{err}
		}
		line += bytes.Count(document, []byte("\n")) + 1 // the separator, which the reader takes away
		items, isList := d.Values["items"].([]any)
		if !isList {
			items = []any{d.Values}
		}
		for _, item := range items {
			if object := fields.AsMap(item); len(object) > 0 {
				if err := use(object); err != nil {
					return number, err
				}
			}
		}
	}
}

// whole returns a reader of a stream that is a single document.
func whole(data []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		if len(data) == 0 {
			return nil, io.EOF
		}
		document := data
		data = nil
		return document, nil
	}
}
