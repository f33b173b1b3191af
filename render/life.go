package render

import (
	"errors"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
	"github.com/eks-fleet-management/fleet-cmp/render/registration"
)

// renderLife renders the stages registration and bootstrap.
func (r job) renderLife() (*Result, error) {
	session := r.session
	if session.repository == nil {
		return nil, errNoRepository()
	}
	if r.Cluster == "" {
		return nil, r.whichArgoCD()
	}
	if r.Group != "" { // it says nothing, but a wrong one is a mistake
		if _, err := session.fleet.Group(r.Group); err != nil {
			return nil, err
		}
	}
	if err := session.fleet.CheckPaths(r.repository); err != nil {
		return nil, err
	}
	clusters, warnings, err := r.clusters()
	if err != nil {
		return nil, err
	}
	warnings = append(slices.Clip(warnings), r.unusedByLife()...)
	on := clusters[slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == r.Cluster })]
	lost, err := r.lostByLife(on)
	if err != nil {
		return nil, err
	}
	build := r.bootstrap
	if r.Stage == StageRegistration {
		build = r.registration
	}
	result, err := build(clusters, on)
	if err != nil {
		return nil, err
	}
	if len(result.Objects) == 0 && !r.AllowEmpty {
		return nil, errors.New(
			"there is nothing to render; if that is intended, allow it (--allow-empty, parameter allow-empty)")
	}
	warnings = slices.Concat(warnings, lost, result.Warnings)
	if !r.AllFindings {
		if warnings, err = session.judge(warnings, nil, !r.Alone); err != nil {
			return nil, err
		}
	}
	result.Warnings = warnings
	return result, nil
}

// registration makes the objects of the stage registration.
func (r job) registration(clusters []cluster.Cluster, on cluster.Cluster) (*Result, error) {
	in, found, err := registration.Load(r.repository, r.session.fleet, on)
	if err != nil {
		return nil, err
	}
	if in.Namespace, err = bootstrap.Namespace(r.repository, r.session.fleet, clusters, on); err != nil {
		return nil, err
	}
	built, err := registration.Build(in)
	if err != nil {
		return nil, err
	}
	return &Result{Objects: built.Objects, Sources: built.Sources, Warnings: append(found, built.Warnings...)}, nil
}

// bootstrap makes the objects of the stage bootstrap.
func (r job) bootstrap(clusters []cluster.Cluster, on cluster.Cluster) (*Result, error) {
	in, found, err := bootstrap.Load(r.repository, r.session.fleet, clusters, on, bootstrap.OptionsOf(r.session.fleet))
	if err != nil {
		return nil, err
	}
	in.ArgoCD = r.session.argoCD
	built, err := bootstrap.Build(in)
	if err != nil {
		return nil, err
	}
	return &Result{Objects: built.Objects, Sources: built.Sources, Warnings: append(found, built.Warnings...)}, nil
}

// lostByLife are the findings about what a cluster would lose at the stages registration and bootstrap: all members of
// a hub, and the levels of a tenant.
func (r job) lostByLife(c cluster.Cluster) ([]*problem.Problem, error) {
	var found []*problem.Problem
	if !c.IsSpoke() {
		missing, err := directories.Missing(r.session.fleet, r.repository, c.Name)
		if err != nil {
			return nil, err
		}
		if missing != nil {
			found = append(found, missing)
		}
		members, _, err := member.Read(r.session.fleet, r.repository)
		if err != nil {
			return nil, err
		}
		stray, err := directories.Stray(r.session.fleet, r.repository, member.HubsOf(members))
		if err != nil {
			return nil, err
		}
		found = append(found, stray...)
	}
	unknown, err := tenants.Unknown(r.session.fleet, r.repository, c)
	if unknown != nil {
		found = append(found, unknown)
	}
	return found, err
}

// unusedByLife are warnings about what the request says in vain: the stages registration and bootstrap are of no group.
func (r job) unusedByLife() []*problem.Problem {
	var warnings []*problem.Problem
	for _, part := range []struct {
		name  string
		given bool
	}{
		{"a release", r.Release != ""}, {"components", len(r.Components)+len(r.ComponentFiles) > 0},
		{"a catalog", r.Catalog != nil},
		{"values", len(r.Files) > 0 || r.Defaults != nil}, {"settings", len(r.Settings) > 0},
	} {
		if part.given {
			warnings = append(warnings, problem.New("", 0, "the stage %s does not depend on %s", r.Stage, part.name).
				WithHint("leave that out").WithRule(problem.RuleNoEffect))
		}
	}
	return warnings
}

// whichArgoCD is the error for a request that does not say for which Argo CD it is. It names those that there are.
func (r job) whichArgoCD() error {
	hubs, err := directories.Hubs(r.session.fleet, r.repository)
	if err != nil {
		return err
	}
	which := "the fleet describes no hub"
	if len(hubs) > 0 {
		which = "the hubs are " + problem.Few(hubs)
	}
	return Incomplete("the stage %s is of one Argo CD, and of no group: give the cluster that it runs on "+
		"(--cluster, parameter cluster); %s", r.Stage, which)
}
