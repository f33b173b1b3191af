package command

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// SelectorOf returns the label selector that the flags --selector, --tenant and --environment are together; "" if none
// is given. It fails with a usage error for what is no selector.
func SelectorOf(selector, tenant, environment string) (string, error) {
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
