package conformance

import (
	"encoding/json"
	"errors"
	"hash/maphash"
	"math"
	"strconv"
)

// deepest is how many maps and lists may be in each other. Schemas of definitions have far fewer.
const deepest = 200

// seed makes hashes that nobody can foresee.
var seed = maphash.MakeSeed()

// What is measured is what is known of a value after one walk.
type measured struct {
	hash    uint64
	values  int
	bytes   int // of all strings
	rules   int // in CEL
	tooDeep bool
}

// measure walks a value. Two values with the same hash are the same, as maps have no order.
func measure(value any) measured {
	var m measured
	m.hash = m.walk(value, 0)
	return m
}

func (m *measured) walk(value any, depth int) uint64 {
	m.values++
	if depth > deepest {
		m.tooDeep = true
		return 0
	}
	switch v := value.(type) {
	case map[string]any:
		hash := uint64(len(v))
		for key, inner := range v {
			m.bytes += len(key)
			if rules, ok := inner.([]any); ok && key == "x-kubernetes-validations" {
				m.rules += len(rules)
			}
			hash += mix(1, maphash.String(seed, key), m.walk(inner, depth+1)) // in any order
		}
		return mix(2, hash, 0)
	case []any:
		hash := uint64(len(v))
		for _, inner := range v {
			hash = mix(3, hash, m.walk(inner, depth+1))
		}
		return hash
	case string:
		m.bytes += len(v)
		return mix(4, maphash.String(seed, v), 0)
	case bool:
		if v {
			return 5
		}
		return 6
	case nil:
		return 7
	case float64:
		return mix(8, math.Float64bits(v), 0)
	case json.Number:
		return mix(9, maphash.String(seed, v.String()), 0)
	}
	if whole, ok := integer(value); ok {
		return mix(10, uint64(whole), 0) //nolint:gosec // the same bits
	}
	return mix(11, 0, 0)
}

// mix makes one hash of two, and of what they are of.
func mix(kind, a, b uint64) uint64 { return maphash.Comparable(seed, [3]uint64{kind, a, b}) }

// integer returns an integer of any Go type that documents are read into.
func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), true
		}
	case float64:
		const exact = 1 << 53
		if v == math.Trunc(v) && math.Abs(v) <= exact {
			return int64(v), true
		}
	}
	return 0, false
}

var errUnknownValue = errors.New("a value is of no type of JSON")

// copyOf returns a copy of a value as Kubernetes reads it from JSON: integers are int64, other numbers float64.
func copyOf(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			if out[key], err = copyOf(inner); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			if out[i], err = copyOf(inner); err != nil {
				return nil, err
			}
		}
		return out, nil
	case json.Number:
		if whole, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return whole, nil
		}
		number, err := v.Float64()
		return number, err
	case string, bool, nil:
		return v, nil
	}
	if whole, ok := integer(value); ok {
		return whole, nil
	}
	switch v := value.(type) {
	case float64:
		return v, nil
	case uint64:
		return float64(v), nil
	}
	return nil, errUnknownValue
}
