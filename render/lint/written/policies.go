package written

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A policyField is a value in the settings of a group, or in a component.
type policyField struct {
	Value
	component string // "" for a setting
	group     string // in fleet.yaml, the group that has the setting
	name      string // the path from there, with [] for an index: syncPolicy.retry.limit
}

// title names the field in messages.
func (f policyField) title() string {
	return strings.Join(append(f.prefix(), f.own()...), ".")
}

func (f policyField) prefix() []string {
	if f.component == "" {
		return nil
	}
	return []string{f.component}
}

// own returns the path of the field in its component, or of the setting.
func (f policyField) own() []string {
	switch {
	case f.component != "":
		return f.Path[1:]
	case f.group != "":
		return f.Path[3:]
	}
	return f.Path
}

// policyField returns what a scalar is in the settings of a group, if it is in these.
func (j *Judge) policyField(s Value) (policyField, bool) {
	f := policyField{Value: s}
	switch {
	case s.File == hierarchy.FleetFile:
		if len(s.Path) < 4 || s.Path[0] != "spec" || s.Path[1] != "groups" || !wellknown.IsSetting(s.Path[3]) {
			return f, false
		}
		f.group = s.Path[2]
	case !j.holdsSettings(s.File) || len(s.Path) == 0:
		return f, false
	case !wellknown.IsSetting(s.Path[0]):
		f.component = s.Path[0]
	}
	var names []string
	for _, name := range f.own() {
		if _, err := strconv.Atoi(name); err == nil {
			name = "[]"
		}
		names = append(names, name)
	}
	f.name = strings.Join(names, ".")
	return f, len(names) > 0
}

// holdsSettings tells whether a file is one of the catalog, or one with the settings of a group in a level.
func (j *Judge) holdsSettings(file string) bool {
	f := j.fleet
	if !f.Catalog.InRepository() {
		file := file
		if strings.HasPrefix(file, "@") { // in another repository
			_, file, _ = strings.Cut(file, "/")
		}
		if rest, is := strings.CutPrefix(file, f.Catalog.Path+"/"); is {
			return rest == "values.yaml" || path.Dir(rest) == "values"
		}
	}
	directory, base := path.Split(file)
	if path.Base(directory) == "application-sets" || f.NamesSettings(file) {
		return true
	}
	return f.Groups[strings.TrimSuffix(base, ".yaml")] != nil && path.Ext(base) == ".yaml"
}

// enumerations are the fields that Argo CD knows a few values of. It ignores others, or fails for them later.
var enumerations = map[string][]string{
	"strategy.type":          {"AllAtOnce", "RollingSync"},
	"strategy.deletionOrder": {"AllAtOnce", "Reverse"},
	"strategy.rollingSync.steps.[].matchExpressions.[].operator": {"In", "NotIn"},
	"syncPolicyAppSet.applicationsSync": {"create-only", "create-update", "create-delete",
		"sync"},
	"goTemplateOptions.[]": {"missingkey=default", "missingkey=invalid", "missingkey=zero",
		"missingkey=error"},
}

// ofCluster finds what a template reads of a cluster.
var ofCluster = regexp.MustCompile(`\.metadata\.(annotations|labels)\b`)

// lacksDot finds the fields of a cluster where the dot before them is missing: a function of this name there is not.
var (
	lacksDot = regexp.MustCompile(`\{\{([^{}]*[\s(])?metadata\.(annotations|labels)\b`)
	quoted   = regexp.MustCompile(`"[^"]*"`)
)

// lacksBrace tells whether a text was to be a template, and has one brace at one of its ends. In expressions for jq,
// braces are in pairs.
func lacksBrace(text string) bool {
	if !ofCluster.MatchString(text) || strings.Contains(text, "\n") {
		return false
	}
	open, closed := strings.Count(text, "{"), strings.Count(text, "}")
	return open != closed && strings.Contains(text, "{{") != strings.Contains(text, "}}")
}

// mapsOfComponents are the keys of components that hold maps.
var mapsOfComponents = []string{"additionalResources", "annotationsApp", "annotationsAppSet", "labelsApp",
	"labelsAppSet", "preservedFields", "selector", "selectorMatchLabels", "strategy", wellknown.SettingSyncPolicy,
	wellknown.SettingSyncPolicyAppSet, "valuesObject"}

