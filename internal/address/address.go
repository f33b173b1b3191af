// Package address knows the credentials that stand in addresses: https://user:password@host, a token in the place of
// the user, or one in the query. Git and Argo CD show addresses to everybody: what is emitted has none, and what is
// printed is redacted.
package address

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// ErrCredential is what is wrong with an address that holds a credential, and what to do about it.
var ErrCredential = errors.New("holds a credential; " +
	"leave it out: it belongs in a repository Secret, which External Secrets can make")

// mark stands for what was redacted.
const mark = "…"

// Check returns [ErrCredential] for a string with an address in it that holds a credential, else nil.
func Check(text string) error {
	if len(credentials(text)) > 0 {
		return ErrCredential
	}
	return nil
}

// CheckURL is [Check] for a string that is an address as a whole. It may have no scheme, as those of registries.
func CheckURL(text string) error {
	if !strings.Contains(text, "://") && len(credentials("oci://"+text)) > 0 {
		return ErrCredential
	}
	return Check(text)
}

// Redact returns a string with the credentials in its addresses replaced: https://…@host/path. It never fails, and a
// redacted text stays as it is.
func Redact(text string) string {
	// Without what is redacted, another part can be read as a credential.
	const most = 10
	for range most {
		found := credentials(text)
		if len(found) == 0 {
			break
		}
		text = without(text, found)
	}
	return text
}

// without returns a string with the mark in the place of some parts, which are in the order of their beginnings.
func without(text string, found []span) string {
	var out strings.Builder
	done := 0
	for _, s := range found {
		if s.from < done { // of an address in another one
			done = max(done, s.to)
			continue
		}
		out.WriteString(text[done:s.from])
		out.WriteString(mark)
		done = s.to
	}
	out.WriteString(text[done:])
	return out.String()
}

// RedactValue redacts the strings and keys of a value of YAML. Where a key, or the last one of the path of the value,
// says that it holds addresses, these may lack their scheme.
func RedactValue(value any, path ...string) any {
	redact := Redact
	if len(path) > 0 {
		redact = redactionOf(path[len(path)-1])
	}
	var visit func(value any, redact func(string) string) any
	visit = func(value any, redact func(string) string) any {
		switch value := value.(type) {
		case string:
			return redact(value)
		case map[string]any:
			out := make(map[string]any, len(value))
			for key, child := range value {
				out[Redact(key)] = visit(child, redactionOf(key))
			}
			return out
		case []any:
			out := make([]any, len(value))
			for i, item := range value {
				out[i] = visit(item, redact)
			}
			return out
		}
		return value
	}
	return visit(value, redact)
}

// redactionOf returns what redacts the strings that a key has.
func redactionOf(key string) func(text string) string {
	switch {
	case key == "image":
		return RedactImage
	case isAddressKey(key):
		return redactURL
	}
	return Redact
}

// redactURL is [Redact] for a string that is an address as a whole, as [CheckURL] takes it.
func redactURL(text string) string {
	const scheme = "oci://"
	if strings.Contains(text, "://") || CheckURL(text) == nil {
		return Redact(text)
	}
	return strings.TrimPrefix(Redact(scheme+text), scheme)
}

// digest matches the end of the reference of an image that names its content.
var digest = regexp.MustCompile(`@[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$`)

// RedactImage is [Redact] for the reference of a container image, which has no scheme: what is before an @ that no
// digest follows can only be credentials.
func RedactImage(text string) string {
	text = Redact(text)
	end := digest.FindString(text)
	name := strings.TrimSuffix(text, end)
	if at := strings.LastIndexByte(name, '@'); at >= 0 && !strings.Contains(name[:at], mark) {
		name = mark + name[at:]
	}
	return name + end
}

