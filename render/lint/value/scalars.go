package value

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

var (
	versionKey  = regexp.MustCompile(`(?i)(version|revision|tag)$`)
	accountKey  = regexp.MustCompile(`(?i)account`)
	modeKey     = regexp.MustCompile(`(?i)mode$|permissions$`)
	octal       = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	decimal     = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)
	fraction    = regexp.MustCompile(`^[-+]?[0-9]+\.[0-9]+$`)
	sexagesimal = regexp.MustCompile(`^[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?$`)
	exponent    = regexp.MustCompile(`^[0-9]+[eE][0-9]+$`)
	underscore  = regexp.MustCompile(`^[-+]?[0-9][0-9_]*_[0-9_]*$`)
)

// checkNumber finds text that YAML reads as a number, so that what comes out is another text.
func checkNumber(s Value) *problem.Problem {
	node, text, key := s.Node, s.Node.Value, s.Key()
	const quoted = yamlnode.DoubleQuotedStyle | yamlnode.SingleQuotedStyle | yamlnode.LiteralStyle |
		yamlnode.FoldedStyle
	if node.Style&quoted != 0 ||
		node.Tag == "!!str" && !sexagesimal.MatchString(text) && !underscore.MatchString(text) {
		return nil
	}
	var read string
	switch {
	case versionKey.MatchString(key) && fraction.MatchString(text) && !strings.EqualFold(key, "schemaVersion"):
		number, _ := strconv.ParseFloat(text, 64)
		read = strconv.FormatFloat(number, 'f', -1, 64)
		if read == text {
			return nil
		}
	case slices.Contains(labelMaps, s.Parent()) && fraction.MatchString(text) && strings.HasSuffix(text, "0"):
		read = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	case versionKey.MatchString(key) && exponent.MatchString(text):
		read = "a number with an exponent"
	case accountKey.MatchString(key) && decimal.MatchString(text) && len(text) == 12:
		read = "a number, which Helm writes as " + text[:1] + "." + strings.TrimRight(text[1:], "0") + "e+11"
	case octal.MatchString(text) && len(text) > 4 && !modeKey.MatchString(key):
		read = "an octal number, or one without its zeros"
	case sexagesimal.MatchString(text) && strings.Count(text, ":") == 2 && versionKey.MatchString(key):
		read = "a number to the base of sixty"
	default:
		return nil
	}
	return problem.New(s.File, node.Line, "%s: %s is %s for YAML, not text", strings.Join(s.Path, "."), text, read).
		WithHint("quote it: %q", text).WithRule(problem.RuleNumberAsString)
}

// labelMaps are fields whose values Kubernetes takes as strings.
var labelMaps = []string{"labels", "annotations", "selectorMatchLabels", "matchLabels", "commonLabels",
	"globalSelectors"}

// syncOptions are those that Argo CD knows (its documentation, Sync Options).
var syncOptions = []string{"ApplyOutOfSyncOnly", "ClientSideApplyMigration", "CreateNamespace", "Delete",
	"FailOnSharedResource", "Force", "Prune", "PruneLast", "PrunePropagationPolicy", "Replace",
	"RespectIgnoreDifferences", "ServerSideApply", "SkipDryRunOnMissingResource", "Validate"}

// optionValues are what options of a sync can be; the others are true or false.
var optionValues = map[string][]string{"PrunePropagationPolicy": {"background", "foreground", "orphan"},
	"Delete": {"confirm", "false", "true"}, "Prune": {"confirm", "false", "true"}}

// checkSyncOption finds options of a sync that are nearly one of Argo CD's, which ignores what it does not know.
func checkSyncOption(s Value) *problem.Problem {
	name, value, is := strings.Cut(s.Node.Value, "=")
	if s.Key() != "syncOptions" || strings.Contains(s.Node.Value, "{{") {
		return nil
	}
	at := func(format string, args ...any) *problem.Problem {
		return problem.New(s.File, s.Node.Line, "%s: %s", strings.Join(s.Path, "."), fmt.Sprintf(format, args...)).
			WithRule(problem.RuleUnknownKey)
	}
	if !slices.Contains(syncOptions, name) {
		near := problem.Likely(name, syncOptions)
		if near == "" {
			return nil // a newer Argo CD may know it
		}
		return at("Argo CD knows no option %s", name).WithHint("did you mean %s?", near)
	}
	values := optionValues[name]
	if values == nil {
		values = []string{"false", "true"}
	}
	switch {
	case !is:
		return at("the option %s has no value", name).WithHint("write %s=true", name)
	case !slices.Contains(values, value):
		return at("the option %s is %q, which Argo CD does not know", name, value).
			WithHint("%s", problem.Suggest(value, values, "it can be "+strings.Join(values, ", ")))
	}
	return nil
}

