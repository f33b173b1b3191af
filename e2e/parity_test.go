package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// parity is what the fixtures are compared in.
type parity struct {
	*repository
	places       *strings.Replacer
	sets         []fixture
	sources      []fixture
	clustersFile string
	clusters     []string // the Secrets, as YAML
}

// newParity makes the repository of the fixtures, and puts its charts on a shelf.
func newParity(t *testing.T) *parity {
	t.Helper()
	charts := newShelf(t)
	p := &parity{repository: newRepository(t)}
	p.places = strings.NewReplacer("REPOSITORY", p.url, "CHARTS", charts.http, "REGISTRY", charts.registry)
	text, err := os.ReadFile(filepath.Join(parityDirectory, "charts.yaml"))
	require.NoError(t, err)
	var all []struct{ Repository, Name, Version, Kind string }
	require.NoError(t, yaml.UnmarshalStrict([]byte(p.places.Replace(string(text))), &all))
	for _, chart := range all {
		charts.put(t, chart.Repository, chart.Name, chart.Version, chart.Kind)
	}
	copyDirectory(t, filepath.Join(parityDirectory, "repository"), p.checkout)
	dependent := filepath.Join(p.checkout, "helm/dependent/Chart.yaml")
	text, err = os.ReadFile(dependent)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(dependent, []byte(p.places.Replace(string(text))), 0o600))

	p.sets, p.sources = setFixtures(t, p.places), sourceFixtures(t, p.places)
	p.write(t, "bootstrap/sets.yaml", toYAML(t, applicationSets(p.sets)))
	p.write(t, "bootstrap/sources.yaml", toYAML(t, applicationSets(p.sources)))
	p.push(t)

	text, err = os.ReadFile(filepath.Join(parityDirectory, "clusters.yaml"))
	require.NoError(t, err)
	text = []byte(p.places.Replace(string(text)))
	p.clustersFile = filepath.Join(t.TempDir(), "clusters.yaml")
	require.NoError(t, os.WriteFile(p.clustersFile, text, 0o600))
	p.clusters = strings.Split(string(text), "\n---\n")
	return p
}

// render runs `cmp render` for a version, and returns what it prints, and its messages.
func (p *parity) render(t *testing.T, argo *argoCD, args ...string) (stdout []byte, messages []string) {
	t.Helper()
	args = append([]string{"render", "-A", "--argocd-version", argo.minor(), "--cluster-file", p.clustersFile}, args...)
	command := exec.CommandContext(t.Context(), cmpProgram, args...)
	command.Dir, command.Env = p.checkout, []string{"SSL_CERT_FILE=" + trusted.file}
	var printed bytes.Buffer
	command.Stderr = &printed
	stdout, err := command.Output()
	if err != nil {
		require.IsType(t, &exec.ExitError{}, err)
		require.Equal(t, 1, command.ProcessState.ExitCode(), "%s", printed.String())
	}
	return stdout, strings.Split(strings.TrimSpace(printed.String()), "\n")
}

// applications are those of ApplicationSets in a file of the repository.
func (p *parity) applications(t *testing.T, argo *argoCD, from string) (applications []any, messages []string) {
	t.Helper()
	stdout, messages := p.render(t, argo, "--stage", "applications", "--from", from, "-o", "json")
	var list struct{ Items []any }
	require.NoError(t, json.Unmarshal(stdout, &list), "%s", messages)
	require.NotEmpty(t, list.Items)
	return list.Items, messages
}

// about finds the messages that begin with a word and have another text.
func about(messages []string, begin, text string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(messages), func(message string) bool {
		return !strings.HasPrefix(message, begin+": ") || !strings.Contains(message, text)
	}), "\n")
}

// outcome is how a fixture comes out in a version.
type outcome struct {
	fixture    fixture
	refused    bool   // by the server and by cmp
	difference string // what is not the same
}

// judge compares whether a server and cmp refuse a fixture: why the server does, what cmp says of it, and how many
// objects cmp prints. Where neither does, same compares the objects.
func (f fixture) judge(version string, refused error, message string, printed int, same func() string) outcome {
	o := outcome{fixture: f}
	expected, fails := f.fails(version)
	switch {
	case refused == nil && message == "":
		o.difference = same()
		switch {
		case o.difference != "":
		case fails:
			o.difference = "neither refuses it, but it should fail"
		case (printed == 0) != f.nothing(version):
			o.difference = "nothing: " + map[bool]string{true: "there is no object",
				false: "there are objects"}[printed == 0]
		}
	case refused == nil:
		o.difference = "cmp refuses what Argo CD renders: " + message
	case message == "":
		o.difference = "Argo CD refuses what cmp renders: " + refused.Error()
	case !fails:
		o.difference = "both refuse it: " + message + "; Argo CD: " + refused.Error()
	case !strings.Contains(message, expected):
		o.difference = "the message of cmp lacks " + expected + ": " + message
	default:
		if !f.partly(version) {
			o.difference = same()
		}
		o.refused = o.difference == ""
	}
	return o
}

// What cmp makes of each fixture is what servers of each version make of it. docs/parity.md counts them.
func TestParity(t *testing.T) {
	require.NotEmpty(t, kubernetesDirectories, "CMP_E2E_KUBERNETES is not set: run internal/tools/e2e.sh")
	p := newParity(t)
	network, etcd := startEtcd(t)
	counts := newReport()
	for i, argo := range installations {
		version := counts.version(t, argo, i)
		complete := t.Run(argo.version, func(t *testing.T) {
			t.Run("ApplicationSets", func(t *testing.T) {
				version.count(t, "ApplicationSets", p.compareSets(t, p.startHub(t, network, etcd, i)))
			})
			t.Run("sources", func(t *testing.T) { version.count(t, "sources", p.compareSources(t, argo)) })
		})
		if !complete {
			argo.logEnds(t, argo.version, 5)
		}
	}
	counts.check(t, len(p.sets), len(p.sources))
}

// count reports the outcomes of fixtures, and counts them.
func (v *versionCounts) count(t *testing.T, group string, outcomes []outcome) {
	t.Helper()
	for _, o := range outcomes {
		t.Run(o.fixture.name, func(t *testing.T) { assert.Empty(t, o.difference) })
		v.add(group, o)
	}
}
