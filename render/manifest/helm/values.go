package helm

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A File is a value file, or the file of a file parameter.
type File struct {
	Name string // as errors name it
	Data []byte
}

// A Parameter is one value by its path, in the syntax of `helm --set`.
type Parameter struct {
	Name        string
	Value       string
	ForceString bool // as `helm --set-string`: the value stays a string
}

// A FileParameter is one value whose text is a file, as `helm --set-file`.
type FileParameter struct {
	Name string
	File File
}

// values returns the values that are laid over the chart's, by Argo CD's precedence, lowest first:
//
//  1. the value files, in order;
//  2. values or valuesObject (with ValuesLowest, before the value files);
//  3. parameters;
//  4. parameters with forceString;
//  5. file parameters.
//
// This is the order of `helm template`'s flags, however Argo CD writes them. Argo CD keeps parameters in Go maps and so
// hands those of one kind over in random order, which matters where one is inside another; here the order is that of
// the Application. Of two parameters of one kind with the same name the last counts, in both.
func (o Options) values(c *Chart) (map[string]any, error) {
	out, err := o.withoutParameters(c)
	if err != nil {
		return nil, err
	}
	// Parameters are set in place, and must not reach the caller's maps.
	out = deepCopyMap(out)
	return out, o.setParameters(out)
}

// withoutParameters returns the values of files, and values or valuesObject.
func (o Options) withoutParameters(c *Chart) (map[string]any, error) {
	out := map[string]any{}
	if o.ValuesLowest {
		out = hierarchy.MergeMaps(out, o.Values)
	}
	for _, file := range o.ValueFiles {
		layer, err := c.layer(file, o.Memory)
		if err != nil {
			return nil, err
		}
		out = hierarchy.MergeMaps(out, layer)
	}
	if !o.ValuesLowest {
		out = hierarchy.MergeMaps(out, o.Values)
	}
	return out, nil
}

// setParameters sets parameters and file parameters among values.
func (o Options) setParameters(out map[string]any) error {
	set := func(parameters []Parameter, parse func(string, map[string]any) error) error {
		for _, p := range lastOfEachName(parameters, func(p Parameter) string { return p.Name }) {
			if err := parse(p.Name+"="+escapeCommas(p.Value), out); err != nil {
				return fmt.Errorf("parameter %q: %w", p.Name, err)
			}
		}
		return nil
	}
	var plain, text []Parameter
	for _, p := range o.Parameters {
		if p.ForceString {
			text = append(text, p)
		} else {
			plain = append(plain, p)
		}
	}
	if err := set(plain, strvals.ParseInto); err != nil {
		return err
	}
	if err := set(text, strvals.ParseIntoString); err != nil {
		return err
	}
	files := lastOfEachName(o.FileParameters, func(p FileParameter) string { return p.Name })
	for i, p := range files {
		// The place of the file's path has the number of the file, so that no name can make strvals ask for another.
		read := func(path []rune) (any, error) {
			if string(path) != strconv.Itoa(i) {
				return nil, fmt.Errorf("the name must be a single path of values")
			}
			return string(p.File.Data), nil
		}
		if err := strvals.ParseIntoFile(p.Name+"="+strconv.Itoa(i), out, read); err != nil {
			return fmt.Errorf("file parameter %s: %w", p.Name, err)
		}
	}
	return nil
}

// noMapping says that a file with values is none.
func noMapping(file File, err error) error {
	if known := safeyaml.KnownMistake(file.Data, file.Name); known != nil {
		return known
	}
	line := lineOf(err)
	if severalDocuments(file.Data) {
		line = 0 // it counts from the start of the document
	}
	return problem.New(file.Name, line, "is no YAML map: %w", err)
}

// severalDocuments tells whether a file has more than one document, empty ones included, or looks so.
func severalDocuments(data []byte) bool {
	if !bytes.Contains(data, []byte("\n---")) {
		return false
	}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for found := 0; ; found++ {
		if _, err := reader.Read(); err != nil {
			return found > 1 || !errors.Is(err, io.EOF)
		}
	}
}

var yamlLine = regexp.MustCompile(`yaml: line (\d+):`)

// lineOf returns the line that an error of the YAML library tells, or 0.
func lineOf(err error) int {
	line := 0
	if match := yamlLine.FindStringSubmatch(err.Error()); match != nil {
		line, _ = strconv.Atoi(match[1])
	}
	return line
}

// lastOfEachName drops what a later element of the same name replaces.
func lastOfEachName[T any](list []T, name func(T) string) []T {
	seen := map[string]bool{}
	var out []T
	for _, element := range slices.Backward(list) {
		if !seen[name(element)] {
			seen[name(element)] = true
			out = append(out, element)
		}
	}
	slices.Reverse(out)
	return out
}

// escapeCommas keeps commas from ending a value, as Argo CD does (util/helm cleanSetParameters): not those in a list in
// braces, and not those that are escaped already.
func escapeCommas(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var out strings.Builder
	var previous rune
	for _, r := range value {
		if r == ',' && previous != '\\' {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
		previous = r
	}
	return out.String()
}

func deepCopyMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = deepCopy(value)
	}
	return out
}

func deepCopy(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return deepCopyMap(value)
	case []any:
		out := make([]any, len(value))
		for i, child := range value {
			out[i] = deepCopy(child)
		}
		return out
	}
	return value
}
