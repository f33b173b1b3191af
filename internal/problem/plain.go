package problem

import (
	"fmt"
	"strings"
)

// PlainLine returns text of the input as one line that controls no terminal and turns no text around. Unlike [OneLine],
// it has the whole text, with the credentials in it.
func PlainLine(text string) string { return strings.Map(plain, text) }

// PlainLines is [PlainLine] for a text of several lines, which stay apart.
func PlainLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return plain(r)
	}, text)
}

// PlainJSON returns JSON with the same values, in which what would control a terminal or turn text around is escaped.
// Encoders escape only a part of that.
func PlainJSON(text string) string {
	isControl := func(r rune) bool { return r >= ' ' && r != '\uFFFD' && plain(r) != r }
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if isControl(r) { // which can only be in a string
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// plain returns a character of the input as one line can show it.
func plain(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ' '
	case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0x2028 || r == 0x2029,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return '\uFFFD'
	}
	return r
}
