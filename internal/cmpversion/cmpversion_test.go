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
		{"1.5.0-rc.1", "1.5.0-rc.1", true},
		{"1.5", "1.5.0-rc.1", false},
		{"~1.4", "1.5.0-rc.1", false},
		{">=2", "2.0.0-rc.1", false},
		{">=2.0.0-0", "2.0.0-rc.1", true},
		{">=2-0", "2.0.0-rc.1", true},
		{">1", "2.0.0-rc.1", true},
		{"!=2.0.0", "2.0.0-rc.1", false},
		// of a release that the range ends before
		{"<2", "2.0.0-rc.1", false},
		{">=1.4, <2 || >=2.0.0-rc.2", "2.0.0-rc.1", false}, // each alternative by itself
		{">=1.4, <2 || >=2.0.0-rc.2", "2.0.0-rc.2", true},
		{"<2.0.0 || =2.0.0-rc.2", "2.0.0-rc.1", false},
		{">=1.4, <2", "2.0.0-rc.1", false},
		{">=1.4, <2", "1.9.0-rc.1", true},
		{">=1.4.0-0, <2", "2.0.0-rc.1", false},
		{">=1.4 <2 || >=3", "2.0.0-rc.1", false},
		{"^1.4", "2.0.0-rc.1", false},
		{"<=1.9", "2.0.0-rc.1", false},
		{"1.4 - 2", "2.0.0-rc.1", true},
		// unless it names such a version
		{">=1.4, <2.0.0-0", "2.0.0-rc.1", false},
		{">=1.4, <2.0.0-rc.2", "2.0.0-rc.1", true},
		{">=1.4, <2-rc.2", "2.0.0-rc.1", true},
		{">=1.4, <2.0.0-rc.2", "2.0.0-rc.2", false},
		{">=1.4, <12.0.0-rc.2", "2.0.0-rc.1", true},
		{"<2 || 2.0.0-rc.1", "2.0.0-rc.1", true},
		{"<2 || 12.0.0-rc.1", "2.0.0-rc.1", false},
		// between two releases
		{">=1.4", "v1.4.0-3-g0123abc", true},
		{">=1.4", "v1.4.0-3-g0123abc-dirty", true},
		{">=1.4", "v1.4.0-dirty", true},
		{">=1.4.1", "v1.4.0-3-g0123abc", false},
		{">=1.4", "v1.4.1-0.20261127120000-0123456789ab+dirty", true},
		{">=1.4.1", "v1.4.1-0.20261127120000-0123456789ab", false},
		{"<1.4.1", "v1.4.1-0.20261127120000-0123456789ab", false},
		{"~1.4.0", "v1.4.1-0.20261127120000-0123456789ab", true},
		{"<2", "v2.0.0-rc.1-3-g0123abc", false},
		// without a version
		{">=9", "dev", false},
		{">=9", "(devel)", false},
		{">=9", "0123abc", false},
		{">=9", "1234567", false},
		{">=9", "0123abc-dirty", false},
		{">=9", "v0.0.0-20261127120000-0123456789ab+dirty", false},
		{">=9", "0.0.0-g0123456789ab", false},
		{">=0", "0123abc", true},
		{">=0.0.0-0", "(devel)", true},
		{"*", "dev", true},
		{"<9", "0123abc", true},
		{"0.0.0 || >=9", "0123abc", true},
		// of what nobody asks
		{">=9", "", true},
		{">=9", cmpversion.Any, true},
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

// FuzzFits: text is a constraint or an error that says so, and what has no version is 0.0.0.
func FuzzFits(f *testing.F) {
	for _, constraint := range []string{">=1.4, <2", "<2.0.0-rc.2 || 3.x", "1.4 - 2", "^1-0", "", "newest",
		"!=1.4+a1-b"} {
		f.Add(constraint, "2.0.0-rc.1")
	}
	f.Fuzz(func(t *testing.T, constraint, version string) {
		fits, err := cmpversion.Fits(constraint, version)
		if err != nil {
			require.False(t, fits)
			require.ErrorContains(t, err, "is no range of versions: write it as")
			return
		}
		if _, has := cmpversion.Parse(version); !has && version != "" && version != cmpversion.Any {
			unversioned, err := cmpversion.Fits(constraint, "0.0.0")
			require.NoError(t, err)
			require.Equal(t, unversioned, fits)
		}
	})
}