// shortened returns the beginning of a text, in one line.
func shortened(text string) string {
	const enough = 40
	line, _, more := strings.Cut(text, "\n")
	if len(line) > enough {
		line, more = line[:enough], true
	}
	if more && line != text {
		line += "…"
	}
	return line
}

// switchesOn are the switches that any text but "false" turns on; the others are off for all but "true".
var switchesOn = []string{"gitMatrix", "resourceGroup", wellknown.SettingUseValuesFilePrefix}

var switchesOff = []string{"enabled", "enableAckPodIdentity", wellknown.SettingApplyNestedSelectors,
	wellknown.SettingHandover, wellknown.SettingManifestGeneratePaths, wellknown.SettingUseSelectors,
	wellknown.SettingUseVersionSelectors}

// checkPolicy finds values of settings and components that mean nothing to who reads them.
func (j *Judge) checkPolicy(s Value) *problem.Problem {
	f, is := j.policyField(s)
	text := s.Node.Value
	if !is || text == "" || s.Node.Tag == "!!null" {
		return nil
	}
	at := func(format string, args ...any) *problem.Problem {
		return problem.New(s.File, s.Node.Line, "%s %s", f.title(), fmt.Sprintf(format, args...)).
			WithRule(problem.RuleUnknownField)
	}
	switch f.name {
	case "valueFiles.[]":
		j.valueFiles.entries = append(j.valueFiles.entries, f)
	case "valuesFilePrefix":
		j.valueFiles.prefixed = true
	}
	if lacksBrace(text) {
		return at("is %q, which is no template: a brace is missing", shortened(text)).WithHint("write {{ and }}").
			WithRule(problem.RuleTemplate)
	}
	if strings.Contains(text, "{{") {
		if lacksDot.MatchString(quoted.ReplaceAllString(text, "")) {
			return at("is %q, which needs a dot before metadata", shortened(text)).WithHint("write .metadata").
				WithRule(problem.RuleTemplate)
		}
		return nil
	}
	j.noteStep(f)
	j.notePath(f)
	j.noteNaming(f)
	j.noteLabelling(f)
	if known := enumerations[f.name]; known != nil && !slices.Contains(known, text) {
		return at("is %q, which Argo CD does not know", text).
			WithHint("%s", problem.Suggest(text, known, "it knows "+strings.Join(known, ", ")))
	}
	if f.component != "" && slices.Contains(mapsOfComponents, f.name) {
		return at("is %q, where a map is meant", shortened(text)).
			WithHint("write the map below the key, without | or quotes")
	}
	if p := j.checkField(f, at); p != nil {
		return p
	}
	return checkSwitch(f)
}

// checkField finds values that a field of settings and components cannot have.
func (j *Judge) checkField(f policyField, at func(format string, args ...any) *problem.Problem) *problem.Problem {
	text := f.Node.Value
	switch f.name {
	case "chartRepository":
		if f.component != "" && fs.ValidPath(text) && j.isDirectory(text) {
			p := at("is %q, which is a directory of this repository", text).WithHint("write path: %s", text)
			return p.WithRule(problem.RuleURL)
		}
	case "syncPolicy.retry.backoff.duration", "syncPolicy.retry.backoff.maxDuration":
		if !isDuration(text) {
			return at("is %q, which is no duration", text).WithHint("write a number and its unit, such as 10s or 5m")
		}
	case "strategy.rollingSync.steps.[].maxUpdate":
		if _, err := strconv.Atoi(strings.TrimSuffix(text, "%")); err != nil {
			return at("is %q, which is neither a number nor a percentage", text).WithHint("write 1, or 25%%")
		}
	case "type":
		if near := problem.Likely(text, []string{"manifest"}); f.component != "" && text != "manifest" && near != "" {
			return at("is %q, so that the component counts as a Helm chart", text).WithHint("did you mean manifest?")
		}
	case "ignoreDifferences.[].jsonPointers.[]", "ignoreApplicationDifferences.[].jsonPointers.[]":
		if !strings.HasPrefix(text, "/") {
			return at("is %q, which is no JSON pointer", text).
				WithHint("write /%s", strings.ReplaceAll(strings.Trim(text, "."), ".", "/"))
		}
	case "additionalResources.type":
		j.parts = append(j.parts, f)
	case "ignoreDifferences.[].group":
		if near := nearlyBuiltIn(text); near != "" {
			return at("is %q, which is no API group of Kubernetes", text).WithHint("did you mean %s?", near)
		}
	case "ignoreDifferences.[].kind":
		if near := nearlyKind(text); near != "" && schema.BuiltIn(f.Sibling("group")) {
			return at("is %q, which is no kind of Kubernetes", text).WithHint("did you mean %s?", near)
		}
	}
	return nil
}

