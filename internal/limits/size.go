package limits

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var quantity = regexp.MustCompile(`^\+?([0-9]+\.?[0-9]*|\.[0-9]+)(Ki|Mi|Gi|k|M|G|[eE][0-9]{1,2})?$`)

// largestSize is far more than any limit, and exact as a float64.
const largestSize = 1 << 50

// ParseSize returns a quantity of Kubernetes in bytes, rounded up as there. The B of bytes may be at its end. It
// returns false for what is none.
func ParseSize(text string) (int64, bool) {
	m := quantity.FindStringSubmatch(strings.TrimSuffix(text, "B"))
	if m == nil {
		return 0, false
	}
	unit := map[string]float64{"": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "k": 1e3, "M": 1e6, "G": 1e9}
	number, factor := m[1], unit[m[2]]
	if factor == 0 {
		number, factor = number+m[2], 1
	}
	value, err := strconv.ParseFloat(number, 64)
	if size := math.Ceil(value * factor); err == nil && size <= largestSize {
		return int64(size), true
	}
	return 0, false
}

// SizeText returns a size in the largest unit in which it is a whole number.
func SizeText(size int64) string {
	switch {
	case size%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", size>>30)
	case size%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", size>>20)
	case size%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", size>>10)
	}
	return fmt.Sprintf("%d bytes", size)
}