// Find returns the path of the first text in a value that [Check] refuses: the keys of maps, and the indexes of
// lists. Parts whose path leave (which may be nil) is true for are not looked at. Find returns nil if there is none.
func Find(value any, leave func(path []string) bool) []string {
	var visit func(value any, path []string, check func(string) error) (found []string)
	// The path is overwritten by what comes next.
	visit = func(value any, path []string, check func(string) error) []string {
		switch value := value.(type) {
		case string:
			if check(value) != nil {
				return slices.Clone(path)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				child := append(path, key) //nolint:gocritic // shares memory on purpose
				if leave != nil && leave(child) {
					continue
				}
				if Check(key) != nil {
					return slices.Clone(child)
				}
				check := Check
				if isAddressKey(key) {
					check = CheckURL
				}
				if found := visit(value[key], child, check); found != nil {
					return found
				}
			}
		case []any:
			for i, item := range value {
				if found := visit(item, append(path, strconv.Itoa(i)), check); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return visit(value, nil, Check)
}

// isAddressKey tells whether the value of a key, or each in a list there, is an address as a whole.
func isAddressKey(key string) bool {
	key = strings.ToLower(key)
	return slices.ContainsFunc([]string{"url", "urlgit", "repository", "server", "endpoints"},
		func(end string) bool { return strings.HasSuffix(key, end) })
}

// maxNested is how many bytes of an address inside another one are looked at, so that a string of nothing but addresses
// takes no longer than its length allows.
const maxNested = 1 << 10

// A span is a part of a string.
type span struct{ from, to int }

// credentials returns where the credentials in a string are, in the order of their beginnings.
func credentials(text string) []span {
	var found []span
	end := 0 // of the run of text without a space that the last address is in
	for at := 0; ; {
		i := strings.Index(text[at:], ":/")
		if i < 0 {
			// What an address has at its end comes before what another one inside of it has.
			slices.SortStableFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
			return found
		}
		colon := at + i
		at = colon + 2
		scheme := schemeBefore(text[:colon])
		// One slash is what is left of two in a path that was cleaned.
		if !strings.HasPrefix(text[at:], "/") && !slices.Contains([]string{"http", "https", "oci", "ssh"}, scheme) {
			continue
		}
		for at < len(text) && text[at] == '/' {
			at++
		}
		limit := min(end, at+maxNested)
		if at >= end {
			end = len(text)
			isEnd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
			if space := strings.IndexFunc(text[at:], isEnd); space >= 0 {
				end = at + space
			}
			limit = end
		}
		a := parse(scheme, text[at:limit])
		if a.user != "" && a.hasCredential() {
			found = append(found, span{at, at + len(a.user)})
		}
		for _, s := range a.secrets() {
			found = append(found, span{at + s.from, at + s.to})
		}
	}
}

// schemeBefore returns the scheme at the end of a string in lower case; "" if there is none, as where a template makes
// it.
func schemeBefore(text string) string {
	isPart := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+-.", r))
	}
	from := strings.LastIndexFunc(text, func(r rune) bool { return !isPart(r) }) + 1
	if from > 0 && from < len(text) && !isPart(rune(text[from])) { // within a rune of several bytes
		from = len(text)
	}
	return strings.ToLower(text[from:])
}

// An authority is what stands before the path of an address.
type authority struct {
	scheme string
	text   string // all after the scheme
	user   string // with the password; "" for none
	host   string
	rest   string // path, query and fragment, and what may stand after these
}

// hostEnd are the bytes with which a host ends: those of the path, and those around an address in a longer text.
const hostEnd = "/?#\\\"'<>`"

func parse(scheme, text string) authority {
	a := authority{scheme: scheme, text: text, host: text}
	if i := strings.IndexAny(text, hostEnd); i >= 0 {
		a.host, a.rest = text[:i], text[i:]
	}
	at := strings.LastIndexByte(a.host, '@')
	switch {
	case at >= 0 && strings.HasPrefix(a.host[at:], "@sha"): // the digest of an image
	case at >= 0:
		a.user, a.host = a.host[:at], a.host[at+1:]
	case !isPort(a.host) && strings.Contains(a.rest, "@"): // a password with a slash in it
		at = strings.LastIndexByte(text, '@')
		a.user = text[:at]
		a.host, a.rest = text[at+1:], ""
		if i := strings.IndexAny(a.host, hostEnd); i >= 0 {
			a.host, a.rest = a.host[:i], a.host[i:]
		}
	}
	return a
}

// isPort tells whether what follows the colon of a host, if there is one, can be a port.
func isPort(host string) bool {
	_, port, found := strings.Cut(host, ":")
	return !found || strings.HasPrefix(host, "[") || strings.HasPrefix(port, "{{") ||
		strings.Trim(port, "0123456789") == "" || strings.Trim(port, "0123456789,)];.:") == ""
}

// hasCredential tells whether the user has a password, or looks like a token, with which HTTP needs no password.
func (a authority) hasCredential() bool {
	user, password, _ := strings.Cut(a.user, ":")
	if password != "" {
		return true
	}
	overHTTP := strings.HasSuffix(a.scheme, "http") || strings.HasSuffix(a.scheme, "https")
	if !overHTTP && a.scheme != "" && a.scheme != "oci" {
		return false
	}
	organization, _, _ := strings.Cut(strings.TrimPrefix(a.rest, "/"), "/")
	if strings.EqualFold(a.host, "dev.azure.com") && user == organization {
		return false // as Azure DevOps itself writes its addresses
	}
	return isToken(user)
}

// tokenPrefixes begin the tokens of Git's servers; the last two are the users that go with any token.
var tokenPrefixes = []string{"ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-",
	"glcbt-", "glptt-", "ATBB", "ATCTT", "eyJ", "x-token-auth", "x-access-token"}

func isToken(user string) bool {
	if plain, err := url.PathUnescape(user); err == nil {
		user = plain
	}
	const shortest = 20 // no name of a person or an organization is that long
	other := func(r rune) bool {
		return r >= unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-=+~", r)
	}
	return slices.ContainsFunc(tokenPrefixes, func(prefix string) bool { return strings.HasPrefix(user, prefix) }) ||
		len(user) >= shortest && !strings.ContainsFunc(user, other) || isRandom(user)
}

// isRandom tells whether a user looks like random bytes as hex or base64. Names have digits at their end, if any.
func isRandom(user string) bool {
	const shortest = 16
	const digits, hex = "0123456789", "0123456789abcdefABCDEF"
	other := func(r rune) bool {
		return r >= unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+/=", r)
	}
	if len(user) < shortest || strings.ContainsFunc(user, other) || !strings.ContainsAny(user, digits) {
		return false
	}
	name := strings.TrimRight(strings.TrimRight(user, "="), digits)
	return strings.Trim(user, hex) == "" || strings.ContainsAny(name, digits)
}

// secrets returns where in the address its query or fragment has values that are credentials.
func (a authority) secrets() []span {
	var found []span
	start := strings.IndexAny(a.rest, "?#")
	if start < 0 {
		return nil
	}
	at := len(a.text) - len(a.rest) + start
	query := a.text[at:]
	if end := strings.IndexAny(query, "\"'<>`"); end >= 0 {
		query = query[:end]
	}
	query = strings.ReplaceAll(query, `\u0026`, "&&&&&&") // as JSON may write it
	for len(query) > 0 {
		query, at = query[1:], at+1 // the separator
		part := query
		if end := strings.IndexAny(query, "?#&;"); end >= 0 {
			part = query[:end]
		}
		name, value, _ := strings.Cut(part, "=")
		if value != "" && value != mark && isSecretName(name) {
			found = append(found, span{at + len(name) + 1, at + len(part)})
		}
		query, at = query[len(part):], at+len(part)
	}
	return found
}

// secretNames end the names of the parameters that are credentials, in lower case without punctuation.
var secretNames = []string{"token", "password", "passwd", "pwd", "secret", "signature", "credential", "credentials",
	"apikey", "accesskey", "privatekey", "secretkey", "sshkey", "jwt"}

func isSecretName(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	return name == "sig" || slices.ContainsFunc(secretNames,
		func(end string) bool { return strings.HasSuffix(name, end) })
}

// SameRepository tells whether two addresses are of the same Git repository: case, the protocol, .git and a slash at
// the end do not count.
func SameRepository(a, b string) bool { return strings.EqualFold(plain(a), plain(b)) }

// plain returns HOST/PATH of the address of a Git repository, which may be one as scp has it (git@HOST:PATH).
func plain(address string) string {
	_, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		rest = strings.Replace(address, ":", "/", 1)
	}
	if user, host, has := strings.Cut(rest, "@"); has && !strings.Contains(user, "/") {
		rest = host
	}
	return strings.TrimSuffix(strings.TrimSuffix(rest, "/"), ".git")
}
