package registration_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

// manyMembers is a fleet of 1,000 members and more.
func manyMembers() fstest.MapFS {
	fsys := smallFleet()
	for i := range 1000 {
		name := fmt.Sprintf("fleet/fleet-bootstrap/fleet-members/hub-np/spoke%d.yaml", i)
		fsys[name] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"tenant: tenant1\nenvironment: np\nsecretManagerSecretName: x%d\n", i)}
	}
	return fsys
}

func TestManyMembers(t *testing.T) {
	require.Len(t, mustBuild(t, manyMembers(), "hub-np"), 1003)
}

// BenchmarkBuild1000 reads the fleet from memory each time.
func BenchmarkBuild1000(b *testing.B) {
	fsys := manyMembers()
	for b.Loop() {
		_, _, err := build(fsys, "hub-np")
		require.NoError(b, err)
	}
}

// TestSampleMember: the names of secrets that nobody has filled in are warnings, one for each line.
func TestSampleMember(t *testing.T) {
	objects, warnings, err := build(
		smallFleet(
			"-- member --\ntenant: tenant1\nsecretManagerSecretName: <secret-arn>\ngithubSecretName: <secret>\n"),
		"hub-np")
	require.NoError(t, err)
	require.Len(t, objects, 3)
	require.Len(t, warnings, 2)
	require.ErrorContains(t, warnings[0],
		`spoke-dev-workload1.yaml:2: cluster "spoke-dev-workload1": the name of its secret is still the placeholder "<secret-arn>"`)
	require.ErrorContains(t, warnings[1],
		`spoke-dev-workload1.yaml:3: cluster "spoke-dev-workload1": annotation addons_repo_secret is still the placeholder "<secret>"`)
}

// FuzzBuild: no values of a cluster make it panic, or emit an object under a name that Kubernetes refuses.
func FuzzBuild(f *testing.F) {
	for _, archive := range []string{tenantGit, fmt.Sprintf(tokens, "x/Y"),
		"-- x --\nexternalSecret: {labels: {a: '{{'}, annotations: {b: '{{'}}\n"} {
		f.Add(txtar.Parse([]byte(archive)).Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, values []byte) {
		fsys := smallFleet(central)
		for _, name := range []string{
			"addons/control-plane/environments/np/clusters/hub-np/fleet/fleet-secret/values.yaml",
			"addons/tenants/tenant1/environments/np/clusters/spoke-dev-workload1/fleet/fleet-secret/values.yaml",
		} {
			fsys[name] = &fstest.MapFile{Data: values}
		}
		objects, _, err := build(fsys, "hub-np")
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, objects)
			return
		}
		for _, object := range objects {
			name, _ := at(object, "metadata/name").(string)
			require.Empty(t, validation.IsDNS1123Subdomain(name))
			if at(object, "spec/target/template/templateFrom") != nil &&
				at(object, "spec/target/template/data/name") != nil {
				evaluate(t, object, map[string]any{"metadata": "{}", "addons": "{}"})
			}
		}
	})
}
