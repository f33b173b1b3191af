// Package secret finds what looks like a credential in the files of a fleet.
package secret

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// credentials are the forms of well-known credentials. Of what a form matches, its group is the credential, else all.
var credentials = []struct {
	what string
	form *regexp.Regexp
	has  []string // one of them is in each text that the form matches
}{
	{"an access key of AWS", regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`), []string{"AKIA", "ASIA"}},
	{"a token of GitHub", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})`),
		[]string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"}},
	{"a token of GitLab", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20}`), []string{"glpat-"}},
	{"a token of Slack", regexp.MustCompile(`\bxox[abposr]-[A-Za-z0-9-]{10,}`), []string{"xox"}},
	{"a key of Stripe", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{10,}`), []string{"k_live_"}},
	{"a key of Google", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`), []string{"AIza"}},
	{"a webhook of Slack", regexp.MustCompile(`hooks\.slack\.com/services/(T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]+)`),
		[]string{"hooks.slack.com"}},
	{"a webhook of Discord", regexp.MustCompile(`discord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_-]+)`),
		[]string{"/api/webhooks/"}},
	{"a webhook of Microsoft Teams", regexp.MustCompile(`webhook\.office\.com/webhookb2/(\S+)`),
		[]string{"webhook.office.com"}},
	{"a token of npm", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`), []string{"npm_"}},
	{"a private key", regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY`), []string{"PRIVATE KEY"}},
	{"a JSON web token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*`), []string{"eyJ"}},
	{"a password in an address", regexp.MustCompile(`://[^/\s:@{}$<]*:([^/\s:@{}$<]{3,})@`), []string{"://"}},
	{"a password in the address of a database", regexp.MustCompile(`\b[\w.%+-]+:([^\s{}$<]\S*)@(?:tcp|udp|unix)[46]?\(`),
		[]string{"@tcp", "@udp", "@unix"}},
	{"the credentials of a registry", regexp.MustCompile(`"auth"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})"`),
		[]string{`"auth"`}},
}

var (
	secretKey = regexp.MustCompile(`(?i)^(.*(password|passwd|passphrase)|` +
		`.*(access|auth|bearer|api|bot|git|github|gitlab)?[-_.]?token|` +
		`.*(api|access|secret|private|signing|encryption)[-_.]?key|.*secret[-_]?access[-_]?key|` +
		`(.*[-_])?(client|app|jwt|shared|session|signing|oauth|webhook)[-_]?secret)$`)
	// secretData are further names in the data of a Secret, where all else is no secret or named otherwise.
	secretData  = regexp.MustCompile(`(?i)(pass|pwd|token|secret|credential|private|htpasswd|dsn)|key$|auth$`)
	plainWord   = regexp.MustCompile(`^[a-z]+([-_./][a-z0-9]+)*$|^[A-Z][A-Z0-9_]*$|^/|^\$|^<|^x+$|^\*+$`)
	reference   = regexp.MustCompile(`^(arn:|alias/|ENC\[|ref\+|vault:|[%$][({]|[a-z][a-z0-9+.-]*://)|^[A-Za-z][A-Za-z_]*$`)
	referenceTo = regexp.MustCompile(`(?i)(name|ref|path|file|secretkey|field|mount|existing)`)
	placeholder = regexp.MustCompile(`(?i)change[-_ ]?(me|it)|replace|example|placeholder|dummy|your[-_]|todo|` +
		`insert|redacted|xxx|\*\*\*`)
	encoded  = regexp.MustCompile(`^[A-Za-z0-9+/]{16,}={1,2}$`)
	argument = regexp.MustCompile(`(?:^|\s)--?([A-Za-z][A-Za-z0-9._-]*)=(\S+)`)
	option   = regexp.MustCompile(`^--?([A-Za-z][A-Za-z0-9._-]*)$`)
)

// template stands in a text where a template was.
const template = "$TEMPLATE"

// Find reports each value of a YAML document that looks like a credential, with the line and column that it has in the
// file. It never shows one.
func Find(file string, document *yamlnode.Node, report func(*problem.Problem)) {
	search{file, report}.look(document, nil, nil)
}

// Option returns the name of a command line option that is to have its value in the next argument; "" for none.
func Option(before any) string {
	text, _ := before.(string)
	if match := option.FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}

// A search is for credentials in one document.
type search struct {
	file string
	add  func(*problem.Problem)
}

// look looks at a value and at what is in it; around are the maps and lists that it is in.
func (f search) look(node *yamlnode.Node, at []string, around []*yamlnode.Node) {
	inside := append(slices.Clip(around), node)
	switch node.Kind {
	case yamlnode.DocumentNode:
		for _, child := range node.Content {
			f.look(child, at, around)
		}
	case yamlnode.SequenceNode:
		for i, child := range node.Content {
			f.look(child, append(slices.Clip(at), strconv.Itoa(i)), inside)
		}
	case yamlnode.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			f.look(node.Content[i+1], append(slices.Clip(at), node.Content[i].Value), inside)
		}
	case yamlnode.ScalarNode:
		if what := kindOfSecret(node, at, around); what != "" {
			p := problem.New(f.file, node.Line, "%s looks like %s", strings.Join(at, "."), what).
				WithHint("keep it in the secret manager, and name it here; consider it known to others from now on").
				WithRule(problem.RuleSecrets)
			p.Column = node.Column
			f.add(p)
		}
	}
}

