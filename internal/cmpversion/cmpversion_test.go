package cmpversion_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/cmpversion"
)

func TestFits(t *testing.T) {
	for _, test := range []struct {
		constraint, version string
		want                bool
	}{
		{">=1.4", "1.4.0", true},
		{">=1.4", "v1.4.0", true},
		{">=1.4", "1.3.9", false},
		{">=1.4", "2.0.0", true},
		{">=1.4, <2", "2.0.0", false},
		{">=1.4 <2 || >=3", "3.1.0", true},
		{"1.4", "1.4.7", true},
		{"1.4", "1.5.0", false},
		{"~1.4", "1.4.7", true},
		{"^1.4", "1.9.0", true},
		{"1.4.x", "1.5.0", false},
		// before a release
		{">=1.5", "1.5.0-rc.1", false},
		{">=1.4", "1.5.0-rc.1", true},
		{">=1.5.0-rc.1", "1.5.0-rc.2", true},
		// between two releases
		{">=1.4", "v1.4.0-3-g0123abc", true},
		{">=1.4", "v1.4.0-3-g0123abc-dirty", true},
		{">=1.4", "v1.4.0-dirty", true},
		{">=1.4.1", "v1.4.0-3-g0123abc", false},
		{">=1.4", "v1.4.1-0.20261127120000-0123456789ab+dirty", true},
		{">=1.4.1", "v1.4.1-0.20261127120000-0123456789ab", false},
		// without a version
		{">=9", "", true},
		{">=9", "dev", true},
		{">=9", cmpversion.None, true},
		{">=9", "0123abc", true},
		{">=9", "1234567", true},
		{">=9", "0123abc-dirty", true},
		{">=9", "v0.0.0-20261127120000-0123456789ab+dirty", true},
	} {
		fits, err := cmpversion.Fits(test.constraint, test.version)
		require.NoError(t, err, test.constraint)
		require.Equal(t, test.want, fits, "%s %s", test.constraint, test.version)
	}
	for _, constraint := range []string{"", " ", "newest", ">=", "1.4 beta", ">=1.4 and <2"} {
		_, err := cmpversion.Fits(constraint, "1.4.0")
		require.ErrorContains(t, err, "is no range of versions: write it as", constraint)
	}
}
