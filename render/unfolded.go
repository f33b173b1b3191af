package render

import (
	"bytes"
	"strings"

	plainyaml "go.yaml.in/yaml/v2"
)

// The encoder breaks a long string on one line at its spaces, and has no way to be told not to but one that holds for
// the whole program, whose charts would then get other text from toYaml. So it is given letters in the place of the
// spaces, which no document is meant to have: those of private use.
const (
	heldSpace = "\uE000"
	quoted    = "@\uE001" // before a string that only its spaces make one in quotation marks: so does this
)

// lineBreaks are the characters of which the encoder makes several lines anyway, or an escape.
const lineBreaks = "\n\r\u0085\u2028\u2029"

// marshal returns a plain value as YAML, with each string that has no line breaks on one line. It may change the value.
func marshal(plain any) ([]byte, error) {
	some, clean := foldable(plain)
	if !some || !clean {
		return plainyaml.Marshal(plain)
	}
	data, err := plainyaml.Marshal(hold(plain))
	data = bytes.ReplaceAll(data, []byte(quoted), nil)
	return bytes.ReplaceAll(data, []byte(heldSpace), []byte(" ")), err
}

// isFoldable tells whether the encoder could break a string.
func isFoldable(text string) bool {
	return len(text) > 2 && strings.Contains(text[1:len(text)-1], " ") && !strings.ContainsAny(text, lineBreaks)
}

// foldable tells whether some string of a value could be broken, and whether none has letters that marshal uses.
func foldable(value any) (some, clean bool) {
	clean = true
	look := func(child any) {
		s, c := foldable(child)
		some, clean = some || s, clean && c
	}
	switch value := value.(type) {
	case string:
		return isFoldable(value), !strings.ContainsAny(value, "\uE000\uE001")
	case Object:
		for key, child := range value {
			look(child)
			clean = clean && !strings.ContainsAny(key, "\uE000\uE001")
		}
	case []any:
		for _, child := range value {
			look(child)
		}
	}
	return some, clean
}

// hold returns a value with other letters in the place of the spaces at which strings could be broken. Keys are never
// broken.
func hold(value any) any {
	switch value := value.(type) {
	case string:
		if isFoldable(value) {
			return holdText(value)
		}
	case Object:
		for key, child := range value {
			value[key] = hold(child)
		}
	case []any:
		for i, child := range value {
			value[i] = hold(child)
		}
	}
	return value
}

// holdText is hold for a string. Spaces at its ends stay, which have it quoted.
func holdText(text string) string {
	end := len(text) - 1
	held := text[:1] + strings.ReplaceAll(text[1:end], " ", heldSpace) + text[end:]
	if strings.Contains(text, ": ") || strings.Contains(text, " #") ||
		strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "? ") {
		return quoted + held
	}
	return held
}