// kindOfSecret returns what a value looks like; "" for what is no credential.
func kindOfSecret(node *yamlnode.Node, at []string, around []*yamlnode.Node) string {
	text := node.Value
	for _, c := range credentials {
		if found := c.form.FindString(text); found != "" && !strings.HasSuffix(found, "EXAMPLE") &&
			!strings.Contains(text, "-\n...") {
			return c.what
		}
	}
	if len(at) == 0 || node.Tag == "!!bool" || node.Tag == "!!null" || node.Tag == "!!int" && len(text) < 8 {
		return ""
	}
	key, in := keyOf(at), around[len(around)-1]
	switch {
	case slices.Contains(at, "encryptedData"): // of a SealedSecret
		return ""
	case isInSecret(at, around):
		if at[len(at)-2] == "data" {
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
				text = string(decoded)
			}
		}
		if secretData.MatchString(key) && isLiteral(text) || strings.Contains(text, `"auths"`) {
			return "a credential in a Secret"
		}
		return ""
	case slices.Contains(at, "secretGenerator") && slices.Contains(at, "literals"):
		if name, value, _ := strings.Cut(text, "="); secretData.MatchString(name) && isLiteral(value) {
			return "a credential in a Secret"
		}
		return ""
	case key == "auth" && slices.Contains(at, "auths") && encoded.MatchString(text):
		return "the credentials of a registry"
	case strings.HasSuffix(key, "dockerconfigjson"):
		if decoded, _ := base64.StdEncoding.DecodeString(text); strings.Contains(string(decoded), `"auths"`) {
			return "the credentials of a registry"
		}
	case strings.EqualFold(key, "secret") && encoded.MatchString(text):
		return "a credential"
	case key == "value":
		key = textOf(in, "name")
	}
	for _, match := range argument.FindAllStringSubmatch(text, -1) {
		if isCredential(match[1], match[2]) {
			return "a credential"
		}
	}
	if isCredential(optionBefore(node, in), text) && !strings.HasPrefix(text, "-") {
		return "a credential"
	}
	place := At(at...)
	if key != "" && key != keyOf(at) { // that stands beside it
		place = At(key)
	}
	if isCredential(key, text) || place.isCredential(text) {
		return "a credential"
	}
	return ""
}

// keyOf returns the innermost key of a path of keys and indexes; "" if there is none.
func keyOf(path []string) string {
	for _, name := range slices.Backward(path) {
		if _, err := strconv.Atoi(name); err != nil {
			return name
		}
	}
	return ""
}

// optionBefore returns the name of the option that stands before a value in a list of arguments; "" if there is none.
func optionBefore(node, list *yamlnode.Node) string {
	i := slices.Index(list.Content, node)
	if list.Kind != yamlnode.SequenceNode || i < 1 {
		return ""
	}
	return Option(list.Content[i-1].Value)
}

// isInSecret tells whether a value is one of the data of a Secret.
func isInSecret(at []string, around []*yamlnode.Node) bool {
	return len(at) > 1 && len(around) > 1 && (at[len(at)-2] == "data" || at[len(at)-2] == "stringData") &&
		textOf(around[len(around)-2], "kind") == "Secret"
}

// textOf returns the text at a key of a map; "" if there is none.
func textOf(node *yamlnode.Node, key string) string {
	for i := 0; i+1 < len(node.Content) && node.Kind == yamlnode.MappingNode; i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1].Value
		}
	}
	return ""
}

// isCredential tells whether a key is that of a credential, and the text one. A plain word may be the name of it.
func isCredential(key, text string) bool {
	return secretKey.MatchString(key) && (!referenceTo.MatchString(key) || strings.EqualFold(key, "password")) &&
		len(text) >= 6 && !strings.ContainsAny(text, " \n") && !plainWord.MatchString(text) &&
		!reference.MatchString(text) && isLiteral(text)
}

// isCredential tells whether a text is a credential by a name that others have too: only if it looks like nothing else.
func (p Place) isCredential(text string) bool {
	return isName(p.key) && !referenceTo.MatchString(p.key) && isRandom(text) && isLiteral(text)
}

// isLiteral tells whether a text is what it says: neither a template or a reference nor a placeholder.
func isLiteral(text string) bool {
	text = strings.TrimSpace(text)
	return len(text) >= 4 && !placeholder.MatchString(text) && !strings.HasPrefix(text, "<") &&
		!strings.HasPrefix(text, "ENC[") && !strings.HasPrefix(text, "ref+") && !strings.HasPrefix(text, "vault:") &&
		!strings.HasPrefix(text, "arn:") && !strings.HasPrefix(text, "$") && text != "true" && text != "false" &&
		!strings.Contains(text, "{{") && !strings.Contains(text, "${") && !strings.Contains(text, "$(") &&
		!strings.Contains(text, template)
}

var (
	action     = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	onlyAction = regexp.MustCompile(`(?m)^[ \t]*(\$TEMPLATE[ \t]*)+$`)
)

// WithoutTemplates returns the text of a template that is YAML but for its actions, with the same lines.
func WithoutTemplates(data []byte) []byte {
	text := action.ReplaceAllStringFunc(string(data), func(found string) string {
		return template + strings.Repeat("\n", strings.Count(found, "\n"))
	})
	return []byte(onlyAction.ReplaceAllString(text, ""))
}
