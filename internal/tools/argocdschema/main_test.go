package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// release is a small Argo CD: its types, and what its CustomResourceDefinitions say of the spec of both kinds.
type release struct{ types, application, applicationSet string }

const (
	imports = "package v1alpha1\n\nimport (\n\tmetav1 \"k8s.io/apimachinery/pkg/apis/meta/v1\"\n" +
		"\t\"k8s.io/apimachinery/pkg/runtime\"\n\t\"example.org/strange\"\n)\n"
	kinds = `
type Application struct {
	metav1.TypeMeta   ` + "`json:\",inline\"`" + `
	metav1.ObjectMeta ` + "`json:\"metadata\"`" + `
	Spec   Spec   ` + "`json:\"spec\" protobuf:\"bytes,2\"`" + `
	Status Status ` + "`json:\"status,omitempty\"`" + `
}
type ApplicationSet struct {
	metav1.TypeMeta   ` + "`json:\",inline\"`" + `
	metav1.ObjectMeta ` + "`json:\"metadata\"`" + `
	Spec SetSpec ` + "`json:\"spec\"`" + `
}
type SetSpec struct{}
`
	meta = "package v1\n\ntype TypeMeta struct {\n\tKind string `json:\"kind\"`\n}\n" +
		"type ObjectMeta struct {\n\tName string `json:\"name\"`\n\tCreated Time `json:\"created\"`\n}\n" +
		"type Time struct{ t int }\nfunc (t *Time) UnmarshalJSON([]byte) error { return nil }\n"
)

func (r release) read(t *testing.T) (view, error) {
	t.Helper()
	crd := func(kind, spec string) *fstest.MapFile {
		status := ""
		if kind == "Application" {
			status = ", status: {type: object}"
		}
		return &fstest.MapFile{Data: []byte("spec:\n  names: {kind: " + kind +
			"}\n  versions:\n  - schema:\n      openAPIV3Schema:\n" +
			"        properties: {kind: {type: string}, metadata: {type: object}" + status +
			", spec: {type: object, properties: {" + spec + "}}}\n")}
	}
	k8s, err := parse(fstest.MapFS{"types.go": {Data: []byte(meta)}}, ".")
	require.NoError(t, err)
	return read(fstest.MapFS{
		"pkg/apis/application/v1alpha1/types.go":      {Data: []byte(imports + kinds + r.types)},
		"pkg/apis/application/v1alpha1/types_test.go": {Data: []byte("no Go")},
		"manifests/crds/application-crd.yaml":         crd("Application", r.application),
		"manifests/crds/applicationset-crd.yaml":      crd("ApplicationSet", r.applicationSet),
	}, k8s)
}

// spec returns a struct type with fields, which are separated by commas; behind ~ is their tag.
func spec(name, fields string) string {
	text := "type " + name + " struct {\n"
	for field := range strings.SplitSeq(fields, ", ") {
		code, tag, tagged := strings.Cut(field, " ~")
		if tagged {
			code += " `json:\"" + tag + "\"`"
		}
		text += "\t" + code + "\n"
	}
	return text + "}\n"
}

func TestRead(t *testing.T) {
	got, err := release{
		types: spec("Spec", "Texts []Text ~texts,omitempty, Numbers map[string]*int64 ~numbers, *Inner ~,inline, Raw "+
			"*runtime.RawExtension ~raw, "+
			"Bytes []byte ~bytes, hidden strange.Type, Left strange.Type ~-, Untagged bool, Inners Inners ~inners") +
			spec("Inner", "On bool ~active, Texts int ~texts") + "type Text string\ntype Inners []Inner\n",
		application: "texts: {items: {type: string}}, numbers: {additionalProperties: {type: integer}}, active: " +
			"{type: boolean}, " +
			"raw: {x-kubernetes-preserve-unknown-fields: true}, bytes: {type: string}, Untagged: {type: boolean}, " +
			"inners: {items: {properties: {active: {type: boolean}, texts: {type: integer}}}}",
	}.read(t)
	require.NoError(t, err)
	assert.Equal(t, view{
		"Application":    {"kind": "string", "metadata": "ObjectMeta", "spec": "Spec", "status": "any"},
		"ApplicationSet": {"kind": "string", "metadata": "ObjectMeta", "spec": "SetSpec"},
		"ObjectMeta":     {"name": "string", "created": "any"},
		"SetSpec":        {},
		"Inner":          {"active": "boolean", "texts": "number"},
		"Spec": {"texts": "[]string", "numbers": "{}number", "active": "boolean", "raw": "any", "bytes": "string",
			"Untagged": "boolean", "inners": "[]Inner"},
	}, got)
}

