package application

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// Limits of one text. What is written for an Application comes nowhere near them; a mistake in a loop soon does.
const (
	maxOutput = 4 << 20 // bytes
	maxSteps  = 20_000  // rounds of loops and calls of defined templates
)

// unpredictable are the functions whose result depends on chance, the clock or the time zone. With them, Argo CD would
// change its Applications at every reconciliation.
var unpredictable = []string{
	"now", "ago", "date", "htmlDate", "date_modify", "dateModify", "must_date_modify", "mustDateModify", "toDate",
	"mustToDate",
	"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "shuffle", "uuidv4",
	"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert",
	"genSignedCertWithKey",
	"bcrypt", "htpasswd", "encryptAES",
}

// amplifying are the functions that make something arbitrarily large out of a number, or of the aliases in YAML.
var amplifying = []string{"repeat", "until", "untilStep", "seq", "fromYaml", "fromYamlArray"}

// changing are the functions that change a map, and so can put it into itself: whoever prints it would never end.
var changing = []string{"set", "unset", "merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"}

// functions are those of Argo CD's templates (applicationset/utils: sprig's generic functions without env, expandenv
// and getHostByName, and five more), without what is unpredictable. [newTemplates] puts limits on them.
var functions = newFunctions()

func newFunctions() template.FuncMap {
	all := sprig.GenericFuncMap()
	for _, name := range slices.Concat(unpredictable, []string{"env", "expandenv", "getHostByName"}) {
		delete(all, name)
	}
	maps.Copy(all, template.FuncMap{
		"normalize":     utils.SanitizeName,
		"slugify":       utils.SlugifyName,
		"toYaml":        toYAML,
		"fromYaml":      func(text string) (map[string]any, error) { return fromYAML(text, map[string]any{}) },
		"fromYamlArray": func(text string) ([]any, error) { return fromYAML(text, []any{}) },

		// The order of a map's keys is random otherwise.
		"keys":   fields.SortedKeys,
		"values": sortedValues,

		// Those of Go that make text, so that a budget counts them too.
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		"html": template.HTMLEscaper, "js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	})
	return all
}

func toYAML(value any) (string, error) {
	data, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(data), "\n"), err
}

func fromYAML[T any](text string, into T) (T, error) {
	err := safeyaml.Unmarshal([]byte(text), "the text of fromYaml", &into)
	return into, err
}

func sortedValues(m map[string]any) []any {
	values := []any{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}
