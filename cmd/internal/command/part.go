package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Part is the flags that choose a part of the fleet, for the commands that otherwise look at all of it.
type Part struct {
	workshop.Filter
	Hub string // only its clusters, and itself; "" for all

	tenant, environment string
}

// Add adds the flags to a command.
func (p *Part) Add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVar(&p.Group, "group", "", "only this group of fleet.yaml")
	set.StringVar(&p.Cluster, "cluster", "", "only this cluster")
	set.StringVarP(&p.Selector, "selector", "l", "", "only clusters that this label selector selects")
	set.StringVar(&p.tenant, "tenant", "", "only clusters of this tenant")
	set.StringVar(&p.environment, "environment", "", "only clusters of this environment")
	set.StringVar(&p.Hub, "hub", "", "only this hub and its clusters")
	set.StringArrayVar(&p.Components, "component", nil, "only this component (repeatable)")
	Exclusive(cmd, "cluster", "selector")
}

// Check completes the selector with the tenant and the environment. It fails with a usage error for what is no
// selector, and for flags that do not go together.
func (p *Part) Check() (err error) {
	if p.tenant+p.environment != "" && p.Cluster != "" {
		return usage.Error(errors.New("give --cluster without --tenant and --environment"))
	}
	p.Selector, err = selectorOf(p.Selector, p.tenant, p.environment)
	return err
}

// selectorOf returns the label selector that the flags --selector, --tenant and --environment are together; "" if none
// is given. It fails with a usage error for what is no selector.
func selectorOf(selector, tenant, environment string) (string, error) {
	if _, err := labels.Parse(selector); err != nil {
		return "", usage.Error(fmt.Errorf("--selector: %w", err))
	}
	parts := []string{selector}
	for _, of := range [][2]string{{wellknown.LabelTenant, tenant}, {wellknown.LabelEnvironment, environment}} {
		if of[1] == "" {
			continue
		}
		if _, err := labels.ValidatedSelectorFromSet(labels.Set{of[0]: of[1]}); err != nil {
			return "", usage.Error(fmt.Errorf("--%s: %w", of[0], err))
		}
		parts = append(parts, of[0]+"="+of[1])
	}
	return strings.Trim(strings.Join(parts, ","), ","), nil
}
