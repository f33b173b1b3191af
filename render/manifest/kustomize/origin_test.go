package kustomize

import (
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"
)

func TestOrigins(t *testing.T) {
	fsys := archive(`-- app/kustomization.yaml --
resources: [../base, own.yaml]
configMapGenerator: [{name: generated, literals: [a=b]}]
patches: [{path: patch.yaml}]
-- app/own.yaml --
` + deployment + `
-- app/patch.yaml --
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}
-- base/kustomization.yaml --
resources: [deep/service.yaml]
-- base/deep/service.yaml --
{apiVersion: v1, kind: Service, metadata: {name: s}}
---
{apiVersion: v1, kind: Service, metadata: {name: t, annotations: {config.kubernetes.io/origin: "path: gone.yaml"}}}
`)
	options := Options{Source: &v1alpha1.ApplicationSourceKustomize{NamePrefix: "x-"}}
	objects, err := Build(fsys, "app", options)
	require.NoError(t, err)
	files, err := Origins(fsys, "app", options)
	require.NoError(t, err)
	require.Len(t, files, len(objects))
	for i, want := range []struct{ kind, file string }{{"ConfigMap", "app/kustomization.yaml"},
		{"Service", "base/deep/service.yaml"}, {"Service", "base/deep/service.yaml"}, {"Deployment", "app/own.yaml"}} {
		require.Equal(t, want.kind, objects[i]["kind"])
		require.Equal(t, want.file, files[i])
	}

	_, err = Origins(fsys, "gone", options)
	require.EqualError(t, err, "gone: cannot be read: file does not exist")
}
