package safeyaml

import (
	"bytes"
	"encoding/json"
	"errors"

	yamlnode "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Refused tells whether an error is of a check of this package; else it is one of a parser.
func Refused(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p)
}

// Unmarshal reads the first document of data into a value, as sigs.k8s.io/yaml does; name is what messages call the
// data. It fails as [Check] does, see [Refused], or as the parser does, whose errors do not tell the name.
func Unmarshal(data []byte, name string, into any) error {
	if err := Check(data, name); err != nil {
		return err
	}
	return yaml.Unmarshal(data, into)
}

// UnmarshalStrict is [Unmarshal] that fails for a key that is given twice, and for one that the value has no field for.
func UnmarshalStrict(data []byte, name string, into any) error {
	if err := Check(data, name); err != nil {
		return err
	}
	return yaml.UnmarshalStrict(data, into)
}

// UnmarshalIndex is [Unmarshal] of an index of a chart repository, in YAML or JSON, by the limits of [indexes].
func UnmarshalIndex(data []byte, name string, into any) error {
	if json.Valid(data) { // many times faster than YAML
		if err := checkSize(data, name, indexes, false); err != nil {
			return err
		}
		return json.Unmarshal(data, into)
	}
	if err := check(data, name, indexes, false); err != nil {
		return err
	}
	return yaml.Unmarshal(data, into)
}

// NodeDecoder returns a decoder of nodes, which know their lines, for data that was checked. It reads YAML 1.2: values
// are to be read in another way.
func NodeDecoder(data []byte) *yamlnode.Decoder { return yamlnode.NewDecoder(bytes.NewReader(data)) }

// ToJSON returns the first document of data in JSON. It fails as [Unmarshal] does.
func ToJSON(data []byte, name string) ([]byte, error) {
	if err := Check(data, name); err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(data)
}

// UnmarshalJSON reads JSON into a value, as [json.Unmarshal] does. It fails as that does, or, see [Refused], if the
// data is larger, has more values or is nested more deeply than the limits of [Files] allow.
func UnmarshalJSON(data []byte, name string, into any) error {
	if err := CheckJSON(data, name); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// CheckJSON checks the size of JSON, of one value or several, as [Check] does: all of JSON is YAML.
func CheckJSON(data []byte, name string) error { return checkSize(data, name, files, true) }

// CheckSize fails as [Check] does for the size of all documents of data together, which are then read one by one.
func CheckSize(data []byte, name string) error { return checkSize(data, name, files, true) }
