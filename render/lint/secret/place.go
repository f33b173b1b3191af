package secret

import (
	"regexp"
	"strconv"
	"strings"
)

// A Place is where a value is: at a key, and perhaps in something whose key has the name of credentials. The zero value
// is the place of a whole document.
type Place struct{ key, around string }

// At returns the place at the end of a path of keys and indexes of lists.
func At(path ...string) Place {
	var p Place
	for _, key := range path {
		if _, err := strconv.Atoi(key); err != nil {
			p = p.Key(key)
		}
	}
	return p
}

// Key returns the place at a key of what is at a place. Items of a list are at the place of the list.
func (p Place) Key(key string) Place {
	next := Place{key: key, around: p.around}
	if isName(p.key) {
		next.around = p.key
	}
	if next.around != "" && onlyHolds.MatchString(key) {
		next.key = next.around
	}
	return next
}

var (
	// moreNames are keys of what is a credential if it does not read as a name.
	moreNames = regexp.MustCompile(`(?i)(?:secrets?|credentials?|tokens?|passwords?|passwds?|passphrases?|htpasswd|psk|` +
		`(?:api|app|application|access|account|secret|private|signing|encryption|decryption|licen[cs]e|` +
		`service|routing|integration|master|hmac|ssh|deploy|tls|shared|storage|auth|jwt|session|cookie|ingest|ingestion|` +
		`write|admin|root|user|client|server)[-_.]?keys?)[-_.]?(?:hash|string|value|base64|b64|data|text|bcrypt)?$`)
	// onlyHolds are keys that say nothing of what they have.
	onlyHolds = regexp.MustCompile(`^(?i:values?|plain|plaintext|content|string)$`)
	// aboutOne are keys, below one of a credential, of what is said of it.
	aboutOne = regexp.MustCompile(`(?i)(?:name|ref|path|file|field|mount|type|format|pattern|url|uri|host|endpoint|` +
		`namespace|class|version|image|repository|tag|digest|arn|id|region|ttl|seconds|audience|policy|kind)s?$|` +
		`existing|^x-kubernetes|expir|[./]`)
)

// isName tells whether a key has the name of credentials.
func isName(key string) bool {
	return hasOne(strings.ToLower(key), partsOfNames) && !existing.MatchString(key) &&
		(secretKey.MatchString(key) || shortNames.MatchString(key) || moreNames.MatchString(key))
}

// hash is the hash of a password as of bcrypt, which is no variable of a shell.
var hash = regexp.MustCompile(`^\$[0-9a-z]+\$\S`)

// isOpaque tells whether a text does not read as a name, a path or a sentence.
func isOpaque(text string) bool {
	if hash.MatchString(text) {
		return true
	}
	return len(text) >= 6 && !strings.ContainsAny(text, " \t") && !plainWord.MatchString(text) &&
		!reference.MatchString(text) && !onlyReference.MatchString(text)
}

// isInside tells whether a text is one of the credentials that a map around it has.
func (p Place) isInside(text string) bool {
	return p.around != "" && !aboutOne.MatchString(p.key) && isOpaque(strings.TrimSpace(text))
}

var (
	randomText = regexp.MustCompile(`^[A-Za-z0-9+_-]{16,}={0,2}$`)
	hexText    = regexp.MustCompile(`^[0-9a-f]{32,}$`)
	kinds      = []*regexp.Regexp{regexp.MustCompile(`[0-9]`), regexp.MustCompile(`[a-z]`), regexp.MustCompile(`[A-Z]`)}
)

// isRandom tells whether a text looks as if nobody had thought of it.
func isRandom(text string) bool {
	if !randomText.MatchString(text) || placeholder.MatchString(text) {
		return false
	}
	for _, kind := range kinds {
		if !kind.MatchString(text) {
			return hexText.MatchString(text)
		}
	}
	return true
}
