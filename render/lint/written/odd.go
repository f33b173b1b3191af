package written

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkOdd finds texts that are written once, or in one file, and that differ in one letter from one that is written
// more often.
func (j *Judge) checkOdd(all map[string][]Value, known []string, what, rule string) {
	for _, text := range slices.Sorted(maps.Keys(all)) {
		count := len(all[text])
		if count > 1 && !inOneFile(all[text]) || slices.Contains(known, text) {
			continue
		}
		const moreOften = 3
		near := ""
		for _, other := range slices.Sorted(maps.Keys(all)) {
			isMore := len(all[other]) > 1 && count == 1 || len(all[other]) >= moreOften*count && !inOneFile(all[other])
			if isMore && isOdd(text, other) {
				near = other
			}
		}
		for _, other := range known {
			if isOdd(text, other) {
				near = other
			}
		}
		if near == "" {
			continue
		}
		for _, s := range all[text] {
			p := problem.New(s.File, s.Node.Line, "%s: the %s %q is nearly the one that others have",
				strings.Join(s.Path, "."), what, text).WithHint("did you mean %s?", near).WithRule(rule)
			j.addAt(s, p)
		}
	}
}

func inOneFile(values []Value) bool {
	return !slices.ContainsFunc(values, func(v Value) bool { return v.File != values[0].File })
}

// checkHosts finds hosts that one address has, and that are a slip of the hand away from one that others have.
func (j *Judge) checkHosts() {
	hosts := map[string][]Value{}
	for text, values := range j.repositories.addresses {
		host, _, _ := strings.Cut(withoutScheme(normalAddress(text)), "/")
		hosts[host] = append(hosts[host], values...)
	}
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		s := hosts[host][0]
		if len(hosts[host]) > 1 || j.hasFoundAt(s) {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(hosts)) {
			if len(hosts[other]) > 1 && isMistyped(host, other) && differInLongWord(host, other) {
				j.addAt(s, problem.New(s.File, s.Node.Line, "%s: the host %s is nearly the one that others have",
					strings.Join(s.Path, "."), host).WithHint("did you mean %s?", other).WithRule(problem.RuleURL))
				break
			}
		}
	}
}

// checkPairs finds two addresses that are each written once, and a slip of the hand away from each other.
func (j *Judge) checkPairs() {
	all := j.repositories.addresses
	texts := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(text string) bool { return len(all[text]) > 1 })
	for i, text := range texts {
		for _, other := range texts[i+1:] {
			a, b := all[text][0], all[other][0]
			short, otherShort := withoutScheme(normalAddress(text)), withoutScheme(normalAddress(other))
			if !isMistyped(short, otherShort) || len(short) != len(otherShort) &&
				!differInLongWord(short, otherShort) || j.hasFoundAt(a) || j.hasFoundAt(b) {
				continue
			}
			j.addAt(a, problem.New(a.File, a.Node.Line, "%s: the address %q is nearly that of %s",
				strings.Join(a.Path, "."), text, problem.Place(b.File, b.Node.Line)).WithHint("correct one of them").
				WithRule(problem.RuleURL, b.File))
		}
	}
}

// isOdd tells whether a text is another one but for one letter in a longer word: team-a is not team-b, and v1.1 is not
// v1.10.
func isOdd(text, other string) bool {
	text, other = withoutScheme(normalAddress(text)), withoutScheme(normalAddress(other))
	if lettersOf(text) == lettersOf(other) {
		return false
	}
	if problem.IsSlip(text, other) {
		return true
	}
	if len(text) != len(other) {
		return false
	}
	at := 0
	for at < len(text) && text[at] == other[at] {
		at++
	}
	if text[at+1:] != other[at+1:] || !unicode.IsLetter(rune(text[at])) || !unicode.IsLetter(rune(other[at])) {
		return false
	}
	isBoundary := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	start := strings.LastIndexFunc(text[:at], isBoundary) + 1
	end := strings.IndexFunc(text[at:], isBoundary)
	if end < 0 {
		end = len(text) - at
	}
	const long = 4
	return at+end-start >= long
}

func withoutScheme(address string) string {
	if _, rest, is := strings.Cut(address, "://"); is {
		return rest
	}
	return address
}

// lettersOf returns the letters of a text.
func lettersOf(text string) string { return only(text, unicode.IsLetter) }

// digitsOf returns the digits of a text.
func digitsOf(text string) string { return only(text, unicode.IsDigit) }

func only(text string, is func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if is(r) {
			return r
		}
		return -1
	}, text)
}
