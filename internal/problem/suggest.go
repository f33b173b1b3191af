package problem

import (
	"strings"
	"unicode"
)

// Likely returns the known key that an unknown one was probably meant to be, or "": one that differs in nothing but
// case and separators, or in so few letters that it is a slip of the hand.
func Likely(unknown string, known []string) string {
	best, distance := "", 3
	for _, key := range known {
		a, b := lettersOf(unknown), lettersOf(key)
		if d := editDistance(a, b); d < distance && d*3 <= len(b) {
			best, distance = key, d
		}
	}
	return best
}

func lettersOf(key string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, key)
}

// editDistance is how many bytes have to be added, removed or replaced to make a string into another (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
