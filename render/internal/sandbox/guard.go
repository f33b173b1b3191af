package sandbox

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// shallow are the functions that look at containers without walking through them. All others are given only containers
// that are finite and not too large when written out. One that contains itself would never end, and one in which each
// level holds the next one twice doubles with every level.
var shallow = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`
		all any append coalesce concat compact default dict dig empty fail first get hasKey initial keys kindIs
		kindOf last list lookup mustAppend mustCompact mustFirst mustInitial mustLast mustPrepend mustPush mustRest
		mustReverse mustSlice omit pick pluck prepend push required rest reverse set slice ternary tuple
		typeIs typeIsLike typeOf unset values`) {
		names[name] = true
	}
	return names
}()

// Guard returns a function of the same type that counts its calls, what they are about to take, and their results. What
// is too much becomes a panic with a [LimitError], which package template takes for the function's error.
func (b *Budget) Guard(name string, function any) any {
	inner := reflect.ValueOf(function)
	typ := inner.Type()
	call := inner.Call
	if typ.IsVariadic() {
		call = inner.CallSlice
	}
	isShallow := shallow[name]
	return reflect.MakeFunc(typ, func(args []reflect.Value) []reflect.Value {
		must(b.Step())
		must(b.Spend(growth(name, args)))
		total := int64(0)
		if !isShallow {
			for _, arg := range args {
				size, err := expansion(arg)
				must(err)
				must(b.Spend(size))
				total += size
			}
		}
		must(b.Work(work(name, args, total)))
		results := call(args)
		must(b.count(name, results[0]))
		return results
	}).Interface()
}

// Print counts a value that is about to be printed, and returns it.
func (b *Budget) Print(v reflect.Value) (reflect.Value, error) {
	if err := b.Step(); err != nil {
		return v, err
	}
	size, err := expansion(v)
	if err != nil {
		return v, err
	}
	return v, b.Spend(size)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// count counts the result of a function.
func (b *Budget) count(name string, result reflect.Value) error {
	for result.Kind() == reflect.Interface {
		result = result.Elem()
	}
	switch result.Kind() {
	case reflect.String:
		return b.Spend(int64(result.Len()))
	case reflect.Map, reflect.Slice:
		if err := b.hold(1); err != nil {
			return err
		}
		if strings.HasPrefix(name, "from") || name == "mustFromJson" {
			if err := b.hold(nesting(result)); err != nil {
				return err
			}
		}
		return b.Spend(16 * int64(result.Len()))
	}
	return nil
}

// nesting returns how deeply the containers of a parsed document are nested.
func nesting(v reflect.Value) int {
	depth := 0
	switch v.Kind() {
	case reflect.Interface:
		return nesting(v.Elem())
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			depth = max(depth, nesting(entries.Value())+1)
		}
	case reflect.Slice:
		for i := range v.Len() {
			depth = max(depth, nesting(v.Index(i))+1)
		}
	}
	return depth
}

// maxExpansion is more than any budget has.
const maxExpansion = 1 << 30

// maxNesting is how deeply containers can be nested: what walks through them takes a stack of a few KiB for each level.
const maxNesting = 10_000

// expansion returns the size of a container when written out, and more than is allowed for one that contains itself.
// For strings and numbers it is 0: their results are counted. It fails if the container is nested too deeply.
func expansion(v reflect.Value) (int64, error) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Struct, reflect.Array:
		m := measure{}
		size, _ := m.expanded(v, 0)
		if m.tooDeep {
			return size, Exceeded("maps and lists that are nested more than %d levels deep", maxNesting)
		}
		return size, nil
	}
	return 0, nil
}

// A container is a map or a list by where it is in memory.
type container struct {
	address uintptr
	length  int
}

// A measure is of one value, each container of which is walked through once.
type measure struct {
	known   map[container]measured
	tooDeep bool
}

// measured is what is known of a container: its size when written out, and how deeply it is nested.
type measured struct {
	size   int64
	levels int
}

