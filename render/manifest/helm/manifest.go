package helm

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/yamlguard"
)

// A Manifest is one object, and the file of the chart that it is from: CHART/templates/FILE.
type Manifest struct {
	File   string
	Object map[string]any
}

// A document is a part of what `helm template` prints, without the line "# Source: FILE".
type document struct {
	file string
	text string
}

// sortDocuments returns what the templates printed in the order of `helm template --include-crds`.
func sortDocuments(c *chart.Chart, rendered map[string]string, o Options) ([]document, error) {
	for name := range rendered {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(rendered, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if err := yamlguard.CheckStream([]byte(rendered[name]), name); err != nil {
			return nil, err
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, sortError(rendered, err)
	}
	var out []document
	if !o.SkipCRDs {
		for _, crd := range c.CRDObjects() {
			if err := yamlguard.CheckStream(crd.File.Data, crd.Filename); err != nil {
				return nil, err
			}
			out = append(out, document{crd.Filename, string(crd.File.Data)})
		}
	}
	for _, manifest := range manifests {
		out = append(out, document{manifest.Name, manifest.Content})
	}
	for _, hook := range hooks {
		if o.SkipTests && slices.Contains(hook.Events, release.HookTest) {
			continue
		}
		out = append(out, document{hook.Path, hook.Manifest})
	}
	return out, nil
}

var sortErrorFile = regexp.MustCompile(`(?s)^YAML parse error on (.*?): (.*)$`)

func sortError(rendered map[string]string, err error) error {
	match := sortErrorFile.FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	if _, ok := rendered[match[1]]; !ok {
		return err
	}
	return problem.New(match[1], 0, "gives no YAML of an object: %s", match[2])
}

// parseObjects returns the objects of a document as Argo CD reads the output of Helm (gitops-engine, kube.SplitYAML).
func parseObjects(d document) ([]Manifest, error) {
	// The document as Helm prints it. The first line also says that this is YAML, where the first character decides.
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader("---\n# Source: "+path.Clean(d.file)+"\n"+d.text+"\n"), 4096)
	var out []Manifest
	for {
		var raw runtime.RawExtension
		switch err := decoder.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, problem.New(d.file, 0, "gives no YAML: %w", err)
		}
		data := bytes.TrimSpace(raw.Raw)
		if len(data) == 0 || bytes.Equal(data, []byte("null")) {
			continue
		}
		var object map[string]any
		if err := utiljson.Unmarshal(data, &object); err != nil || object == nil {
			return nil, problem.New(d.file, 0, "gives something that is no object")
		}
		plainNumbers(object)
		out = append(out, Manifest{d.file, object})
	}
}

// plainNumbers turns integers, in containers in place, into float64, as sigs.k8s.io/yaml reads them, but for those that a float64 cannot hold: Argo
// CD keeps all 64 bits of them.
func plainNumbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			value[key] = plainNumbers(child)
		}
	case []any:
		for i, child := range value {
			value[i] = plainNumbers(child)
		}
	case int64:
		if f := float64(value); math.Abs(f) < 1<<53 {
			return f
		}
	}
	return value
}
