package fleet

import (
	"time"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// readLimits reads what fleet.yaml says about sizes, memory and time.
func (f *Fleet) readLimits(d *hierarchy.Document, spec *fields.Reader) error {
	values, isMap := spec.Any("limits").(map[string]any)
	if !isMap && spec.Has("limits") { // also what is empty, which other maps may be
		return spec.Problem("limits", "limits must be a map, not %s", fields.TypeName(spec.Any("limits")))
	}
	r := d.Reader(values, "limits", "spec", "limits")
	if r.Any("fileSize") != nil {
		text := r.Text("fileSize")
		size, ok := limits.ParseSize(text)
		if !ok || size < hierarchy.SmallestFileSize || size > hierarchy.LargestFileSize {
			r.Fail("fileSize", "fileSize must be a size from 1Ki to 10Mi, such as 512Ki, 5Mi or 2M, not %q", text)
		}
		f.FileSize = size
	}
	f.Limits = limits.Limits{
		Memory:             limit(r, "memory", limits.ParseMemory),
		Timeout:            limit(r, "timeout", limits.ParseTimeout),
		ApplicationTimeout: limit(r, "applicationTimeout", limits.ParseTimeout),
	}
	return r.Finish()
}

// limit reads one limit; 0 if nothing is said of it.
func limit[N int64 | time.Duration](r *fields.Reader, key string, parse func(text string) (N, error)) N {
	if r.Any(key) == nil {
		return 0
	}
	value, err := parse(r.Text(key))
	if err != nil {
		r.Fail(key, "%s %v", key, err)
	}
	return value
}
