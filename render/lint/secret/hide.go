package secret

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Hide returns a text at a place without the credentials in it; mark returns what stands in place of each. Other than
// [Find], it is sure of each text at a key of the name of a credential, also of plain words, and looks into the lines
// of a text, into settings such as password=x, and into JSON. To hide one too many costs nothing. What only names a
// credential stays: a reference, or a template.
func Hide(at Place, text string, mark func(credential string) string) string {
	if isNamed(at.key, text) || at.isInside(text) {
		return mark(text)
	}
	found := credentialsIn(text)
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var out strings.Builder
	done := 0
	for i, s := range found {
		if s.from < done {
			continue // in the one before
		}
		for _, next := range found[i+1:] {
			if next.from >= s.to {
				break
			}
			s.to = max(s.to, next.to)
		}
		out.WriteString(text[done:s.from])
		out.WriteString(mark(text[s.from:s.to]))
		done = s.to
	}
	return out.String() + text[done:]
}

// A span is a part of a text.
type span struct{ from, to int }

var (
	// shortNames are further keys of credentials, which as a finding would be wrong too often.
	shortNames = regexp.MustCompile(`(?i:^(?:.*[-_.])?(?:pw|pwd|pass|rootpw)$|passwords$)|[a-z0-9](?:Pw|PW|Pwd|PWD|Pass)$`)
	// namesOne are keys whose value is the name of a credential, if it can be one.
	namesOne = regexp.MustCompile(`(?i)secret[-_.]?key$`)
	existing = regexp.MustCompile(`(?i:^existing|[-_.]existing)|[a-z]Existing`)
	// onlyReference is what names a credential that is elsewhere, or nothing.
	onlyReference = regexp.MustCompile(`^(?:arn:\S*|alias/\S*|vault:\S*|ref\+\S*|ENC\[[^\]]*\]|<[^<>]*>|[$%]\{[^{}]*\}|` +
		`\$\([^()]*\)|\$[A-Z_][A-Z0-9_]*|(?:\{\{[^{}]*\}\}[-_./ ]?)+|true|false|null|~|none|nil|\{\}|\[\])$`)
	// startsReference is how such a thing begins in a line of a script or a file.
	startsReference = regexp.MustCompile("^(?:\\$[({]|\\{\\{|`|<[a-z%]|[|>&*][-+0-9]*$)")
)

// isNamed tells whether a key has the name of a credential, and a text is not what only names one.
func isNamed(key, text string) bool {
	if !hasOne(strings.ToLower(key), partsOfNames) || strings.HasPrefix(key, "checksum/") {
		return false
	}
	switch text = strings.TrimSpace(text); {
	case text == "" || onlyReference.MatchString(text) || existing.MatchString(key):
		return false
	case namesOne.MatchString(key) && (plainWord.MatchString(text) || reference.MatchString(text)):
		return false
	case shortNames.MatchString(key):
		return !strings.HasPrefix(text, "/") // a directory
	}
	return secretKey.MatchString(key) || strings.HasSuffix(key, "dockerconfigjson") ||
		moreNames.MatchString(key) && !public.MatchString(key) && isOpaque(text)
}

var (
	// block is a private key with all of its lines.
	block = regexp.MustCompile(`(?s)-----BEGIN (?:[A-Z]+ )*PRIVATE KEY.*?(?:-----END [A-Z ]*-----|\z)`)
	// settings have a name, and as their second group what that is set to: a line of a file, a pair in a longer line as
	// in an argument or the address of a database, and a pair of JSON.
	settings = []*regexp.Regexp{
		regexp.MustCompile(`(?m)^[ \t]*(?:- +|export +|set +)*["']?([A-Za-z_][A-Za-z0-9._-]*)["']?` +
			`[ \t]*[:=]=?[ \t]*(\S.*?)[ \t\r]*$`),
		regexp.MustCompile(`(?:^|[\s;&?,"'(])-{0,2}([A-Za-z_][A-Za-z0-9._-]*)=("[^"\n]+"|'[^'\n]+'|[^\s;&,"')]+)`),
		regexp.MustCompile(`[{,\[][ \t]*["']?([A-Za-z_][A-Za-z0-9._-]*)["']?[ \t]*:[ \t]+` +
			`("[^"\n]+"|'[^'\n]+'|[^\s,{}\[\]"']+)`),
		regexp.MustCompile(`(?m)(?:^|\s)--([A-Za-z_][A-Za-z0-9._-]*)[ \t]+("[^"\n]+"|'[^'\n]+'|[^\s"'-]\S*)`),
		regexp.MustCompile(`(?m)^[ \t]*-?[ \t]*["']?name["']?:[ \t]*["']?([A-Za-z_][A-Za-z0-9._-]*)["']?[ \t\r]*\n` +
			`[ \t]*["']?value["']?:[ \t]*(\S.*?)[ \t\r]*$`),
		regexp.MustCompile(`<([A-Za-z_][A-Za-z0-9._-]*)>([^<>\n]+)</`),
		regexp.MustCompile(`\\?"([A-Za-z_][A-Za-z0-9._-]*)\\?"\s*:\s*\\?"((?:[^"\\]|\\[^"])+)`),
	}
	// others are the forms of credentials that are called by no name of theirs: a password in SQL, in the configuration
	// of Redis, and its hash behind a name.
	others = []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b(?:password|identified by)[ \t]+'([^'\n]+)'`),
		regexp.MustCompile(`(?m)(?:^[ \t]*|--)(?:requirepass|masterauth)[ \t]+["']?([^\s"'{$]+)`),
		regexp.MustCompile(`(?m)(?:^|[\s"'\[,])[\w.@-]+:(\{SHA\}[A-Za-z0-9+/=]+|\$(?:2[aby]|apr1|5|6)\$[^\s"',\]]+)`),
		regexp.MustCompile(`(\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{20,})`),
		regexp.MustCompile(`[?&]sig=([A-Za-z0-9%+/=_-]{16,})`),
	}
	// bearer is what a request says of who it comes from.
	bearer = regexp.MustCompile(`(?i)^(?:bearer|basic) +([^\s{$"'<]\S*)$|` +
		`authorization["']?[ \t]*[:=]?[ \t]*["']?(?:bearer|basic|token|api-token) +` +
		`([^\s{$"'<][^\s"']*)`)
	// blockScalar begins a text of YAML that goes on in the lines below.
	blockScalar = regexp.MustCompile(`^[|>][-+0-9]*(?: +#.*)?$`)
)

