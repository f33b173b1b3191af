package secretsmanager

import (
	"context"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Reader returns the client as what completes the members of a fleet. It fails as [Client.Read] does; the warnings are
// about keys of secrets that were left out, since they look like credentials, and secrets of hubs that cannot be read.
func (c *Client) Reader(ctx context.Context) cluster.SecretReader {
	return func(references []cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		refs := make([]Reference, len(references))
		for i, r := range references {
			refs[i] = Reference{ID: r.ID, File: r.File, Line: r.Line, Hub: r.Hub}
		}
		identities, err := c.Read(ctx, refs)
		if err != nil {
			return nil, nil, err
		}
		clusters := make(map[string]cluster.Cluster, len(identities))
		var warnings []*problem.Problem
		for _, r := range references {
			identity := identities[r.ID]
			if identity.Unread != nil {
				warnings = append(warnings, identity.Unread)
				continue
			}
			clusters[r.ID] = cluster.Cluster{Name: identity.Name, Server: identity.Server, Labels: identity.Labels,
				Annotations: identity.Annotations}
			if len(identity.Dropped) > 0 {
				warnings = append(warnings, problem.New(r.File, r.Line,
					"secret %q: %s left out, since they look like credentials", r.ID,
					strings.Join(identity.Dropped, ", ")).WithRule(problem.RuleSecrets))
			}
		}
		return clusters, warnings, nil
	}
}
