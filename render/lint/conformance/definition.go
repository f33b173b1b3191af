package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// What a definition may have. Kubernetes takes objects of 1.5 MB at most.
const (
	mostText  = 3 << 20 // bytes of all strings
	mostRules = 1000    // in CEL, of a version
	longRule  = 8 << 10
	allRules  = 256 << 10 // bytes of all rules of a version
)

// linkedMinor is the Kubernetes whose CEL is linked. Newer ones may have functions that it does not know.
const linkedMinor = 36

// A definition is a CustomResourceDefinition.
type definition struct {
	hash        uint64
	group, kind string // "" if it cannot be read
	versions    map[string]*version
	failed      bool // it is larger than what Kubernetes takes
}

// A version of a definition is compiled when it is first needed.
type version struct {
	served bool
	status bool // it is a subresource, which who applies an object does not set
	schema map[string]any
	keeps  bool // it keeps unknown fields, as definitions of old could ask for

	once     sync.Once
	compiled compiled
}

// compiled is what objects of a version are judged with.
type compiled struct {
	schema    *structural.Structural
	validator validation.SchemaValidator
	err       error

	rules     func() *cel.Validator // nil without rules
	rulesErrs func() []string       // what is wrong with rules
}

// A sameMap is a map by its identity.
type sameMap uintptr

// definition returns what a CustomResourceDefinition defines; nil of another object. One that was seen before is not
// walked again.
func (c *Checker) definition(object map[string]any) *definition {
	o := identify(object)
	if o.apiVersion != "apiextensions.k8s.io/v1" || o.kind != "CustomResourceDefinition" {
		return nil
	}
	type seen struct {
		object     map[string]any // kept, so that no other map takes its place in memory
		definition *definition
	}
	same := sameMap(reflect.ValueOf(object).Pointer())
	if known, ok := c.definitions.Get(same).(seen); ok {
		return known.definition
	}
	measured := measure(object)
	value, err := c.definitions.Do(measured.hash, func() (any, int, error) {
		if measured.tooDeep || measured.bytes > mostText {
			return &definition{hash: measured.hash, failed: true}, 200, nil
		}
		const perValue, perRule = 250, 80 << 10 // about what they take when they are compiled
		bytes := measured.bytes + measured.values*perValue + measured.rules*perRule
		return readDefinition(object, measured.hash), bytes, nil
	})
	d, ok := value.(*definition)
	if err != nil || !ok {
		return nil
	}
	const perValue = 100
	c.definitions.Keep(same, seen{object, d}, measured.bytes+measured.values*perValue)
	return d
}

// readDefinition reads what a definition says of its versions, and leaves their schemas for later.
func readDefinition(object map[string]any, hash uint64) *definition {
	spec, _ := object["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	d := &definition{hash: hash, versions: map[string]*version{}}
	d.group, _ = spec["group"].(string)
	d.kind, _ = names["kind"].(string)
	keeps, _ := spec["preserveUnknownFields"].(bool)
	versions, _ := spec["versions"].([]any)
	for _, one := range versions {
		described, _ := one.(map[string]any)
		name, _ := described["name"].(string)
		if name == "" {
			continue
		}
		v := &version{keeps: keeps}
		v.served, _ = described["served"].(bool)
		subresources, _ := described["subresources"].(map[string]any)
		_, v.status = subresources["status"]
		schema, _ := described["schema"].(map[string]any)
		v.schema, _ = schema["openAPIV3Schema"].(map[string]any)
		d.versions[name] = v
	}
	return d
}

// servedVersions returns GROUP/VERSION of what the definition serves, sorted.
func (d *definition) servedVersions() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(d.versions)) {
		if d.versions[name].served {
			out = append(out, d.group+"/"+name)
		}
	}
	return out
}

// compile returns what objects of the version are judged with.
func (v *version) compile() *compiled {
	v.once.Do(func() {
		defer recovered(&v.compiled.err)
		v.compiled = compileSchema(v.schema)
	})
	return &v.compiled
}

// recovered makes an error of a panic in the code of Kubernetes, which expects that its server checked a definition.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("its schema cannot be used: %v", p)
	}
}

