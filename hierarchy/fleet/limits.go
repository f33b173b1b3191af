package fleet

import (
	"math"
	"regexp"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// readLimits reads what fleet.yaml says about sizes.
func (f *Fleet) readLimits(d *hierarchy.Document, values map[string]any) error {
	r := d.Reader(values, "limits", "spec", "limits")
	if r.Any("fileSize") == nil {
		return r.Finish()
	}
	text := r.Text("fileSize")
	size, ok := parseSize(text)
	if !ok || size < hierarchy.SmallestFileSize || size > hierarchy.LargestFileSize {
		r.Fail("fileSize", "fileSize must be a size from 1Ki to 10Mi, such as 512Ki, 5Mi or 2M, not %q", text)
	}
	f.FileSize = size
	return r.Finish()
}

var quantity = regexp.MustCompile(`^\+?([0-9]+\.?[0-9]*|\.[0-9]+)(Ki|Mi|Gi|k|M|G|[eE][0-9]{1,2})?$`)

// parseSize returns a quantity of Kubernetes as a number, rounded up as there.
func parseSize(text string) (int64, bool) {
	m := quantity.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	unit := map[string]float64{"": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "k": 1e3, "M": 1e6, "G": 1e9}
	number, factor := m[1], unit[m[2]]
	if factor == 0 {
		number, factor = number+m[2], 1
	}
	value, err := strconv.ParseFloat(number, 64)
	if size := math.Ceil(value * factor); err == nil && size <= math.MaxInt32 {
		return int64(size), true
	}
	return 0, false
}
