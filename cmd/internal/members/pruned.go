package members

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Sessions are how the program opens a session on a repository, and what it does after an error, such as having another
// program run the command.
type Sessions struct {
	Open      func(ctx context.Context, tree fs.FS) (*render.Session, error)
	Otherwise func(error) error
}

// pruned says which Applications the Argo CD of a member's hub has for it, counted by group: those go with the member.
// It fails where the fleet cannot be rendered.
func pruned(session *render.Session, m member.Member) (string, error) {
	clusters, _, err := session.Clusters(render.Request{Cluster: m.Hub})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == m.Name })
	hub := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == m.Hub })
	if i < 0 || hub < 0 {
		return "", fmt.Errorf("%s does not have both the hub %s and the cluster", fleetOf(session), m.Hub)
	}
	var groups []string
	total := 0
	for _, group := range slices.Sorted(maps.Keys(session.Fleet().Groups)) {
		r := render.Request{Group: group, Cluster: m.Hub, Unjudged: true, AllowEmpty: true}
		sets, err := session.ApplicationSets(r, render.ArgoCD{Cluster: clusters[hub], Targets: clusters}, false)
		if err != nil {
			return "", err
		}
		count := 0
		for _, set := range sets.Objects {
			if slices.Contains(applicationset.Selected(set, clusters[i:i+1]), m.Name) {
				count++
			}
		}
		if total += count; count > 0 {
			groups = append(groups, fmt.Sprintf("%s %d", group, count))
		}
	}
	text := fmt.Sprintf("%d Applications of the hub are pruned with it (%s)", total, strings.Join(groups, ", "))
	switch total {
	case 0:
		text = "no Application of the hub's groups is for it"
	case 1:
		text = "1 Application of the hub is pruned with it (" + groups[0] + ")"
	}
	if starting := starting(clusters[i], len(session.Fleet().Repositories) > 0); len(starting) > 0 {
		text += ", " + strings.Join(starting, " and ") + " of the hub go too"
	}
	if slices.ContainsFunc(slices.Sorted(maps.Keys(session.Fleet().Groups)), clusters[i].Manages) {
		text += ", and those of its own Argo CD stay"
	}
	return text, nil
}

// starting names the Applications with which the hub starts a cluster that has an Argo CD of its own: package bootstrap
// makes them. In a fleet of several repositories, there is one of each with a group.
func starting(c cluster.Cluster, several bool) []string {
	if c.Labels[wellknown.LabelRemoteArgo] != "true" {
		return nil
	}
	names := []string{"fleet-bootstrap-" + c.NameNormalized()}
	if several {
		names[0] += "-REPOSITORY"
	}
	if c.Labels[wellknown.LabelExternalSecrets] != "false" {
		names = append(names, "fleet-registration-"+c.NameNormalized())
	}
	return names
}

func fleetOf(session *render.Session) string {
	file, _ := session.Fleet().PlaceOf("spec", "clusters")
	return file
}

// consequence is what [pruned] says of a member in a repository, or why that is not known. It fails only if another
// program can know it.
func (s Sessions) consequence(ctx context.Context, tree fs.FS, m member.Member) (string, error) {
	session, err := s.Open(ctx, tree)
	if err == nil {
		var text string
		if text, err = pruned(session, m); err == nil {
			return text, nil
		}
	}
	if errors.Is(err, fleet.ErrNoChartReader) {
		return "", err
	}
	return fmt.Sprintf("which Applications go is not known, since the fleet cannot be rendered (%v)", err), nil
}
