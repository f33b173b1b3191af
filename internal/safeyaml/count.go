package safeyaml

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkSize fails if data may become more values than the limits allow, or is nested too deeply. It costs a fraction of
// what a parser would, and next to no memory.
func checkSize(data []byte, name string, limits limits, stream bool) error {
	if len(data) > limits.Bytes {
		return problem.New(name, 0, "is larger than %d MiB", limits.Bytes>>20).
			WithHint("is this the right text? The limit cannot be raised")
	}
	if !mayExceed(data, limits) {
		return nil
	}
	c := counter{data: singleBreaks(utf8Text(data)), limits: limits, single: !stream}
	c.reset()
	c.run()
	return c.problem(name)
}

// weights are how many values follow an indicator at most, whatever it means where it stands.
var weights = [256]uint8{'-': 1, '?': 2, ':': 2, ',': 2, '[': 1, '{': 2}

// weigh returns how many values text has at most.
func weigh(data []byte) int {
	sum := 1
	for _, c := range data {
		sum += int(weights[c])
	}
	return sum
}

// maxDirectives is how many directives a document may have: parsers compare each %TAG with all before it.
const maxDirectives = 100

// mayExceed tells whether data must be looked at closely. Nearly all files need not be.
func mayExceed(data []byte, limits limits) bool {
	return len(data) > limits.Values/2 && weigh(data) > limits.Values || isWide(data) || mayBeDeep(data) ||
		bytes.Count(data, []byte("%TAG")) > maxDirectives
}

// mayBeDeep tells whether values can be nested deeper than [maxDepth]. Lists and maps in brackets need a bracket
// for each level; others a line that starts with as many blanks and indicators.
func mayBeDeep(data []byte) bool {
	const step = maxDepth / 2
	for i := step; i < len(data); i += step {
		if startsBlock(data[i]) && startsBlock(data[i-step]) && longStart(data, i) {
			return true
		}
	}
	return bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxDepth && mayBeNested(data)
}

// startsBlock tells whether a character can stand before the first text of a line: as indentation, or as an indicator.
func startsBlock(c byte) bool {
	return c == ' ' || c == '-' || c == '?' || c == ':' || c == '\t'
}

// longStart tells whether the character at i is in a run of more than [maxDepth] that can start a line.
func longStart(data []byte, i int) bool {
	start, end := i, i
	for start > 0 && i-start <= maxDepth && startsBlock(data[start-1]) {
		start--
	}
	for end < len(data) && end-start <= maxDepth && startsBlock(data[end]) {
		end++
	}
	return end-start > maxDepth
}

// mayBeNested counts the brackets that can open a list or map with something in it: not {}, and not the braces of a
// template in quotes.
func mayBeNested(data []byte) bool {
	opens, run := 0, false // of brackets one after the other, the first of which opens something
	for i, c := range data {
		if c != '[' && c != '{' {
			run = false
			continue
		}
		run = run || starts(data, i)
		if run && (i+1 == len(data) || data[i+1] != c+2) { // ] and } are two characters after [ and {
			opens++
		}
	}
	return opens >= maxDepth // and perhaps one that is empty, inside of all
}

// isWide tells whether data is UTF-16.
func isWide(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// utf8Text returns data in UTF-8, without a byte order mark.
func utf8Text(data []byte) []byte {
	if !isWide(data) {
		return bytes.TrimPrefix(data, []byte("\ufeff"))
	}
	low := 0
	if data[0] == 0xfe {
		low = 1
	}
	text := make([]byte, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		unit := rune(data[i+low]) | rune(data[i+1-low])<<8
		if utf16.IsSurrogate(unit) {
			unit = utf8.RuneError
		}
		text = utf8.AppendRune(text, unit)
	}
	return text
}

// singleBreaks returns data with a line feed for each line break.
func singleBreaks(data []byte) []byte {
	for _, other := range []string{"\r\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(other)) {
			data = bytes.ReplaceAll(data, []byte(other), []byte("\n"))
		}
	}
	return data
}