// compileSchema compiles a schema, as a server does when the definition is established.
func compileSchema(described map[string]any) compiled {
	if described == nil {
		return compiled{err: errors.New("it has no schema")}
	}
	internal, err := internalSchema(described)
	if err != nil {
		return compiled{err: err}
	}
	schema, err := structural.NewStructural(internal)
	if err != nil {
		return compiled{err: fmt.Errorf("its schema is not structural: %w", err)}
	}
	if errs := structural.ValidateStructural(nil, schema); len(errs) > 0 {
		return compiled{err: fmt.Errorf("its schema is not structural: %s %s", errs[0].Field, errs[0].Detail)}
	}
	validator, _, err := validation.NewSchemaValidator(internal)
	if err != nil {
		return compiled{err: fmt.Errorf("its schema cannot be used: %w", err)}
	}
	var rules rules
	if rules.collect("", schema, true); rules.tooMany {
		return compiled{err: errors.New("it has more rules in CEL, or longer ones, than are checked")}
	}
	out := compiled{schema: schema, validator: validator}
	out.rules = sync.OnceValue(func() *cel.Validator { return cel.NewValidator(schema, true, celconfig.PerCallLimit) })
	out.rulesErrs = sync.OnceValue(rules.compile)
	return out
}

// internalSchema reads a schema into the type that Kubernetes works with.
func internalSchema(described map[string]any) (*apiextensions.JSONSchemaProps, error) {
	text, err := json.Marshal(described)
	if err != nil {
		return nil, fmt.Errorf("its schema cannot be read: %w", err)
	}
	var schema apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("its schema cannot be read: %w", err)
	}
	var internal apiextensions.JSONSchemaProps
	err = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&schema, &internal, nil)
	if err != nil {
		return nil, fmt.Errorf("its schema cannot be read: %w", err)
	}
	return &internal, nil
}

// rules are the places of a schema that have rules in CEL.
type rules struct {
	places  []ruled
	number  int
	bytes   int
	tooMany bool
}

// ruled is a place of a schema with rules.
type ruled struct {
	path   string
	schema *structural.Structural
	root   bool // of an object
}

// collect adds the places below one, and makes messages the written ones: an expression can put values into them.
func (r *rules) collect(path string, s *structural.Structural, root bool) {
	if len(s.XValidations) > 0 {
		r.places = append(r.places, ruled{path, s, root})
	}
	for i := range s.XValidations {
		rule := &s.XValidations[i]
		r.number++
		r.bytes += len(rule.Rule)
		r.tooMany = r.tooMany || r.number > mostRules || r.bytes > allRules || len(rule.Rule) > longRule
		rule.MessageExpression = ""
	}
	if s.Items != nil {
		r.collect(path+"[]", s.Items, s.Items.XEmbeddedResource)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name]
		r.collect(strings.TrimPrefix(path+"."+name, "."), &property, property.XEmbeddedResource)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Structural != nil {
		r.collect(path+"[]", s.AdditionalProperties.Structural, s.AdditionalProperties.Structural.XEmbeddedResource)
	}
}

// compile returns what is wrong with the rules.
func (r *rules) compile() []string {
	var out []string
	for _, at := range r.places {
		results, err := cel.Compile(at.schema, model.SchemaDeclType(at.schema, at.root), celconfig.PerCallLimit,
			environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()), cel.StoredExpressionsEnvLoader())
		if err != nil {
			out = append(out, fmt.Sprintf("the rules at %s cannot be compiled: %s", place(at.path),
				firstLine(err.Error())))
		}
		for i, result := range results {
			if result.Error != nil {
				out = append(out, fmt.Sprintf("rule %d at %s cannot be compiled: %s", i+1, place(at.path),
					firstLine(result.Error.Detail)))
			}
		}
	}
	return out
}

func place(path string) string {
	if path == "" {
		return "the root"
	}
	return path
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// judgeDefinition judges a CustomResourceDefinition beyond what its kind says: its schemas, and their rules.
func (c *Cluster) judgeDefinition(j *judgement, o identity) {
	d := c.checker.definition(o.object)
	if d == nil || d.failed {
		j.leave(o.api() + " that is too large")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(d.versions)) {
		v := d.versions[name]
		compiled := v.compile()
		if compiled.err != nil {
			if !v.keeps {
				j.add(o.finding(problem.RuleSchema, "version %s: %s", name, compiled.err.Error()))
			}
			continue
		}
		wrong := v.wrongRules()
		if len(wrong) > 0 && c.version.Minor > linkedMinor {
			j.leave(fmt.Sprintf("rules of %s/%s/%s, which may be in a newer CEL", d.group, name, d.kind))
			continue
		}
		for _, text := range wrong[:min(len(wrong), mostFindings)] {
			j.add(o.finding(problem.RuleSchema, "version %s: %s", name, text))
		}
	}
}

// wrongRules returns what is wrong with the rules of a version that is compiled.
func (v *version) wrongRules() (wrong []string) {
	var err error
	defer func() {
		if err != nil {
			wrong = []string{err.Error()}
		}
	}()
	defer recovered(&err)
	return v.compiled.rulesErrs()
}
