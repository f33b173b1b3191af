package chart

import (
	"cmp"
	"io/fs"
	"slices"
	"sync"

	"github.com/golang/groupcache/lru"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"k8s.io/apimachinery/pkg/runtime"
)

// memory keeps the charts that were used last, parsed, under the digest of what they were parsed from. The charts in it
// are never handed out: what is returned is a copy, since Helm changes a chart when it processes its dependencies. The
// files of artifacts are in it too.
type memory struct {
	mu     sync.Mutex
	recent *lru.Cache
	bytes  int
	limit  int
}

type remembered struct {
	chart *helmchart.Chart // or else
	files fs.FS
	bytes int
}

func newMemory(limit int) *memory {
	m := &memory{recent: lru.New(0), limit: limit}
	m.recent.OnEvicted = func(_ lru.Key, value any) {
		if r, ok := value.(remembered); ok {
			m.bytes -= r.bytes
		}
	}
	return m
}

// get returns a copy of a chart, or nil.
func (m *memory) get(digest string) *helmchart.Chart {
	if found := m.find(digest).chart; found != nil {
		return clone(found)
	}
	return nil
}

// find returns what is kept, or nothing.
func (m *memory) find(digest string) remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, _ := m.recent.Get(digest)
	r, _ := value.(remembered)
	return r
}

// put keeps a chart, and returns a copy of it.
func (m *memory) put(digest string, c *helmchart.Chart) *helmchart.Chart {
	m.keep(digest, remembered{chart: c, bytes: sizeOf(c)})
	return clone(c)
}

// keep adds something, and lets go of what was not used for the longest time.
func (m *memory) keep(digest string, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.recent.Get(digest); ok || r.bytes > m.limit {
		return
	}
	m.recent.Add(digest, r)
	m.bytes += r.bytes
	for m.bytes > m.limit {
		m.recent.RemoveOldest()
	}
}

// sizeOf is the size of a chart's files; the values, which are there twice, as text and parsed, count double.
func sizeOf(c *helmchart.Chart) int {
	size := 0
	for _, f := range c.Raw {
		size += len(f.Data)
		if f.Name == "values.yaml" {
			size += len(f.Data)
		}
	}
	for _, d := range c.Dependencies() {
		size += sizeOf(d)
	}
	return size
}

// clone copies what Helm may change in a chart: the structure, the values and the metadata's dependencies. The files
// themselves are shared.
func clone(c *helmchart.Chart) *helmchart.Chart {
	copied := &helmchart.Chart{
		Raw:       slices.Clone(c.Raw),
		Templates: slices.Clone(c.Templates),
		Files:     slices.Clone(c.Files),
		Schema:    c.Schema,
		Values:    runtime.DeepCopyJSON(c.Values),
	}
	metadata := *c.Metadata
	metadata.Dependencies = cloneDependencies(c.Metadata.Dependencies)
	copied.Metadata = &metadata
	if c.Lock != nil {
		lock := *c.Lock
		lock.Dependencies = cloneDependencies(c.Lock.Dependencies)
		copied.Lock = &lock
	}
	for _, d := range c.Dependencies() {
		copied.AddDependency(clone(d))
	}
	return copied
}

func cloneDependencies(all []*helmchart.Dependency) []*helmchart.Dependency {
	copies := slices.Clone(all)
	for i, d := range all {
		if d == nil { // as a lock may have them
			continue
		}
		copied := *d
		copied.Tags = slices.Clone(d.Tags)
		copied.ImportValues = slices.Clone(d.ImportValues)
		for j, v := range d.ImportValues {
			copied.ImportValues[j] = runtime.DeepCopyJSONValue(v)
		}
		copies[i] = &copied
	}
	return copies
}

// sortDependencies puts the dependencies in charts/ in order, at every depth: Helm's loader has them in that of a Go
// map, which would let the order of CRDs vary between runs.
func sortDependencies(c *helmchart.Chart) {
	all := c.Dependencies()
	for _, d := range all {
		sortDependencies(d)
	}
	slices.SortStableFunc(all, func(a, b *helmchart.Chart) int {
		return cmp.Or(cmp.Compare(a.Metadata.Name, b.Metadata.Name), cmp.Compare(a.Metadata.Version, b.Metadata.Version))
	})
}
