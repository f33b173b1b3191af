package hierarchy

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// AllDocuments returns the document with those that follow it in its file merged over it, as Helm 4 reads values files
// (loader.LoadValues of helm.sh/helm/v4). It fails for one that is no YAML, or no map.
func (d *Document) AllDocuments() (*Document, error) {
	if d.further == nil {
		return d, nil
	}
	if err := safeyaml.CheckStream(d.data, d.Name); err != nil {
		return nil, err
	}
	all := &Document{Name: d.Name, Values: map[string]any{}, data: d.data, several: true}
	for _, warning := range d.Warnings {
		if warning != d.further {
			all.Warnings = append(all.Warnings, warning)
		}
	}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(append(bytes.Clone(d.data), '\n'))))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		values := map[string]any{}
		if err == nil {
			err = safeyaml.Unmarshal(text, d.Name, &values)
		}
		if known := safeyaml.KnownMistake(d.data, d.Name); err != nil && known != nil {
			return nil, known
		}
		if err != nil {
			return nil, problem.New(d.Name, 0, "one of its YAML documents is no map: %w", err)
		}
		all.Values = MergeMaps(all.Values, values)
	}
}

// AllDocuments returns layers with all documents of their files, as Helm 4 reads them. It fails as
// [Document.AllDocuments] does.
func AllDocuments(layers []Layer) ([]Layer, error) {
	all := make([]Layer, len(layers))
	for i, layer := range layers {
		if all[i] = layer; layer.document == nil || layer.document.further == nil {
			continue
		}
		d, err := layer.document.AllDocuments()
		if err != nil {
			return nil, err
		}
		all[i] = LayerOf(layer.Source, d)
	}
	return all, nil
}
