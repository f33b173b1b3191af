package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// objects returns the objects of a file, with lists taken apart.
func (m manifest) objects() ([]map[string]any, error) {
	read := m.yaml
	if path.Ext(m.name) == ".json" {
		read = m.json
	}
	objects, err := read()
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, object := range objects {
		items, isList := object["items"].([]any)
		if !isList {
			if !isNullList(object) {
				out = append(out, object)
			}
			continue
		}
		for _, item := range items {
			object, ok := item.(map[string]any)
			if !ok || kind(object) == "" {
				return nil, problem.New(m.name, 0, "an item of the list is no Kubernetes object").
					WithHint("give it apiVersion and kind")
			}
			out = append(out, object)
		}
	}
	return out, nil
}

func kind(object map[string]any) string {
	kind, _ := object["kind"].(string)
	return kind
}

// isNullList tells whether an object is a list whose items are null, which Argo CD leaves out.
func isNullList(object map[string]any) bool {
	items, hasItems := object["items"]
	_, hasSpec := object["spec"]
	_, hasStatus := object["status"]
	return hasItems && items == nil && !hasSpec && !hasStatus
}

// json reads a file with one object. Argo CD 3.5 lets some through that have no kind, and fails on them later.
func (m manifest) json() ([]map[string]any, error) {
	if err := safeyaml.CheckJSON(m.data, m.name); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(m.data))
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		line := 1 + bytes.Count(m.data[:min(decoder.InputOffset(), int64(len(m.data)))], []byte("\n"))
		return nil, problem.New(m.name, line, "is no JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if kind(object) == "" {
		return nil, problem.New(m.name, 0, "is no Kubernetes object: it has no kind").
			WithHint("exclude it (directory.exclude), or give it another ending than .json")
	}
	if decoder.More() {
		return nil, problem.New(m.name, 0, "holds more than one object").
			WithHint("put each into a file of its own: JSON files hold one")
	}
	return []map[string]any{object}, nil
}

var errNoKind = errors.New("it has no kind")

// yaml reads the documents of a file.
func (m manifest) yaml() ([]map[string]any, error) {
	if err := safeyaml.CheckStream(m.data, m.name); err != nil {
		return nil, m.unlessUnrelated(err)
	}
	if err := m.checkBrace(); err != nil {
		return nil, m.unlessUnrelated(err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(m.data), 4096)
	var objects []map[string]any
	for number := 0; ; number++ {
		var object map[string]any
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err == nil && object == nil {
			continue
		}
		if err == nil && kind(object) == "" {
			err = errNoKind
		}
		if err != nil {
			err = m.yamlError(number, err)
			if len(objects) > 0 {
				return nil, err
			}
			return nil, m.unlessUnrelated(err)
		}
		objects = append(objects, object)
	}
}

// checkBrace fails for a file that begins with a brace and is not JSON, where Argo CD takes it for that.
func (m manifest) checkBrace() error {
	if !m.braceIsJSON || !yaml.IsJSONBuffer(m.data) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(m.data))
	for {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return problem.New(m.name, 1,
				"begins with a brace, so that this Argo CD reads it as JSON, which it is not").
				WithHint("write it without the outer braces")
		}
	}
}

// unlessUnrelated returns the error if the file looks like a manifest, else nil: it is then YAML of something else.
func (m manifest) unlessUnrelated(err error) error {
	for _, key := range []string{"apiVersion:", "kind:", "metadata:"} {
		if !bytes.Contains(m.data, []byte(key)) {
			return nil
		}
	}
	return err
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// yamlError says what is wrong with the document of this number, counted from 0.
func (m manifest) yamlError(number int, err error) error {
	start := m.documentLine(number)
	switch message := err.Error(); {
	case errors.Is(err, errNoKind):
		return problem.New(m.name, start, "is no Kubernetes object: %w", err).WithHint("give it apiVersion and kind")
	case yamlLine.MatchString(message):
		match := yamlLine.FindStringSubmatch(message)
		line, _ := strconv.Atoi(match[1])
		return problem.New(m.name, max(start, 1)+line-1, "is not YAML: %s", match[2])
	default:
		message = strings.TrimPrefix(message, "error converting YAML to JSON: ")
		message = strings.TrimPrefix(strings.TrimPrefix(message, "error unmarshaling JSON: "), "while decoding JSON: ")
		return problem.New(m.name, start, "is no Kubernetes object: %s", strings.TrimPrefix(message, "json: "))
	}
}

// documentLine returns the line on which a document begins, counted as the decoder does: a line of --- ends a document,
// but empty ones do not count.
func (m manifest) documentLine(number int) int {
	start, empty := 1, true
	for i, line := range bytes.Split(m.data, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("---")) && len(bytes.TrimSpace(line[3:])) == 0 {
			if !empty {
				number--
			}
			if number < 0 {
				break
			}
			start, empty = i+2, true
			continue
		}
		empty = false
	}
	return start
}
