package safeyaml

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Mistake returns what a parser says of data that is no YAML as a problem, with the line. What people know by another
// name is called by it: conflict markers, Git LFS pointers, tabs. name is what messages call the data.
func Mistake(data []byte, name string, err error) *problem.Problem {
	if known := KnownMistake(data, name); known != nil {
		return known
	}
	line, message := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := errorLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if strings.Contains(message, "cannot start any token") || strings.Contains(message, "found a tab character") {
		if tab := tabAt(data, line); tab > 0 {
			return problem.New(name, tab, "is not YAML: the line is indented with a tab").
				WithHint("indent it with spaces")
		}
	}
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		// Without the name: it may be a password that nobody put into quotes.
		return problem.New(name, lineOf(data, "*"+m[1]),
			"is not YAML: a value with * in front refers to an anchor that does not exist").
			WithHint("put the value into quotes, or correct the name of the anchor")
	}
	if strings.Contains(message, "UTF-8") {
		return problem.New(name, lineOfFirst(data, invalid), "is not YAML: the text is not UTF-8").
			WithHint("save it as UTF-8")
	}
	if strings.Contains(message, "control characters") {
		return problem.New(name, lineOfFirst(data, control), "is not YAML: control characters are not allowed").
			WithHint("is this the right text? If so, remove them, or write them as \"\\u0001\"")
	}
	return problem.New(name, line, "is not YAML: %s", message)
}

// lineOfFirst returns the line of the first character that a function is true for, which also gets its length in bytes;
// 0 if there is none, or the data is not UTF-8 by its byte order mark.
func lineOfFirst(data []byte, is func(r rune, length int) bool) int {
	if isWide(data) {
		return 0
	}
	for at := 0; at < len(data); {
		r, length := utf8.DecodeRune(data[at:])
		if is(r, length) {
			return 1 + bytes.Count(data[:at], []byte("\n"))
		}
		at += length
	}
	return 0
}

// invalid tells whether a character is no UTF-8.
func invalid(r rune, length int) bool { return r == utf8.RuneError && length == 1 }

// control tells whether YAML does not allow a character.
func control(r rune, _ int) bool {
	const nextLine = 0x85
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != nextLine ||
		r == 0xfffe || r == 0xffff
}

// unknownAnchor matches what the parsers say of an anchor that does not exist.
var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// lineOf returns the first line with a text; 0 if there is none.
func lineOf(data []byte, text string) int {
	before, _, has := bytes.Cut(data, []byte(text))
	if !has {
		return 0
	}
	return 1 + bytes.Count(before, []byte("\n"))
}

// errorLine matches what the parsers say of a line.
var errorLine = regexp.MustCompile(`yaml: (?:unmarshal errors:\s*)?line (\d+): (.*)`)

// KnownMistake returns what is wrong with data that is no map in YAML, if it is a conflict marker, or if the data is a
// Git LFS pointer; else nil.
func KnownMistake(data []byte, name string) *problem.Problem {
	if bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		return problem.New(name, 0, "is a Git LFS pointer, and not the file that it stands for").
			WithHint("fetch the files with git lfs pull, or keep values files out of Git LFS; " +
				"Argo CD fetches them if the repository has enableLfs")
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		for _, marker := range []string{"<<<<<<< ", "||||||| ", ">>>>>>> "} {
			if bytes.HasPrefix(line, []byte(marker)) {
				return problem.New(name, number, "has a conflict marker of Git (%s)", marker[:7]).
					WithHint("finish the merge: keep one of the sides, and remove the lines with markers")
			}
		}
	}
	return nil
}

// tabAt returns the line, near the one that a parser tells, that is indented with a tab; 0 if there is none.
func tabAt(data []byte, near int) int {
	lines := bytes.Split(data, []byte("\n"))
	for _, number := range []int{near, near + 1, near - 1} {
		if number < 1 || number > len(lines) {
			continue
		}
		line := lines[number-1]
		indentation := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if bytes.IndexByte(indentation, '\t') >= 0 {
			return number
		}
	}
	return 0
}
