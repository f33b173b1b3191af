package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// elementsSpec is a matrix whose list is made of a file of the repository, as bootstraps choose their releases.
const elementsSpec = `
generators:
- matrix:
    generators:
    - matrix:
        generators:
        - clusters: {selector: {matchLabels: {fleet_member: spoke}}, values: {group: addons, kind: ofCluster}}
        - git: {repoURL: r, revision: HEAD, files: [{path: versions.yaml}]}
    - list:
        elementsYaml: |
          {{- $result := list -}}
          {{- range $one := index .releases .values.group | toJson | fromJson -}}
            {{- $result = append $result (merge $one $.releases.globals (dict "values" (dict "kind" "own" "more" "m"))) -}}
          {{- end -}}
          {{ $result | toJson }}
template:
  metadata: {name: "{{.name}}-{{.type}}"}
  spec: {source: {path: "{{.chart}}-{{.values.kind}}-{{.values.more}}-{{index .metadata.labels \"none\"}}"}}
`

func TestElementsThatChangeMaps(t *testing.T) {
	repository := files{"versions.yaml": `
releases:
  globals: {chart: common}
  addons: [{type: one}, {type: two, chart: own}]
`}
	expansion := expander(t, repository, threeClusters()).Expand(t.Context(), set(t, elementsSpec))
	require.Empty(t, expansion.Problems)
	var got []string
	for _, app := range expansion.Applications {
		source := app.Object["spec"].(map[string]any)["source"].(map[string]any)
		got = append(got, app.Name()+" "+app.Cluster+" "+source["path"].(string))
	}
	require.Equal(t, []string{
		"east-one east common-ofCluster-m-", "east-two east own-ofCluster-m-",
		"west-one west common-ofCluster-m-", "west-two west own-ofCluster-m-",
	}, got, "the first generator wins, and a label that is not there is empty, as Argo CD has it")
}

func TestElementsThatNeverEnd(t *testing.T) {
	for fields, want := range map[string]string{
		`elementsYaml: '{{$a := dict}}{{$_ := merge $a (dict "a" $a)}}{{$a | toJson}}'`: "asks for too much",
		`elementsYaml: '{{$a := dict}}{{$_ := set $a "a" $a}}{{$a}}'`:                   "asks for too much",
		`elementsYaml: '{{merge . (dict "x" (repeat 1000000000 "a"))}}'`:                "the function repeat is not possible in a generator",
		`elements: [{a: b}], elementsYaml: '{{merge . (dict "x" "y")}}'`:                "the function merge is not possible in a generator",
		`elementsYaml: '{{range 1000000000}}{{$_ := set . "a" .}}{{end}}'`:              "the function set is not possible in a generator",
		`elements: [{a: '{{merge . (dict "x" "y")}}'}]`:                                 "the function merge is not possible in a generator",
		`elementsYaml: '{{$_ := set . "x" "y"}}text'`:                                   "error unmarshling decoded ElementsYaml",
		`elementsYaml: '{{$_ := set . "x" "y"}}{{.missing}}'`:                           `map has no entry for key "missing"`,
		`elementsYaml: '{{$_ := set . "x" "y"}}[{name: a, text: "{{"{{.name}}"}}"}]'`:   "",
	} {
		spec := "generators: [{matrix: {generators: [{clusters: {}}, {list: {" + fields + "}}]}}]"
		expansion := expander(t, nil, threeClusters()[:1]).Expand(t.Context(), set(t, spec))
		if want == "" {
			require.Empty(t, expansion.Problems, fields)
			require.Len(t, expansion.Applications, 1, fields)
			continue
		}
		require.Empty(t, expansion.Applications, fields)
		require.Len(t, expansion.Problems, 1, fields)
		require.Contains(t, expansion.Problems[0].Error(), want, fields)
	}
}
