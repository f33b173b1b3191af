// Package conformance judges objects by the APIs of the cluster that they are for: whether its Kubernetes serves them,
// for how long, and whether they are what the schema of their kind says. For kinds of Kubernetes that schema is the one
// of the cluster's version; for custom resources it is that of the CustomResourceDefinitions that the fleet installs
// there, with their rules in CEL, evaluated by the code of Kubernetes itself.
//
// Definitions are untrusted. What they may cost is bounded, and one that is wrong is a finding or makes its objects
// count as not checked. No finding has a value of an object, which may be secret.
//
//   - conformance.go: a checker, a cluster, and what was checked before
//   - api.go: the API versions that are served, and those that will not be
//   - definition.go: reading and compiling CustomResourceDefinitions
//   - custom.go: custom resources
//   - values.go: walking values
package conformance

import (
	"fmt"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Checker judges objects, and remembers what it judged: an object that many clusters get is looked at once. It is
// safe for concurrent use. The objects and definitions that it is given must not change afterwards.
type Checker struct {
	judged      *memory.Memory // by judgedKey
	definitions *memory.Memory // by hash, and by identity
}

// judgedKey is all that a judgement depends on.
type judgedKey struct {
	object, definition uint64 // hashes; 0 without a definition
	minor              int
	earlier            bool
}

// New returns a checker that knows nothing yet.
func New() *Checker {
	return &Checker{judged: memory.New(16 << 20), definitions: memory.New(256 << 20)}
}

// Check returns what is wrong with objects of one cluster, in their order, and how many could not be checked, by what
// that is about: APIVERSION/KIND, or why. It takes the version of the cluster's Kubernetes, such as 1.33.0, and the
// CustomResourceDefinitions that the fleet installs on it; other objects among these are left out. Of two definitions
// of one kind the first that serves the version of an object counts.
//
// Findings have no file and no scope. They belong to the caller.
func (c *Checker) Check(kubernetes string, crds, objects []map[string]any) ([]*problem.Problem, map[string]int) {
	return c.Cluster(kubernetes, crds).Check(objects)
}

// A Cluster is what objects of a cluster are judged by. It is safe for concurrent use.
type Cluster struct {
	checker  *Checker
	version  *schema.Version
	inexact  string                   // why the version is not that of the cluster; "" if it is
	later    bool                     // the cluster is newer than all versions that are known
	earlier  bool                     // it is older
	kinds    map[string][]*definition // by GROUP/KIND
	siblings map[string][]string      // the kinds of a group that definitions define
}

// Cluster returns what objects of a cluster are judged by. It takes the same as [Checker.Check].
func (c *Checker) Cluster(kubernetes string, crds []map[string]any) *Cluster {
	version, exact := schema.Of(kubernetes)
	out := &Cluster{checker: c, version: version, kinds: map[string][]*definition{}, siblings: map[string][]string{}}
	if !exact {
		out.inexact = fmt.Sprintf("Kubernetes %q, checked as 1.%d", kubernetes, version.Minor)
		out.later, out.earlier = version.Minor == schema.Newest, version.Minor == schema.Oldest
	}
	for _, crd := range crds {
		d := c.definition(crd)
		if d == nil || d.kind == "" {
			continue
		}
		name := d.group + "/" + d.kind
		if len(out.kinds[name]) == 0 {
			out.siblings[d.group] = append(out.siblings[d.group], d.kind)
		}
		out.kinds[name] = append(out.kinds[name], d)
	}
	return out
}

// A judgement is what was found out about an object.
type judgement struct {
	findings  []*problem.Problem // shared: copied for each caller
	unchecked []string
}

func (j *judgement) add(p *problem.Problem) { j.findings = append(j.findings, p) }

func (j *judgement) leave(why string) { j.unchecked = append(j.unchecked, why) }

// Check returns what is wrong with objects of the cluster, and what could not be checked: see [Checker.Check].
func (c *Cluster) Check(objects []map[string]any) ([]*problem.Problem, map[string]int) {
	var findings []*problem.Problem
	unchecked := map[string]int{}
	for _, object := range objects {
		j := c.judge(object)
		for _, p := range j.findings {
			own := *p
			findings = append(findings, &own)
		}
		for _, why := range j.unchecked {
			unchecked[why]++
		}
		if c.inexact != "" {
			unchecked[c.inexact]++
		}
	}
	return findings, unchecked
}

// judge judges an object, unless that was done before.
func (c *Cluster) judge(object map[string]any) *judgement {
	o := identify(object)
	var measured measured
	if d := c.checker.definition(object); d != nil && !d.failed {
		measured.hash = d.hash // known without another walk
	} else if measured = measure(object); measured.tooDeep {
		return &judgement{unchecked: []string{o.api() + ", which is nested too deeply"}}
	}
	served, off := c.version.Serves(o.apiVersion, o.kind)
	var definition *definition
	if !served {
		if definition = c.defining(o); definition == nil {
			return c.unknown(o)
		}
	}
	key := judgedKey{object: measured.hash, minor: c.version.Minor, earlier: c.earlier}
	if definition != nil {
		key.definition = definition.hash
	}
	value, err := c.checker.judged.Do(key, func() (any, int, error) {
		j := &judgement{}
		c.judgeOnce(j, o, off, definition)
		size := j.size()
		return j, size, nil
	})
	j, ok := value.(*judgement)
	if err != nil || !ok {
		return &judgement{unchecked: []string{o.api()}}
	}
	return j
}

// size is about how many bytes a judgement takes.
func (j *judgement) size() int {
	size := 200
	for _, p := range j.findings {
		size += 300 + len(p.Message) + len(p.Hint)
	}
	return size
}

// judgeOnce judges an object that the cluster serves, because of Kubernetes or of a definition.
func (c *Cluster) judgeOnce(j *judgement, o identity, off bool, of *definition) {
	if of != nil {
		of.judge(j, o, c.version)
		return
	}
	if off {
		j.leave(fmt.Sprintf("%s, which Kubernetes 1.%d serves only where that is switched on",
			o.api(), c.version.Minor))
	}
	c.deprecated(j, o)
	for _, m := range c.version.Check(o.apiVersion, o.kind, o.object) {
		p := o.finding(problem.RuleSchema, "%s %s", m.Path, m.Text)
		if m.Likely != "" {
			p = p.WithHint("did you mean %s?", m.Likely)
		}
		j.add(p)
	}
	if o.group == "apiextensions.k8s.io" && o.kind == "CustomResourceDefinition" {
		c.judgeDefinition(j, o)
	}
}

// An identity says which object it is.
type identity struct {
	object                  map[string]any
	apiVersion, group, kind string
	name                    string // NAMESPACE/NAME, or NAME
}

func identify(object map[string]any) identity {
	o := identity{object: object}
	o.apiVersion, _ = object["apiVersion"].(string)
	o.kind, _ = object["kind"].(string)
	if i := strings.IndexByte(o.apiVersion, '/'); i >= 0 {
		o.group = o.apiVersion[:i]
	}
	metadata, _ := object["metadata"].(map[string]any)
	o.name, _ = metadata["name"].(string)
	if o.name == "" {
		o.name, _ = metadata["generateName"].(string)
	}
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		o.name = namespace + "/" + o.name
	}
	return o
}

// api returns APIVERSION/KIND, or what stands in for it.
func (o identity) api() string {
	if o.apiVersion == "" || o.kind == "" {
		return "an object without apiVersion or kind"
	}
	const long = 200
	if len(o.apiVersion)+len(o.kind) > long {
		return "an object whose apiVersion and kind are too long"
	}
	return o.apiVersion + "/" + o.kind
}

// finding returns a finding about the object.
func (o identity) finding(rule, format string, args ...any) *problem.Problem {
	return problem.New("", 0, "%s %s: %s", o.kind, o.name, fmt.Sprintf(format, args...)).WithRule(rule)
}
