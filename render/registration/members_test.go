package registration_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestMembersOfTheFormerFleet: each way to be a member gives the objects that the charts gave, under their names, with
// their keys and stores, in the namespaces where they were (docs/rules/registration.md).
func TestMembersOfTheFormerFleet(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "members.txtar"))
	require.NoError(t, err)
	fsys := fstest.MapFS{}
	var want []string
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
			continue
		}
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	session, err := render.Open(fsys, render.Options{})
	require.NoError(t, err)
	var got []string
	for _, on := range []string{"hub-eu", "shared", "split", "far"} {
		result, err := session.Render(render.Request{Cluster: on, Stage: render.StageRegistration})
		require.NoError(t, err, on)
		for _, object := range result.Objects {
			got = append(got, on+" "+summary(object))
		}
	}
	for i := range want {
		want[i] = strings.TrimPrefix(want[i], "+ ")
	}
	require.ElementsMatch(t, want, got)

	_, err = session.Render(render.Request{Cluster: "plain", Stage: render.StageRegistration})
	require.ErrorContains(t, err, "has no Argo CD of its own")
}

// summary says of an object what others refer to.
func summary(object render.Object) string {
	text := fmt.Sprintf("%s %s/%s", object["kind"], at(object, "metadata/namespace"), at(object, "metadata/name"))
	if object["kind"] == "SecretStore" {
		text += " " + at(object, "spec/provider/aws/region").(string)
		if role, has := at(object, "spec/provider/aws/role").(string); has {
			text += " " + role
		}
		return text
	}
	data := at(object, "spec/target/template/data").(map[string]any)
	return fmt.Sprintf("%s %s %s %s %s", text, at(object, "spec/target/name"),
		strings.Join(slices.Sorted(maps.Keys(data)), ","), at(object, "spec/secretStoreRef/name"),
		at(object, "spec/dataFrom/0/extract/key"))
}
