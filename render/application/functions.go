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

	"github.com/eks-fleet-management/fleet-cmp/internal/yamlguard"
)

// Limits of one text. What is written for an Application comes nowhere near them; a mistake in a loop soon does.
const (
	maxOutput = 4 << 20 // bytes
	maxSteps  = 20_000  // rounds of loops and calls of defined templates
	maxRepeat = 1 << 20 // bytes or elements that one function makes out of a number
)

// unpredictable are the functions whose result depends on chance, the clock or the time zone. With them, Argo CD would
// change its Applications at every reconciliation.
var unpredictable = []string{
	"now", "ago", "date", "htmlDate", "date_modify", "dateModify", "must_date_modify", "mustDateModify", "toDate", "mustToDate",
	"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "shuffle", "uuidv4",
	"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	"bcrypt", "htpasswd", "encryptAES",
}

// amplifying are the functions that make something arbitrarily large out of a number, or of the aliases in YAML.
var amplifying = []string{"repeat", "until", "untilStep", "seq", "fromYaml", "fromYamlArray"}

// functions are those of Argo CD's templates (applicationset/utils: sprig's generic functions without env, expandenv
// and getHostByName, and five more), with limits on those that make much of little, and without what is unpredictable.
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
		"keys":   sortedKeys,
		"values": sortedValues,
	})
	limit(all)
	return all
}

func toYAML(value any) (string, error) {
	data, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(data), "\n"), err
}

func fromYAML[T any](text string, into T) (T, error) {
	err := yamlguard.Check([]byte(text), "the text of fromYaml")
	if err == nil {
		err = yaml.Unmarshal([]byte(text), &into)
	}
	return into, err
}

func sortedKeys(all ...map[string]any) []string {
	keys := []string{}
	for _, m := range all {
		keys = append(keys, slices.Sorted(maps.Keys(m))...)
	}
	return keys
}

func sortedValues(m map[string]any) []any {
	values := []any{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

func tooLarge(n int) error {
	return fmt.Errorf("%d makes more than %d bytes or elements, or less than none", n, maxRepeat)
}

// original returns a function of sprig's, whose type the tests make sure of.
func original[F any](all template.FuncMap, name string) F {
	f, _ := all[name].(F)
	return f
}

// limit puts limits on functions of a map.
func limit(all template.FuncMap) {
	for name, size := range map[string]func(n int, text string) int{
		"repeat":  func(n int, text string) int { return n * len(text) },
		"indent":  indentation,
		"nindent": indentation,
	} {
		makeText := original[func(int, string) string](all, name)
		all[name] = func(n int, text string) (string, error) {
			if n < 0 || n > maxRepeat || size(n, text) > maxRepeat {
				return "", tooLarge(n)
			}
			return makeText(n, text), nil
		}
	}
	until := original[func(int) []int](all, "until")
	all["until"] = func(n int) ([]int, error) {
		if err := within(n); err != nil {
			return nil, err
		}
		return until(n), nil
	}
	untilStep := original[func(int, int, int) []int](all, "untilStep")
	all["untilStep"] = func(start, stop, step int) ([]int, error) {
		if err := within(start, stop); err != nil {
			return nil, err
		}
		return untilStep(start, stop, step), nil
	}
	seq := original[func(...int) string](all, "seq")
	all["seq"] = func(params ...int) (string, error) {
		if err := within(params...); err != nil {
			return "", err
		}
		return seq(params...), nil
	}
}

// indentation returns how many bytes an indentation by n adds to a text.
func indentation(n int, text string) int { return n * (1 + strings.Count(text, "\n")) }

// within fails if one of the ends of a list of numbers is too far away.
func within(ends ...int) error {
	for _, end := range ends {
		if end > maxRepeat || end < -maxRepeat {
			return tooLarge(end)
		}
	}
	return nil
}