var (
	withScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]{1,9})(:/{1,3}|[;.,]//|:\\\\|/{2})([^/\s].*)$`)
	urlKey     = regexp.MustCompile(`(?i)(repository|repo_?url|giturl|repourlgit|_url|^url)$`)
	gitKey     = regexp.MustCompile(`(?i)(repo_?url|giturl|repourlgit)$`)
	hostLike   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+(/|:[0-9]+/|$)`)
	scpLike    = regexp.MustCompile(`^[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:`)
	scpSlash   = regexp.MustCompile(`^[A-Za-z0-9_.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/[^:]+$`)
	chartHost  = regexp.MustCompile(`^charts\.|\.github\.io(/|$)`)
	registry   = regexp.MustCompile(`(^|\.)(ghcr\.io|quay\.io|docker\.io|gcr\.io|pkg\.dev|azurecr\.io)(/|$)|` +
		`\.ecr\.|^registry|/oci(/|$)`)
)

var schemes = []string{"https", "http", "oci", "ssh", "git", "file"}

// slips are http and https as hands write them that slip.
var slips = []string{"hhttp", "hhttps", "hpps", "hptts", "htp", "htpp", "htpps", "htps", "htpts", "httpss", "httsp",
	"htttp", "htttps", "httttps", "thtp", "thtps", "tthp", "ttp", "ttps"}

// checkURL finds addresses that are none.
func checkURL(s Value) *problem.Problem {
	text, key := s.Node.Value, s.Key()
	if s.Node.Kind != yamlnode.ScalarNode || len(text) > 2048 || strings.ContainsAny(text, "\n") {
		return nil
	}
	at := func(format string, args ...any) *problem.Problem {
		return problem.New(s.File, s.Node.Line, "%s: %s", strings.Join(s.Path, "."), fmt.Sprintf(format, args...)).
			WithRule(problem.RuleURL)
	}
	if urlKey.MatchString(key) && strings.Contains(text, "//") && !strings.Contains(text, "{{") &&
		strings.ContainsAny(text, " \t") {
		return at("there is a blank in the address %q", text).WithHint("remove it")
	}
	if parts := withScheme.FindStringSubmatch(text); parts != nil {
		scheme, separator, rest := parts[1], parts[2], parts[3]
		known := slices.Contains(schemes, scheme)
		switch {
		case known && separator == "://":
			if near := problem.LikelySlip(path.Ext(text), []string{".git"}); gitKey.MatchString(key) && near != "" {
				return at("%q ends nearly in .git", text).WithHint("write .git")
			}
			return nil
		case separator == "://" && slices.Contains(slips, strings.ToLower(scheme)):
			return at("there is no scheme %s in addresses", scheme).WithHint("write https://%s", rest)
		case scheme == "file" || !urlKey.MatchString(key):
			return nil
		case known:
			return at("%q is no address", text).WithHint("write %s://%s", scheme, strings.TrimLeft(rest, "/"))
		case strings.HasPrefix(separator, ":/"):
			if near := problem.Likely(strings.ToLower(scheme), schemes); near != "" && separator == "://" {
				return at("there is no scheme %s in addresses", scheme).WithHint("write %s://%s", near, rest)
			}
		}
		return nil
	}
	if strings.Contains(text, "{{") || text == "" || strings.Contains(text, "://") || scpLike.MatchString(text) {
		return nil
	}
	if gitKey.MatchString(key) && scpSlash.MatchString(text) {
		return at("the address %q has / where : is to be", text).
			WithHint("write %s", strings.Replace(text, "/", ":", 1))
	}
	if !hostLike.MatchString(text) || registry.MatchString(text) ||
		strings.EqualFold(s.Parent(), "additionalResources") {
		return nil // a registry, which Argo CD knows without a scheme
	}
	if gitKey.MatchString(key) && strings.Contains(text, "/") ||
		strings.EqualFold(key, "chartRepository") && chartHost.MatchString(text) {
		return at("the address %q has no scheme", text).WithHint("write https://%s", text)
	}
	return nil
}
