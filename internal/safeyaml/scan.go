package safeyaml

import (
	"bytes"
	"strings"
)

// scan tells whether data may have aliases, and whether it may have keys that are no strings. It may see some that are
// none, in comments and strings, but it overlooks none.
func scan(data []byte) (aliases, keys bool) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return true, true // UTF-16
	}
	var anchors, stars, flow bool
	for i, c := range data {
		switch c {
		case '&':
			anchors = anchors || startsName(data, i)
		case '*':
			stars = stars || startsName(data, i)
		case '?', '!': // an explicit key, or the tag of one
			keys = keys || starts(data, i)
		case ':':
			keys = keys || endsKey(data, i)
		case '{':
			flow = flow || starts(data, i) && !emptyOrTemplate(data, i)
		case ',', '}':
			keys = keys || flow && endsLoneKey(data, i)
		}
	}
	aliases = anchors && stars
	return aliases, aliases || keys // an alias may be a key
}

// blank tells whether a character may be between two tokens: a space or a line break, of which some are not ASCII.
func blank(c byte) bool { return c <= ' ' || c >= 0x80 }

// starts tells whether a token can start at i.
func starts(data []byte, i int) bool {
	return i == 0 || blank(data[i-1]) || bytes.IndexByte([]byte("[{,:?"), data[i-1]) >= 0
}

// startsName tells whether the character at i can start an anchor or an alias: && of shells and * of lists in comments
// do not.
func startsName(data []byte, i int) bool {
	next := i + 1
	for next < len(data) && data[next] == '&' {
		next++
	}
	return next < len(data) && !blank(data[next]) && starts(data, i)
}

// emptyOrTemplate tells whether the brace at i is no map with keys: {} or {{.
func emptyOrTemplate(data []byte, i int) bool {
	return i > 0 && data[i-1] == '{' || i+1 < len(data) && (data[i+1] == '{' || data[i+1] == '}')
}

// endsLoneKey tells whether the comma or brace at i may end a key that is no text and has no value, as in {1, 2}.
func endsLoneKey(data []byte, i int) bool {
	end := i
	for end > 0 && blank(data[end-1]) {
		end--
	}
	if skipped := data[end:i]; bytes.ContainsAny(skipped, "\r\n") {
		line := data[bytes.LastIndexAny(data[:end], "\r\n")+1 : end]
		if bytes.IndexByte(line, '#') >= 0 {
			return true // a comment may be between them
		}
	}
	start := lastToken(data, end)
	if start == end || !perhapsNoText(data[start:end]) {
		return false
	}
	for start > 0 && blank(data[start-1]) {
		start--
	}
	return start == 0 || data[start-1] != ':' && data[start-1] != '[' // of a value, and of a list
}

// lastToken returns the start of what stands before end, without blanks and indicators.
func lastToken(data []byte, end int) int {
	start := end
	for start > 0 && !blank(data[start-1]) && bytes.IndexByte([]byte("[{,"), data[start-1]) < 0 {
		start--
	}
	return start
}

// endsKey tells whether the colon at i may end a key that is no text.
func endsKey(data []byte, i int) bool {
	end := i
	for end > 0 && blank(data[end-1]) && data[end-1] != '\n' && data[end-1] != '\r' {
		end--
	}
	if end == 0 || data[end-1] == '\n' || data[end-1] == '\r' {
		return true // of a key on a line before
	}
	if i+1 < len(data) && !blank(data[i+1]) && bytes.IndexByte([]byte(",[]{}"), data[i+1]) < 0 {
		return false
	}
	start := lastToken(data, end)
	return start == end || perhapsNoText(data[start:end])
}

// perhapsNoText tells whether a scalar without quotes may be a number or a boolean of YAML 1.1.
func perhapsNoText[T string | []byte](scalar T) bool {
	switch first := scalar[0]; {
	case '0' <= first && first <= '9':
		return true
	case first == '+' || first == '-' || first == '.':
		return len(scalar) > 1 && strings.IndexByte("0123456789.iInN", scalar[1]) >= 0
	case len(scalar) > len("false"):
		return false
	}
	switch strings.ToLower(string(scalar)) {
	case "y", "n", "yes", "no", "on", "off", "true", "false":
		return true
	}
	return false
}