// expanded returns the size of a value when written out, and how many levels of containers it has. above are the levels
// that it is in.
func (m *measure) expanded(v reflect.Value, above int) (size int64, levels int) {
	const tooMuch = int64(maxExpansion + 1)
	add := func(part reflect.Value, above int) {
		more, below := m.expanded(part, above)
		size, levels = min(size+more, tooMuch), max(levels, below)
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return m.expanded(v.Elem(), above)
	case reflect.String:
		return int64(v.Len()), 0
	case reflect.Struct:
		for i := range v.NumField() {
			add(v.Field(i), above)
		}
		return size, levels
	case reflect.Map, reflect.Slice:
		self := container{v.Pointer(), v.Len()}
		known, isKnown := m.known[self]
		if m.tooDeep = m.tooDeep || above+max(known.levels, 1) > maxNesting; m.tooDeep {
			return tooMuch, 0
		}
		if isKnown {
			return known.size, known.levels
		}
		if m.known == nil {
			m.known = map[container]measured{}
		}
		m.known[self] = measured{size: tooMuch} // until it is known: seen again below itself, it has no end
		size = 2
		switch {
		case v.Kind() == reflect.Map:
			for entries := v.MapRange(); entries.Next(); size = min(size+2, tooMuch) {
				add(entries.Key(), above+1)
				add(entries.Value(), above+1)
			}
		case v.Type().Elem().Kind() <= reflect.Complex128: // numbers and bytes
			size = min(16*int64(v.Len()), tooMuch)
		default:
			for i := range v.Len() {
				add(v.Index(i), above+1)
				size = min(size+2, tooMuch)
			}
		}
		m.known[self] = measured{size, levels + 1}
		return size, levels + 1
	}
	return 8, 0
}

// widths finds the widths and precisions of a format, which fmt allows up to a million.
var widths = regexp.MustCompile(`\*|[0-9]{4,}`)

// growth returns how much a call takes that makes more out of little. Other functions return at most a small multiple
// of their arguments.
func growth(name string, args []reflect.Value) int64 {
	switch name {
	case "repeat", "indent", "nindent":
		count, text := args[0].Int(), args[1].String()
		if name == "repeat" {
			return times(count, int64(len(text)))
		}
		return times(count, int64(strings.Count(text, "\n")+1))
	case "until":
		return times(8, args[0].Int())
	case "untilStep":
		from, to, step := args[0].Int(), args[1].Int(), args[2].Int()
		if (from < to) != (step > 0) {
			return 0 // an empty list
		}
		return numbers(from, to, step)
	case "seq":
		params, _ := args[0].Interface().([]int)
		switch len(params) {
		case 1:
			return numbers(1, int64(params[0]), 1)
		case 2:
			return numbers(int64(params[0]), int64(params[1]), 1)
		case 3:
			return numbers(int64(params[0]), int64(params[2]), int64(params[1]))
		}
	case "randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes":
		return times(1, args[0].Int())
	case "replace":
		return times(int64(strings.Count(args[2].String(), args[0].String())), int64(args[1].Len()))
	case "wrapWith":
		return times(int64(args[1].Len()), int64(args[2].Len())/max(args[0].Int(), 1)+1)
	case "regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral":
		return times(int64(args[1].Len()), int64(args[2].Len()))
	case "join":
		list := args[1]
		for list.Kind() == reflect.Interface {
			list = list.Elem()
		}
		if list.Kind() == reflect.Slice || list.Kind() == reflect.Array {
			return times(int64(args[0].Len()), int64(list.Len()))
		}
	case "printf":
		var size int64
		for _, width := range widths.FindAllString(args[0].String(), -1) {
			n, err := strconv.ParseInt(width, 10, 64)
			if err != nil || n > 1e6 {
				n = 1e6
			}
			size += n
		}
		return size
	}
	return 0
}

// numbers returns the size of a list of numbers; floating point cannot overflow.
func numbers(from, to, step int64) int64 {
	if step == 0 {
		return 0
	}
	return times(8, int64(min(math.Abs((float64(to)-float64(from))/float64(step))+1, maxExpansion)))
}

// times multiplies without overflow; the sign does not matter.
func times(a, b int64) int64 {
	a, b = max(a, -a), max(b, -b)
	switch {
	case a == 0 || b == 0:
		return 0
	case a > maxExpansion || b > maxExpansion || a < 0 || b < 0: // the least integer stays below zero
		return maxExpansion + 1
	}
	return a * b
}
