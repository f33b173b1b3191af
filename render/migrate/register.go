package migrate

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/registered"
)

// isGiven tells whether the Secret of a cluster is given from outside, as the hub has it today.
func (m *migration) isGiven(name string) bool {
	return slices.ContainsFunc(m.given, func(c cluster.Cluster) bool { return c.Name == name })
}

// describeToday says what an Argo CD knows of a cluster today: of one whose Secret is given, what that says.
func (m *migration) describeToday(argoCD string, made registered.Secret, c cluster.Cluster) cluster.Cluster {
	if argoCD == m.Hub && m.isGiven(c.Name) {
		return c
	}
	return made.Describe(c)
}

// describeAfter says what an Argo CD knows of a cluster once the ExternalSecret of cmp makes its Secret.
func (m *migration) describeAfter(argoCD string, made registered.Secret, c cluster.Cluster) cluster.Cluster {
	if argoCD != m.Hub || !m.isGiven(c.Name) {
		return made.Describe(c)
	}
	for _, object := range m.today.objects {
		if was, is := registered.Of(object.object); is && was.Cluster == c.Name && object.of.cluster == argoCD {
			return made.Turn(c, was)
		}
	}
	return made.Turn(c, registered.Secret{})
}

// regionOfStores returns the one region that the stores of today name, where nobody says that of the hub; else "".
func (m *migration) regionOfStores() string {
	if !slices.Contains(m.hub.Supposed, wellknown.AnnotationRegion) {
		return ""
	}
	var found []string
	for _, made := range m.today.objects {
		kind, _ := made.object["kind"].(string)
		region := argo.Text(made.object, "spec", "provider", "aws", "region")
		if strings.HasSuffix(kind, "SecretStore") && region != m.region && !slices.Contains(append(found, ""), region) {
			found = append(found, region)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// markRegistered marks the ExternalSecrets of cluster Secrets that differ in what they say of the cluster, lose nothing
// of it, and have the same Applications for it follow.
func (m *migration) markRegistered(found []classified) {
	if m.Stage == render.StageApplicationSets || len(m.plan.Failures) > 0 {
		return
	}
	differs := map[string]bool{}
	for _, one := range found {
		for _, t := range one.match {
			if t != nil && t.kind == argo.KindApplication && !t.starts && one.Class != Same {
				differs[t.app.cluster] = true
			}
		}
	}
	for i := range found {
		of := &found[i]
		if of.Class != Changed || of.Part != PartRegistration {
			continue
		}
		was, is := registered.Of(of.match[0].object)
		now, still := registered.Of(of.match[1].object)
		of.SameApplications = is && still && registered.Alike(was, now) && len(was.Lost(now)) == 0 &&
			!differs[now.Cluster]
	}
}
