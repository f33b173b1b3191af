package helm

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A layerKey is all that the values in a file depend on.
type layerKey struct {
	data    [sha256.Size]byte
	version string // of Helm
}

// layer returns the values in a file, which must not be changed.
func (c *Chart) layer(file File, kept *memory.Memory) (map[string]any, error) {
	key := layerKey{sha256.Sum256(file.Data), c.version}
	if kept != nil {
		if values, is := kept.Get(key).(map[string]any); is {
			return values, nil
		}
	}
	if err := safeyaml.CheckStream(file.Data, file.Name); err != nil {
		return nil, err
	}
	values, err := c.engine.read(file.Data)
	if err != nil {
		return nil, noMapping(file, err)
	}
	if kept != nil {
		const perByte = 20 // of a map, about
		kept.Keep(key, values, 500+perByte*len(file.Data))
	}
	return values, nil
}

// A documentsKey is all that what a chart prints depends on.
type documentsKey struct {
	chart   *Chart
	options [sha256.Size]byte
}

// keptDocuments does what documents does, once for equal options. Failures are not kept, since they can be of the time
// that a render may take.
func (c *Chart) keptDocuments(ctx context.Context, o Options) ([]document, error) {
	sum, ok := o.sum()
	if o.Memory == nil || !ok {
		return c.documents(ctx, o)
	}
	key := documentsKey{c, sum}
	if documents, is := o.Memory.Get(key).([]document); is {
		return documents, nil
	}
	documents, err := c.documents(ctx, o)
	if err != nil {
		return nil, err
	}
	size := 200
	for _, d := range documents {
		size += 100 + len(d.file) + len(d.text)
	}
	o.Memory.Keep(key, documents, size)
	return documents, nil
}

// sum returns a hash of all that the options say. It fails for values that JSON does not have.
func (o Options) sum() (sum [sha256.Size]byte, ok bool) {
	values, err := json.Marshal(o.Values)
	if err != nil {
		return sum, false
	}
	h := sha256.New()
	add := func(data []byte) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(data)))
		h.Write(data)
	}
	addTexts := func(texts ...string) {
		add(fmt.Append(nil, len(texts)))
		for _, text := range texts {
			add([]byte(text))
		}
	}
	addTexts(o.ReleaseName, o.Namespace, o.KubeVersion)
	addTexts(o.APIVersions...)
	add(fmt.Append(nil, o.ValuesLowest, o.SkipCRDs, o.SkipTests, o.SkipSchemaValidation, len(o.ValueFiles),
		len(o.Parameters), len(o.FileParameters)))
	add(values)
	for _, file := range o.ValueFiles {
		addTexts(file.Name)
		add(file.Data)
	}
	for _, p := range o.Parameters {
		addTexts(p.Name, p.Value, fmt.Sprint(p.ForceString))
	}
	for _, p := range o.FileParameters {
		addTexts(p.Name, p.File.Name)
		add(p.File.Data)
	}
	return [sha256.Size]byte(h.Sum(nil)), true
}
