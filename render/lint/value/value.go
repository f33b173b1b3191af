// Package value judges one value of a file by itself: numbers that were to be text, addresses, accounts and regions,
// labels that others fixed.
package value

import (
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Value is one value of a file, as it is written.
type Value struct {
	File string
	Path []string // of keys and indexes
	Node *yamlnode.Node
	In   *yamlnode.Node // the map or list that it is in
}

// Key returns the name of the innermost key that the value is of.
func (v Value) Key() string {
	for _, name := range slices.Backward(v.Path) {
		if _, err := strconv.Atoi(name); err != nil {
			return name
		}
	}
	return ""
}

// Parent returns the name of the map that the value is in.
func (v Value) Parent() string {
	if len(v.Path) < 2 {
		return ""
	}
	return v.Path[len(v.Path)-2]
}

// Sibling returns the text of another key of the map that the value is in; "" if there is none.
func (v Value) Sibling(key string) string {
	for i := 0; i+1 < len(v.In.Content) && v.In.Kind == yamlnode.MappingNode; i += 2 {
		if v.In.Content[i].Value == key {
			return v.In.Content[i+1].Value
		}
	}
	return ""
}

// Check returns what is wrong with a value.
func Check(v Value) []*problem.Problem {
	var found []*problem.Problem
	for _, check := range []func(Value) *problem.Problem{checkNumber, checkURL, checkAccount, checkRegion, checkVPC,
		checkSyncOption, checkKubernetes, checkMemberKind, checkRecommended} {
		if p := check(v); p != nil {
			found = append(found, p)
		}
	}
	return found
}

// checkKubernetes finds versions of Kubernetes that are so far from those known that a digit is wrong.
func checkKubernetes(s Value) *problem.Problem {
	isField := s.File == hierarchy.FleetFile && len(s.Path) == 2 && s.Path[1] == "kubernetesVersion"
	if !isField && s.Key() != wellknown.LabelKubernetesVersion {
		return nil
	}
	const years = 15 // of three versions each
	minor, is := kubernetes.Minor(s.Node.Value)
	newest := kubernetes.Newest()
	if !is || minor >= 0 && minor <= newest+years {
		return nil // or it is found where it is read
	}
	return problem.New(s.File, s.Node.Line, "%s: there is no Kubernetes %s", strings.Join(s.Path, "."), s.Node.Value).
		WithHint("write it as 1.%d", newest).WithRule(problem.RuleUnknownVersion)
}

// checkMemberKind finds labels that say of a cluster that it is something which no cluster is.
func checkMemberKind(s Value) *problem.Problem {
	kinds := []string{wellknown.FleetMemberHub, wellknown.FleetMemberSpoke}
	text := s.Node.Value
	if s.Parent() != "labels" || s.Key() != wellknown.LabelFleetMember || slices.Contains(kinds, text) {
		return nil
	}
	near := MemberKind(text)
	if near == "" {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "the label %s is %q, which is neither hub nor spoke", s.Key(), text).
		WithHint("did you mean %s?", near).WithRule(problem.RuleUnknownLabel)
}

// MemberKind returns what a cluster was probably meant to be, of what its label says; "" if that cannot be told.
func MemberKind(label string) string {
	if near := problem.Likely(label, []string{wellknown.FleetMemberHub, wellknown.FleetMemberSpoke}); near != "" {
		return near
	}
	switch label = strings.ToLower(label); {
	case strings.Contains(label, "hub"):
		return wellknown.FleetMemberHub
	case strings.Contains(label, "spoke"):
		return wellknown.FleetMemberSpoke
	}
	return ""
}

// recommended are the labels that Kubernetes recommends below this prefix.
var recommended = []string{"component", "created-by", "instance", "managed-by", "name", "part-of", "version"}

// checkRecommended finds misspelt labels of those that Kubernetes recommends.
func checkRecommended(s Value) *problem.Problem {
	key := s.Key()
	prefix, name, is := strings.Cut(key, "/")
	const known = "app.kubernetes.io"
	if !is || prefix == known && slices.Contains(recommended, name) {
		return nil
	}
	meant := problem.LikelySlip(prefix+"/"+name, []string{known + "/" + name})
	if prefix == known {
		meant = problem.LikelySlip(name, recommended)
		if meant != "" {
			meant = known + "/" + meant
		}
	} else if !slices.Contains(recommended, name) {
		meant = ""
	}
	if meant == "" {
		return nil
	}
	return problem.New(s.File, s.Node.Line, "%s: Kubernetes knows no label %s", strings.Join(s.Path, "."), key).
		WithHint("did you mean %s?", meant).WithRule(problem.RuleUnknownLabel)
}
