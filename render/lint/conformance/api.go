package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// defining returns the definition that serves an object; nil if none does.
func (c *Cluster) defining(o identity) *definition {
	for _, d := range c.kinds[o.group+"/"+o.kind] {
		if v := d.versions[o.version()]; v != nil && v.served {
			return d
		}
	}
	return nil
}

// version returns v1 of example.com/v1.
func (o identity) version() string { return o.apiVersion[strings.LastIndexByte(o.apiVersion, '/')+1:] }

// unknown judges an object that neither the Kubernetes of the cluster nor a definition serves. It may be that somebody
// else installs its definition: then it was not checked.
func (c *Cluster) unknown(o identity) *judgement {
	j := &judgement{}
	defined := c.kinds[o.group+"/"+o.kind]
	switch {
	case o.apiVersion == "" || o.kind == "" || strings.HasSuffix(o.kind, "List") && schema.BuiltIn(o.group):
		j.leave(o.api())
	case len(defined) > 0:
		var versions []string
		for _, d := range defined {
			versions = append(versions, d.servedVersions()...)
		}
		slices.Sort(versions)
		p := o.finding(problem.RuleUnknownAPI,
			"the CustomResourceDefinition that the fleet installs does not serve %s", o.apiVersion)
		j.add(p.WithHint("it serves %s", problem.Few(slices.Compact(versions))))
	case schema.BuiltIn(o.group):
		c.unknownBuiltIn(j, o)
	default:
		// Others may install further kinds of the group, whose names can be like those that the fleet defines.
		if likely := problem.Likely(o.kind, c.siblings[o.group]); isSlip(o.kind, likely) {
			j.add(o.finding(problem.RuleUnknownAPI, "no CustomResourceDefinition of the fleet defines the kind in %s",
				o.group).WithHint("did you mean %s?", likely))
			break
		}
		j.leave(o.api())
	}
	return j
}

// isSlip tells whether two names have the same letters, or all but one that is missing or too many.
func isSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	left := []byte(strings.ToLower(b))
	for _, letter := range []byte(strings.ToLower(a)) {
		i := slices.Index(left, letter)
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return a != "" && len(left) <= 1
}

// unknownBuiltIn judges an object of a group of Kubernetes. What a version that is not known serves is not known
// either, except that what was removed before does not come back.
func (c *Cluster) unknownBuiltIn(j *judgement, o identity) {
	if c.earlier || c.later && !removed(o) {
		j.leave(o.api())
		return
	}
	p := o.finding(problem.RuleUnknownAPI, "Kubernetes 1.%d does not serve %s", c.version.Minor, o.api())
	instead := c.instead(o, c.version)
	if instead == "" {
		if since := servedSince(o, c.version.Minor); since != 0 {
			p = p.WithHint("Kubernetes serves it since 1.%d", since)
		} else if likely := c.likely(o); likely != "" {
			p = p.WithHint("did you mean %s?", likely)
		}
	} else {
		p = p.WithHint("%s", instead)
	}
	j.add(p)
}

// removed tells whether one of the known versions, or one before them, was the last to serve an object.
func removed(o identity) bool {
	if gone[o.apiVersion+"/"+o.kind] != "" || o.group == "extensions" {
		return true
	}
	for minor := schema.Oldest; minor <= schema.Newest; minor++ {
		version, _ := schema.Of(fmt.Sprintf("1.%d", minor))
		if served, _ := version.Serves(o.apiVersion, o.kind); served {
			return true
		}
	}
	return false
}

// servedSince returns the first minor version after one that serves an object by default; 0 if none does.
func servedSince(o identity, after int) int {
	for minor := after + 1; minor <= schema.Newest; minor++ {
		version, _ := schema.Of(fmt.Sprintf("1.%d", minor))
		if served, off := version.Serves(o.apiVersion, o.kind); served && !off {
			return minor
		}
	}
	return 0
}

// deprecated judges an object that the version of the cluster serves, but not the next one.
func (c *Cluster) deprecated(j *judgement, o identity) {
	next := c.version.Next()
	if next == nil || c.earlier {
		return
	}
	if served, _ := next.Serves(o.apiVersion, o.kind); served {
		return
	}
	p := o.finding(problem.RuleDeprecatedAPI,
		"Kubernetes 1.%d, the next one of the cluster, does not serve %s any more", next.Minor, o.api())
	if instead := c.instead(o, next); instead != "" {
		p = p.WithHint("%s", instead)
	}
	j.add(p)
}

// gone are kinds without a successor of the same name, which were served by a Kubernetes before the oldest known.
var gone = map[string]string{
	"policy/v1beta1/PodSecurityPolicy":     "label namespaces for Pod Security Admission instead",
	"extensions/v1beta1/PodSecurityPolicy": "label namespaces for Pod Security Admission instead",
	"settings.k8s.io/v1alpha1/PodPreset":   "a mutating webhook or policy can do that",
}

// instead returns what to do about an object whose API version a version does not serve: the API version of the same
// kind that it serves by default, of the same group if there is one, and the newest.
func (c *Cluster) instead(o identity, in *schema.Version) string {
	if advice := gone[o.apiVersion+"/"+o.kind]; advice != "" {
		return advice
	}
	best := ""
	for _, name := range in.Kinds() { // v1 comes before v1beta1, v2 after v1
		apiVersion, kind := name[:strings.LastIndexByte(name, '/')], name[strings.LastIndexByte(name, '/')+1:]
		if kind != o.kind {
			continue
		}
		same := func(apiVersion string) bool { return strings.HasPrefix(apiVersion, o.group+"/") }
		// Event is in two groups, and the one without a name is not what others moved to.
		if best == "" || same(apiVersion) && !same(best) ||
			same(apiVersion) == same(best) && strings.Contains(apiVersion, "/") &&
				(!strings.Contains(apiVersion, "beta") || strings.Contains(best, "beta")) {
			best = apiVersion
		}
	}
	if best == "" || best == o.apiVersion {
		return ""
	}
	if served, _ := c.version.Serves(best, o.kind); !served {
		return fmt.Sprintf("from 1.%d on there is %s", in.Minor, best)
	}
	return "use " + best
}

// likely returns the kind of Kubernetes that was probably meant, as APIVERSION/KIND; "" if none is like it.
func (c *Cluster) likely(o identity) string {
	var inVersion, elsewhere []string
	all := map[string]string{}
	for _, name := range c.version.Kinds() {
		apiVersion, kind := name[:strings.LastIndexByte(name, '/')], name[strings.LastIndexByte(name, '/')+1:]
		if apiVersion == o.apiVersion {
			inVersion = append(inVersion, kind)
		} else {
			elsewhere = append(elsewhere, kind)
			all[kind] = name
		}
	}
	if kind := problem.Likely(o.kind, inVersion); kind != "" {
		return o.apiVersion + "/" + kind
	}
	return all[problem.Likely(o.kind, elsewhere)]
}
