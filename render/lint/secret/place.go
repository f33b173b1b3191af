package secret

import (
	"regexp"
	"strconv"
	"strings"
)

// A Place is where a value is: at a key, and perhaps in something whose key has the name of credentials. The zero value
// is the place of a whole document.
type Place struct {
	key    string
	around string // the innermost key with the name of credentials that the value is in; "" if there is none
	below  int    // how many keys it is below that
}

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
	next := Place{key: key, around: p.around, below: p.below + 1}
	if isName(p.key) && !product.MatchString(p.key) {
		next.around, next.below = p.key, 1
	}
	if next.around != "" && next.below == 1 && onlyHolds.MatchString(key) {
		next.key = next.around
	}
	return next
}

var (
	// moreNames are keys of what is a credential if it does not read as a name.
	moreNames = regexp.MustCompile(`(?i)(?:secrets?|credentials?|tokens?|passwords?|passwds?|passphrases?|htpasswd|psk|` +
		`secureJsonData|erlang_?cookie|key_?base|.(?:pass|pwd)|.keys?)` +
		`[-_.]?(?:hash|string|value|base64|b64|data|text|bcrypt|sha256(?:_hex)?|pem|v?[0-9])?$`)
	// public are keys of what everybody may know.
	public = regexp.MustCompile(`(?i)pub(?:lic)?[-_.]?keys?|fingerprint|checksum|/`)
	// product are names of programs, and of what only names Secrets.
	product = regexp.MustCompile(`(?i)(?:external|sealed|image[-_.]?pull)[-_.]?secrets?$`)
	// onlyHolds are keys that say nothing of what they have.
	onlyHolds = regexp.MustCompile(`^(?i:values?|plain|plaintext|content|string)$`)
	// aboutOne are keys, below one of a credential, of what is said of it.
	aboutOne = regexp.MustCompile(`(?i:(?:^|[-_.])` + aboutWords + `s?$)|[a-z0-9]` + titled(aboutWords) + `s?$|` +
		`(?i:existing|expir|^x-kubernetes|/)`)
)

// aboutWords are the last words of such keys.
const aboutWords = `(?:name|ref|path|file|field|mount|type|format|pattern|url|uri|host|endpoint|namespace|class|version|` +
	`image|repository|tag|digest|arn|id|region|ttl|seconds|audience|policy|kind|key|property|alias|default|enum|scheme|` +
	`header|usage|rotation|interval|cidr|maximum|minimum|level|algorithm|size|length)`

// titled returns an expression with each word of one with a capital, as in names in which words follow one another.
func titled(words string) string {
	return regexp.MustCompile(`[a-z]+`).ReplaceAllStringFunc(words, func(word string) string {
		return strings.ToUpper(word[:1]) + word[1:]
	})
}

// isName tells whether a key has the name of credentials.
func isName(key string) bool {
	return hasOne(strings.ToLower(key), partsOfNames) && !existing.MatchString(key) && !public.MatchString(key) &&
		(secretKey.MatchString(key) || shortNames.MatchString(key) || moreNames.MatchString(key))
}

// isInside tells whether a text is one of the credentials that a map around it has. Right below the name of credentials
// nearly all is one; what is deeper is often something else.
func (p Place) isInside(text string) bool {
	if p.around == "" || aboutOne.MatchString(p.key) {
		return false
	}
	if p.below == 1 {
		return isOpaque(strings.TrimSpace(text))
	}
	return isRandom(strings.TrimSpace(text))
}

var (
	// hash is the hash of a password as of bcrypt, which is no variable of a shell.
	hash = regexp.MustCompile(`^\$[0-9a-z]+\$\S`)
	// encodedKey is one that looks like a path, and licensed a key in groups.
	encodedKey = regexp.MustCompile(`^/[A-Za-z0-9+/]{20,}={0,2}$`)
	licensed   = regexp.MustCompile(`^(?:[A-Za-z]{4,5}|[A-Za-z0-9]*[0-9][A-Za-z0-9]*)(?:-[A-Za-z0-9]{4,8}){3,}$`)
	// quantity is a number, a duration, an amount of memory, or addresses.
	quantity = regexp.MustCompile(`^(?:-?[0-9]+(?:[._][0-9]+)*(?:[a-zA-Z]{1,3})?)+$|^[0-9a-fA-F.:]+/[0-9]+$`)
	digits   = regexp.MustCompile(`[0-9]+`)
	capitals = regexp.MustCompile(`[A-Z]+`)
	letters  = regexp.MustCompile(`^[A-Za-z]{16,}$`)
	upper    = regexp.MustCompile(`^[A-Z0-9]{16,}$`)
	mixed    = regexp.MustCompile(`^[A-Za-z0-9+/]{16,}={0,2}$`)
	hexText  = regexp.MustCompile(`^[0-9a-f]+$`)
)

// isOpaque tells whether a text does not read as a name, a path, an amount or a sentence.
func isOpaque(text string) bool {
	switch {
	case hash.MatchString(text), encodedKey.MatchString(text), licensed.MatchString(text), isRandom(text):
		return true
	case upper.MatchString(text) && digits.MatchString(text):
		return true
	case letters.MatchString(text): // many capitals are no words
		return len(capitals.FindAllString(text, -1)) > len(text)/4
	}
	return len(text) >= 6 && !strings.ContainsAny(text, " \t") && !plainWord.MatchString(text) &&
		!reference.MatchString(text) && !onlyReference.MatchString(text) && !quantity.MatchString(text)
}

// isRandom tells whether a text looks as if nobody had thought of it: names have few numbers in them.
func isRandom(text string) bool {
	const numbers, ofKey = 3, 32 // checksums and fingerprints have other lengths
	if hexText.MatchString(text) {
		return len(text) == ofKey
	}
	return (mixed.MatchString(text) || upper.MatchString(text)) && !placeholder.MatchString(text) &&
		len(digits.FindAllString(text, numbers)) == numbers && !strings.HasPrefix(text, "AAAA") // a public key of SSH
}
