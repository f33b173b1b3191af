package problem

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Likely returns the known key that an unknown one was probably meant to be, or "": one that differs in nothing but
// case and separators, or in so few letters that it is a slip of the hand.
func Likely(unknown string, known []string) string {
	best, distance := "", 3
	a := lettersOf(unknown)
	for _, key := range known {
		b := lettersOf(key)
		if longer := len(a) - len(b); max(longer, -longer) >= distance {
			continue // as many bytes would have to be added or removed
		}
		if d := editDistance(a, b); d < distance && d*3 <= len(b) {
			best, distance = key, d
		}
	}
	return best
}

// IsSlip tells whether a name is another one with two letters exchanged, or one left out or added. Another letter makes
// another name: enable_ack_sns is not enable_ack_sqs.
func IsSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b):
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case len(a)+1 == len(b):
		return a[i:] == b[i+1:]
	}
	return false
}

// LikelySlip returns the one of the names of which another is a slip of the hand, as [IsSlip] tells; "" if there is
// none.
func LikelySlip(wrong string, names []string) string {
	for _, name := range names {
		if wrong != name && IsSlip(wrong, name) {
			return name
		}
	}
	return ""
}

// Suggest returns the hint about an unknown name: the known one that was probably meant, if there is one, and what else
// there is to say.
func Suggest(unknown string, known []string, hint string) string {
	meant := Likely(unknown, known)
	switch {
	case meant == "":
		return hint
	case hint == "":
		return "did you mean " + meant + "?"
	}
	first, size := utf8.DecodeRuneInString(hint)
	return "did you mean " + meant + "? " + string(unicode.ToUpper(first)) + hint[size:]
}

func lettersOf(key string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, key)
}

// editDistance is how many bytes have to be added, removed, replaced or exchanged with the next one to make a string
// into another (optimal string alignment).
func editDistance(a, b string) int {
	var before, row []int // of the prefixes of a that are two bytes and one byte shorter
	next := make([]int, len(b)+1)
	for j := range next {
		next[j] = j
	}
	for i := range len(a) {
		before, row, next = row, next, make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			replaced := row[j]
			if a[i] != b[j] {
				replaced++
			}
			next[j+1] = min(replaced, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
	}
	return next[len(b)]
}
