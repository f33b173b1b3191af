package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Formats are the output formats: a YAML stream, or JSON.
var Formats = []string{"yaml", "json"}

// Encode returns objects in one of the formats: a YAML stream, or a JSON List as kubectl prints it. Keys are sorted, so
// that the same objects give the same bytes. It fails for another format, and for what the format has not.
func Encode(objects []Object, format string) ([]byte, error) {
	if format == "json" {
		if objects == nil {
			objects = []Object{}
		}
		return EncodeValue(Object{"apiVersion": "v1", "kind": "List", "items": objects}, format)
	}
	if format != "yaml" {
		return EncodeValue(nil, format) // which knows the formats
	}
	var out bytes.Buffer
	for i, object := range objects {
		data, err := EncodeValue(object, format)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	return out.Bytes(), nil
}

// EncodeValue returns a value as one YAML or JSON document. In JSON, characters that control terminals are escaped. It
// fails for another format ([ErrIncomplete]), and for what JSON has not.
func EncodeValue(value any, format string) ([]byte, error) {
	switch format {
	case "yaml":
		if object, ok := value.(Object); ok {
			return encodePlain(object)
		}
		data, err := json.Marshal(value) // for the names of fields
		if err != nil {
			return nil, err
		}
		var plain any
		if err := json.Unmarshal(data, &plain); err != nil {
			return nil, err
		}
		return encodePlain(plain)
	case "json":
		var out strings.Builder
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(value)
		return []byte(problem.PlainJSON(out.String())), err
	}
	return nil, Incomplete("there is no output format %q; the formats are %s", format,
		strings.Join(Formats, ", "))
}

// EncodeLine returns an object as JSON in one line, as argocd-cmp-server makes it of the YAML of [EncodeValue]. It
// reports false for an object of which only a parser of YAML can tell. It fails for numbers that JSON has not.
func EncodeLine(object Object) (line []byte, ok bool, err error) {
	plain, ok := plainValue(object)
	if !ok {
		return nil, false, nil
	}
	line, err = json.Marshal(plain)
	return line, err == nil, err
}

// encodePlain returns a value as the YAML that sigs.k8s.io/yaml makes of it, but for long strings, which stay on one
// line. It does so without the two passes over JSON in which that takes most of the time of a render. What that cannot
// be done with is written as JSON, which is YAML as well.
func encodePlain(value any) ([]byte, error) {
	plain, ok := plainValue(value)
	if !ok {
		return EncodeValue(value, "json")
	}
	return marshal(plain)
}

// plainValue returns a value with the numbers that have no fraction as integers, which YAML does not write with an
// exponent. It is false for the key "<<", which the encoder does not quote, so that parsers would take it for a merge;
// and for types that no YAML document has.
func plainValue(value any) (any, bool) {
	switch value := value.(type) {
	case nil, string, bool, int64:
	case Object:
		out := make(Object, len(value))
		for key, child := range value {
			plain, ok := plainValue(child)
			if !ok || key == "<<" {
				return nil, false
			}
			out[key] = plain
		}
		return out, true
	case []any:
		out := make([]any, len(value))
		for i, child := range value {
			plain, ok := plainValue(child)
			if !ok {
				return nil, false
			}
			out[i] = plain
		}
		return out, true
	case float64:
		switch {
		case value != math.Trunc(value):
		case math.Abs(value) < 1<<63:
			return int64(value), true
		case value > 0 && value < 1<<64:
			return uint64(value), true
		}
	default:
		return nil, false
	}
	return value, true
}

// FileName returns the name of an object's file as kustomize names it: GROUP_VERSION_KIND_NAME, in lower case, without
// the extension.
func FileName(object Object) string {
	return fileName(fmt.Sprintf("%v_%v_%s", object["apiVersion"], object["kind"], hierarchy.NameOf(object)))
}

// FileNameInNamespace is FileName for objects of several namespaces, which may have one name. It has _NAMESPACE at its
// end, if the object has a namespace.
func FileNameInNamespace(object Object) string {
	metadata, _ := object["metadata"].(Object)
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		return FileName(object) + "_" + fileName(namespace)
	}
	return FileName(object)
}

func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		if r == '/' {
			return '_'
		}
		return '-'
	}, strings.ToLower(name))
}