func TestReadFails(t *testing.T) {
	for _, test := range []struct {
		name string
		release
		want string
	}{
		{"no Go", release{types: "}"}, "expected declaration"},
		{"a missing type", release{types: spec("Spec", "A B ~a")}, "Application.spec: Spec.a: there is no type B"},
		{"a type of another package", release{types: spec("Spec", "A strange.Type ~a")},
			"the type example.org/strange.Type is not known here"},
		{"an embedded one", release{types: spec("Spec", "strange.Type")},
			"example.org/strange.Type is embedded, and not known here"},
		{"an embedded list", release{types: spec("Spec", "List") + "type List []string\n"},
			"List is embedded, and no struct"},
		{"a type of another form", release{types: spec("Spec", "A func() ~a")},
			"a type of the kind *ast.FuncType cannot be read"},
		{"a type in itself", release{types: spec("Spec", "A []Spec ~a")}, "the type Spec contains itself"},
		{"two types of one name", release{types: spec("Spec", "A ObjectMeta ~a") + spec("ObjectMeta", "B int ~b")},
			"there are two types ObjectMeta"},
		{"a field that servers prune", release{types: spec("Spec", "A string ~a")},
			"application-crd.yaml: .spec.a is not in the definition"},
		{"a field that is not read", release{types: "type Spec struct{}\n", application: "a: {type: string}"},
			".spec.a is only in the definition"},
		{"in the other kind", release{types: "type Spec struct{}\n", applicationSet: "a: {type: string}"},
			"applicationset-crd.yaml: .spec.a is only in the definition"},
		{"another type", release{types: spec("Spec", "A string ~a"), application: "a: {type: integer}"},
			".spec.a is string in Go, and {Type:integer"},
		{"no list", release{types: spec("Spec", "A []string ~a"), application: "a: {type: string}"},
			".spec.a is []string in Go"},
		{"no map", release{types: spec("Spec", "A map[string]bool ~a"), application: "a: {type: string}"},
			".spec.a is {}boolean in Go"},
		{"what is in a list", release{types: spec("Spec", "A []int ~a"), application: "a: {items: {type: string}}"},
			".spec.a[] is number in Go"},
		{"what is not anything", release{types: spec("Spec", "A any ~a"), application: "a: {type: object}"},
			".spec.a is any in Go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.read(t)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestMerge(t *testing.T) {
	versions := []string{"1", "2", "3"}
	got, err := merge(versions, []view{
		{"A": {"all": "any", "old": "any"}, "Old": {"a": "any"}},
		{"A": {"all": "any", "old": "any", "new": "B", "short": "any"}, "B": {"b": "any"}},
		{"A": {"all": "any", "new": "B"}, "B": {"b": "any", "c": "any"}},
	})
	require.NoError(t, err)
	assert.Equal(t, schema{
		"A":   {"all": "any", "old": "any 1-2", "new": "B 2", "short": "any 2-2"},
		"B":   {"b": "any", "c": "any 3"},
		"Old": {"a": "any"},
	}, got)
	data, err := got.encode([]string{"1.0"})
	require.NoError(t, err)
	assert.Contains(t, string(data), `"new": "B 2"`)

	for want, views := range map[string][]view{
		"A is not there in 2, but before and after":   {{"A": {}}, {}, {"A": {}}},
		"A.a is not there in 2, but before and after": {{"A": {"a": "any"}}, {"A": {}}, {"A": {"a": "any"}}},
		"A.a is number in 3, and string before": {{"A": {"a": "string"}}, {"A": {"a": "string"}},
			{"A": {"a": "number"}}},
	} {
		_, err := merge(versions, views)
		require.ErrorContains(t, err, want)
	}
}