// credentialsIn returns where the credentials in a text are, in no order, some perhaps in others.
func credentialsIn(text string) (found []span) {
	for _, c := range credentials {
		if !hasOne(text, c.has) {
			continue
		}
		for _, match := range c.form.FindAllStringSubmatchIndex(text, -1) {
			found = append(found, span{match[len(match)-2], match[len(match)-1]})
		}
	}
	for _, match := range block.FindAllStringIndex(text, -1) {
		found = append(found, span{match[0], match[1]})
	}
	lower := strings.ToLower(text)
	for _, form := range others {
		for _, match := range form.FindAllStringSubmatchIndex(text, -1) {
			found = append(found, span{match[2], match[3]})
		}
	}
	if hasOne(lower, []string{"bearer", "basic", "authorization"}) {
		for _, match := range bearer.FindAllStringSubmatchIndex(text, -1) {
			found = append(found, span{max(match[2], match[4]), max(match[3], match[5])})
		}
	}
	if !strings.ContainsAny(text, ":=<") && !strings.Contains(text, "--") || !hasOne(lower, partsOfNames) {
		return found
	}
	for _, form := range settings {
		for _, match := range form.FindAllStringSubmatchIndex(text, -1) {
			if s := value(text, span{match[4], match[5]}); isNamedInText(text[match[2]:match[3]], text[s.from:s.to]) {
				found = append(found, s)
			}
		}
	}
	return found
}

// partsOfNames are in the names of credentials: to look for them takes less time than the forms.
var partsOfNames = []string{"pass", "pw", "token", "key", "secret", "credential", "psk", "cookie", "secure",
	"dockerconfigjson"}

func hasOne(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

func isNamedInText(key, text string) bool {
	return !startsReference.MatchString(text) && isNamed(key, text)
}

// value returns where the value of a setting is without its quotes, or the lines that it goes on in.
func value(text string, s span) span {
	given := text[s.from:s.to]
	if blockScalar.MatchString(given) {
		return linesBelow(text, s)
	}
	trimmed := strings.TrimRight(given, ",;")
	for _, quote := range []string{`"`, `'`} {
		if inner, begins := strings.CutPrefix(trimmed, quote); begins {
			if end := strings.LastIndex(inner, quote); end >= 0 {
				return span{s.from + 1, s.from + 1 + end}
			}
			return span{s.from + 1, s.from + len(trimmed)}
		}
	}
	return span{s.from, s.from + len(trimmed)}
}

// linesBelow returns the lines below one that are deeper than it, without what is around them.
func linesBelow(text string, s span) span {
	begin := strings.LastIndexByte(text[:s.from], '\n') + 1
	depth := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	most, at := depth(text[begin:s.from]), s.to
	for at < len(text) {
		line, _, _ := strings.Cut(text[at+1:], "\n")
		if strings.TrimSpace(line) != "" && depth(line) <= most {
			break
		}
		at += 1 + len(line)
	}
	below := text[s.to:at]
	from := s.to + len(below) - len(strings.TrimLeft(below, " \n\r\t"))
	return span{from, max(from, at-(len(below)-len(strings.TrimRight(below, " \n\r\t"))))}
}
