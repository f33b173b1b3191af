package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// TestTypedIsWhatAVersionReads: fields that a version does not know are printed, and have no effect.
func TestTypedIsWhatAVersionReads(t *testing.T) {
	clusters := threeClusters()
	for version, known := range map[string]bool{"2.14": false, "3.5": true} {
		v, _, err := argocd.Parse(version)
		require.NoError(t, err)
		e, err := application.New(application.Options{Version: v, Repository: generator.Repository{FS: files{}.fs()}},
			clusters)
		require.NoError(t, err)
		made := e.Expand(t.Context(), set(t, "generators: [{clusters: {selector: {matchLabels: {env: test}}}}]\n"+
			"template: {spec: {later: {than: all}, source: {kustomize: {ignoreMissingComponents: true, namePrefix: "+
			"'{{.name}}'}}}}"))
		require.Empty(t, messages(made.Problems))
		taken := e.Take(made.Applications[0].Object)
		for _, a := range []application.Application{made.Applications[0], taken.Applications[0]} {
			require.Equal(t, true, at(a.Object, "spec", "source", "kustomize", "ignoreMissingComponents"))
			require.Equal(t, "all", at(a.Object, "spec", "later", "than"))
			typed, err := a.Typed()
			require.NoError(t, err)
			require.Equal(t, known, typed.Spec.Source.Kustomize.IgnoreMissingComponents, version)
			require.Equal(t, "east", typed.Spec.Source.Kustomize.NamePrefix)
			require.Equal(t, "east", a.Cluster)
			require.Equal(t, "app-east", typed.Name)
			require.Equal(t, "app-east", a.Name())
		}
	}
}

func TestTypedOfWhatIsNone(t *testing.T) {
	object := parse(t, "{metadata: {name: a}, spec: {source: {Path: other, path: [x]}}}")
	a := application.Read(object, argocd.Newest())
	_, err := a.Typed()
	require.ErrorContains(t, err, "spec.source.path")
	require.Equal(t, "a", a.Name())
	require.Equal(t, object, a.Object)

	_, err = application.Application{}.Typed()
	require.Error(t, err)
	typed, err := application.Read(parse(t, "{metadata: {name: a}, spec: {source: {Path: other}}}"),
		argocd.Newest()).Typed()
	require.NoError(t, err)
	require.Empty(t, typed.Spec.Source.Path, "the names of fields are compared as Kubernetes does")
}
