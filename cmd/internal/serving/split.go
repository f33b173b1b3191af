package serving

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// Split returns the objects of a stream of YAML as argocd-cmp-server hands them to repo-server: each as JSON
// (SplitYAMLToString in pkg/utils/kube of gitops-engine). It fails for what is no YAML.
func Split(stream []byte) ([][]byte, error) {
	const lookahead = 4096 // to tell JSON from YAML
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(stream), lookahead)
	var objects [][]byte
	for {
		var object json.RawMessage
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("failed to unmarshal manifest: %w", err)
		}
		object = bytes.TrimSpace(object)
		if len(object) > 0 && !bytes.Equal(object, []byte("null")) {
			objects = append(objects, object)
		}
	}
}
