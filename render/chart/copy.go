package chart

import (
	"cmp"
	"slices"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"k8s.io/apimachinery/pkg/runtime"
)

// remembered returns a copy of a chart that was parsed before, by the digest of what it was parsed from; nil if it is
// not kept. Copies are handed out since Helm changes a chart when it processes its dependencies.
func (c *Cache) remembered(digest string) *helmchart.Chart {
	if found, ok := c.memory.Get(digest).(*helmchart.Chart); ok {
		return clone(found)
	}
	return nil
}

// remember keeps a chart, and returns a copy of it.
func (c *Cache) remember(digest string, ch *helmchart.Chart) *helmchart.Chart {
	c.memory.Keep(digest, ch, Size(ch))
	return clone(ch)
}

// Size returns the size of a chart's files in bytes; the values, which are there twice, as text and parsed, count
// double.
func Size(c *helmchart.Chart) int {
	size := 0
	for _, f := range c.Raw {
		size += len(f.Data)
		if f.Name == "values.yaml" {
			size += len(f.Data)
		}
	}
	for _, d := range c.Dependencies() {
		size += Size(d)
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
		return cmp.Or(cmp.Compare(a.Metadata.Name, b.Metadata.Name),
			cmp.Compare(a.Metadata.Version, b.Metadata.Version))
	})
}
