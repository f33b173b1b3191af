package manifest

import (
	"errors"

	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// UnfitOwn returns the path of the value of a valuesObject that does not fit the schema of its chart; nil if that is
// not what an error says.
func UnfitOwn(err error) []string {
	var unfit *helm.UnfitError
	if !errors.As(err, &unfit) {
		return nil
	}
	return unfit.Own
}