// checkParts finds parts of components of which no level has values, but of nearly the same.
func (j *Judge) checkParts(partsOf func(component string) []string) {
	for _, f := range j.parts {
		part, others := f.Node.Value, append(partsOf(f.component), "crds", "manifests")
		near := problem.Likely(part, others)
		if near == "" || slices.Contains(others, part) {
			continue
		}
		j.addAt(f.Value, problem.New(f.File, f.Node.Line, "%s is %q, and no level has values for it", f.title(), part).
			WithHint("did you mean %s?", near).WithRule(problem.RuleUnknownField))
	}
}

// isDuration tells whether Argo CD can read a text as a duration: a number alone counts seconds.
func isDuration(text string) bool {
	if _, err := strconv.Atoi(text); err == nil {
		return true
	}
	_, err := time.ParseDuration(text)
	return err == nil
}

// nearlyBuiltIn returns the group of Kubernetes that a name is a slip of the hand away from; "" if there is none.
func nearlyBuiltIn(group string) string {
	if schema.BuiltIn(group) {
		return ""
	}
	var groups []string
	for _, name := range newestKinds() {
		if of := path.Dir(path.Dir(name)); of != "." && strings.Contains(of, ".") {
			groups = append(groups, of)
		}
	}
	return problem.LikelySlip(group, slices.Compact(groups))
}

// nearlyKind returns the kind of Kubernetes that a name is a slip of the hand away from; "" if there is none.
func nearlyKind(kind string) string {
	var kinds []string
	for _, name := range newestKinds() {
		kinds = append(kinds, path.Base(name))
	}
	if slices.Contains(kinds, kind) {
		return ""
	}
	return problem.LikelySlip(kind, kinds)
}

func newestKinds() []string {
	newest, _ := schema.Of("")
	return newest.Kinds()
}

// checkSwitch finds switches that are neither true nor false.
func checkSwitch(f policyField) *problem.Problem {
	counts := "false"
	switch {
	case slices.Contains(switchesOn, f.name):
		counts = "true"
	case !slices.Contains(switchesOff, f.name):
		return nil
	}
	text := f.Node.Value
	if text == "true" || text == "false" || isBoolean(f.Node) ||
		text == "both" && f.name == wellknown.SettingUseValuesFilePrefix {
		return nil
	}
	return problem.New(f.File, f.Node.Line, "%s is %q, which counts as %s", f.title(), text, counts).
		WithHint("write true or false").WithRule(problem.RuleNotABoolean)
}

// isBoolean tells whether YAML 1.1, as Helm reads it, makes a boolean of a scalar.
func isBoolean(node *yamlnode.Node) bool {
	const quoted = yamlnode.DoubleQuotedStyle | yamlnode.SingleQuotedStyle
	words := []string{"y", "yes", "on", "n", "no", "off", "true", "false"}
	return node.Tag == "!!bool" || node.Style&quoted == 0 && slices.Contains(words, strings.ToLower(node.Value))
}

// checkBoolean finds words that were to be true or false, where nobody else says so.
func (j *Judge) checkBoolean(s Value) *problem.Problem {
	text := strings.ToLower(s.Node.Value)
	f, is := j.policyField(s)
	isDay := (text == "tue" || text == "rue") && (!is || !strings.HasPrefix(f.name, "selector"))
	if s.Parent() == "labels" || isDay || s.Node.Tag != "!!str" ||
		is && slices.Contains(slices.Concat(switchesOn, switchesOff), f.name) {
		return nil
	}
	meant := problem.LikelySlip(text, []string{"true", "false"})
	if meant == "" {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "%s is %q, which is no boolean", strings.Join(s.Path, "."), s.Node.Value).
		WithHint("did you mean %s?", meant).WithRule(problem.RuleNotABoolean)
}
