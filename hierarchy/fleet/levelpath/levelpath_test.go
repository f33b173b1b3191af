package levelpath_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
)

func TestSegment(t *testing.T) {
	for text, want := range map[string]string{
		"a/{{.tenant}}/b":                         "{{.tenant}}",
		"{{ .metadata.labels.tenant }}/b":         "{{ .metadata.labels.tenant }}",
		`a/{{index .metadata.labels "tenant"}}`:   `{{index .metadata.labels "tenant"}}`,
		"a/tenant/b":                              "",
		"a/{{.environment}}":                      "",
		"a/{{.tenant}}-{{.environment}}/the rest": "",
	} {
		from, to := levelpath.Segment(text, "tenant")
		if want == "" {
			require.Equal(t, -1, from, text)
			require.Equal(t, text, levelpath.FromTenant(text))
			continue
		}
		require.Equal(t, want, text[from:to])
		require.Equal(t, text[from:], levelpath.FromTenant(text))
	}
}

func TestExpand(t *testing.T) {
	data := map[string]any{"name": "c", "tenant": "shop", "empty": "", "metadata": map[string]any{
		"labels": map[string]any{"tenant": "shop", "bad": "../x"}}}
	for text, test := range map[string]struct {
		directory string
		missing   []string
		err       string
	}{
		"a/{{.tenant}}/{{.name}}":                 {directory: "a/shop/c"},
		"{{.empty}}":                              {err: "the field .empty is empty"},
		"{{if .none}}a{{end}}":                    {missing: []string{"field .none"}},
		"{{.environment}}/{{.metadata.labels.b}}": {missing: []string{"label environment", "label b"}},
		"{{.metadata.annotations.region}}":        {missing: []string{"annotation region"}},
		"{{.server}}":                             {missing: []string{"field .server"}},
		`{{index .metadata.labels "none"}}`:       {missing: []string{"label or annotation for the path "}},
		"{{.metadata.labels.bad}}":                {err: `cluster "c": the label bad `},
		"a//{{.name}}":                            {err: `gives "a//c": a part `},
		"{{.name":                                 {err: "path of a level: "},
		"{{range .metadata}}x{{end}}":             {err: "path of a level: "},
	} {
		t.Run(text, func(t *testing.T) {
			var templates levelpath.Templates
			for range 2 { // the second is parsed already
				directory, missing, err := templates.Expand(cluster.Cluster{Name: "c"}, text, data)
				if test.err != "" {
					require.ErrorContains(t, err, test.err)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, test.directory, directory)
				require.Len(t, missing, len(test.missing))
				for i, want := range test.missing {
					require.Contains(t, missing[i], want)
				}
			}
		})
	}
}
