package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readers are the functions that read text or files without bounds, by the package that has them. Code calls
// internal/safeyaml and internal/worktree instead.
var readers = map[string][]string{
	"sigs.k8s.io/yaml": {"Unmarshal", "UnmarshalStrict", "YAMLToJSON",
		"YAMLToJSONStrict"},
	"sigs.k8s.io/yaml/goyaml.v2": {"Unmarshal", "UnmarshalStrict", "NewDecoder"},
	"sigs.k8s.io/yaml/goyaml.v3": {"Unmarshal", "NewDecoder"},
	"go.yaml.in/yaml/v2":         {"Unmarshal", "UnmarshalStrict", "NewDecoder"},
	"go.yaml.in/yaml/v3":         {"Unmarshal", "NewDecoder"},
	"gopkg.in/yaml.v2":           {"Unmarshal", "UnmarshalStrict", "NewDecoder"},
	"gopkg.in/yaml.v3":           {"Unmarshal", "NewDecoder"},
	"k8s.io/apimachinery/pkg/util/yaml": {"Unmarshal", "ToJSON", "NewYAMLToJSONDecoder",
		"NewYAMLOrJSONDecoder"},
	"github.com/BurntSushi/toml": {"Unmarshal", "Decode", "DecodeFile", "DecodeFS",
		"NewDecoder"},
	"github.com/argoproj/argo-cd/v3/applicationset/utils": {"ConvertYAMLToJSON"},
	"os":        {"ReadFile"},
	"io/fs":     {"ReadFile"},
	"io":        {"ReadAll"},
	"io/ioutil": {"ReadFile", "ReadAll"},
}

// bounded are the calls that may stay, by file and function, each with what bounds it.
var bounded = map[string]string{
	"render/application/renderer.go: utils.ConvertYAMLToJSON": "safeyaml.Check comes before it; it must " +
		"read as Argo CD does",
	"render/manifest/directory/manifest.go: yaml.NewYAMLOrJSONDecoder": "safeyaml.CheckStream comes before it; it " +
		"must divide documents as Argo CD does",
	"render/manifest/helm/manifest.go: utilyaml.NewYAMLOrJSONDecoder": "sortDocuments checks all documents; it must " +
		"divide them as Argo CD does",
	"cmd/internal/serving/frame.go: io.ReadAll": "an io.LimitReader",
	"cmd/internal/serving/split.go: yaml.NewYAMLOrJSONDecoder": "what cmp itself has printed; it must divide objects " +
		"as " +
		"argocd-cmp-server does",
	"render/manifest/helm/functions.go: toml.Unmarshal":   "safeyaml.CheckTOML comes before it",
	"render/manifest/helm/helm3.go: yaml.Unmarshal":       "its callers check the text of values",
	"render/chart/archive.go: io.ReadAll":                 "a reader that counts what is unpacked",
	"render/chart/tree.go: io.ReadAll":                    "a reader that counts what is unpacked",
	"render/chart/network/transport.go: io.ReadAll":       "an io.LimitReader",
	"internal/limits/machine.go: os.ReadFile":             "files of the kernel",
	"internal/kubernetes/schema/schema.go: io.ReadAll":    "a file of the program",
	"cmd/internal/supervise/system_linux.go: os.ReadFile": "a file of the kernel",
}

// TestReaders: text and files that nobody vouches for have one reader each.
func TestReaders(t *testing.T) {
	found := map[string]bool{}
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") || slices.ContainsFunc([]string{
			"e2e/", "internal/tools/", "internal/safeyaml/", "internal/worktree/", "cmd/internal/scripttest/",
		}, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			continue
		}
		for _, call := range unboundedCalls(t, name) {
			found[name+": "+call] = true
			if bounded[name+": "+call] == "" {
				t.Errorf("%s calls %s: use internal/safeyaml for text, internal/worktree for files, or say here what "+
					"bounds it", name, call)
			}
		}
	}
	for call := range bounded {
		require.True(t, found[call], "%s is not called any more", call)
	}
}

// unboundedCalls returns the readers that a file names, as it writes them.
func unboundedCalls(t *testing.T, name string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.SkipObjectResolution)
	require.NoError(t, err)
	imported := map[string]string{} // paths by the names that the file gives them
	for _, spec := range file.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		local := path.Base(importPath)
		if spec.Name != nil {
			local = spec.Name.Name
		} else if strings.HasPrefix(local, "v") || strings.Contains(local, "yaml.v") {
			local = "yaml"
		}
		imported[local] = importPath
	}
	var calls []string
	ast.Inspect(file, func(node ast.Node) bool {
		selector, is := node.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if from, is := selector.X.(*ast.Ident); is && slices.Contains(readers[imported[from.Name]], selector.Sel.Name) {
			calls = append(calls, from.Name+"."+selector.Sel.Name)
		}
		return true
	})
	return calls
}
