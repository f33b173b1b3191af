package argocd

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"2.14": "2.14", "v2.14.21": "2.14", "3.4": "3.4", "3.5": "3.5", "v3.5": "3.5", "3.5.7": "3.5", "v3.5.7": "3.5",
		"v3.6.0-rc2": "3.6", "3.6.1+build.5": "3.6", "v3.5.1@sha256:0123abc": "3.5",
	} {
		v, warning, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, v.Name, text)
		assert.Empty(t, warning, text)
	}
}

func TestParseBetweenTwoVersions(t *testing.T) {
	for _, text := range []string{"3.0", "v3.1.8", "3.2", "3.3.19"} {
		v, warning, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, "2.14", v.Name, text)
		assert.Contains(t, warning,
			"rendered as 2.14, the nearest older version that is known here: 2.14, 3.4, 3.5 and 3.6", text)
	}
}

func TestParseFails(t *testing.T) {
	for text, want := range map[string]string{
		"3.7":    "version 3.7 of Argo CD is not known here, only 2.14, 3.4, 3.5 and 3.6",
		"v4.0.0": "version 4.0 of Argo CD is not known here",
		"2.13":   "version 2.13 of Argo CD is not known here", "1.8.7": "is not known here",
		"": "is no version of Argo CD", "3": "is no version", "latest": "is no version", "3.5.7.1": "is no version",
		"3. 5": "is no version", "3.05": "is no version", "3.5x": "is no version",
		"99999999999999999999.1": "is no version",
	} {
		_, _, err := Parse(text)
		require.ErrorContains(t, err, want, text)
	}
}

// TestVersionsAreInOrder: Parse and the fields of versions rely on it.
func TestVersionsAreInOrder(t *testing.T) {
	for i := range Versions[1:] {
		assert.Equal(t, 1, compare(Versions[i+1].Name, Versions[i].Name))
		assert.Equal(t, i, Versions[i].order)
	}
	assert.Equal(t, "3.6", Newest().Name)
	assert.True(t, Version{}.IsZero())
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"3.5", "v3.5.7", "3.1", "latest", "v3.6.0-rc2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, _, err := Parse(text)
		if (err == nil) == v.IsZero() {
			t.Fatalf("%q gives %q and %v", text, v.Name, err)
		}
	})
}
