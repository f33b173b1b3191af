package secretname

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Named is the secret that a cluster has in AWS Secrets Manager, and where that is said.
type Named struct {
	Name   string // or ARN; "" if nothing names one
	Prefix string // that goes before the name
	File   string
	Line   int
	InFile bool // the member's own file names it
}

// NamedBy returns the secret of a cluster: that of its annotation, which a member's key becomes, or else of its
// levels' values. prefix goes before names in annotations of members.
func NamedBy(c cluster.Cluster, metadata, values *hierarchy.Values, prefix string) Named {
	s := Named{Name: c.Annotations[wellknown.AnnotationSecretName], File: c.File}
	if s.Name == "" {
		s.Name = hierarchy.Reader(values, "", "externalSecret").TextOr("secretManagerSecretName", "")
		s.File, s.Line = values.Locate("externalSecret", "secretManagerSecretName")
		return s
	}
	if metadata != nil {
		if origins := metadata.Origins("annotations", wellknown.AnnotationSecretName); len(origins) > 0 {
			s.File, s.Line = origins[0].File, origins[0].Line
			s.InFile = origins[0].Source == hierarchy.SourceMember && origins[0].Value == s.Name
		}
	}
	if c.Hub != "" && !strings.HasPrefix(s.Name, "arn:") && !cluster.IsPlaceholder(s.Name) {
		s.Prefix = prefix
	}
	return s
}

// Key returns the name as AWS has it, or the ARN.
func (s Named) Key() string { return s.Prefix + s.Name }
