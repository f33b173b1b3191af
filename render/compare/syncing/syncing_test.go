package syncing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

func annotated(pairs map[string]any) render.Object {
	return render.Object{"metadata": render.Object{"annotations": pairs}}
}

func TestOptions(t *testing.T) {
	object := annotated(map[string]any{"argocd.argoproj.io/sync-options": "Force=true, Prune=false"})
	require.Equal(t, "false", Option(object, "Prune"))
	require.Equal(t, "true", Option(object, "Force"))
	require.Empty(t, Option(object, "Delete"))
	require.Empty(t, Option(render.Object{"metadata": "odd"}, "Prune"))
	application := render.Object{"spec": render.Object{"syncPolicy": render.Object{
		"syncOptions": []any{"CreateNamespace=true", 1, "Delete=false"}}}}
	require.Equal(t, "false", ApplicationOption(application, "Delete"))
	require.Empty(t, ApplicationOption(render.Object{"spec": 1}, "Delete"))
}

func TestHooks(t *testing.T) {
	for name, test := range map[string]struct {
		annotations map[string]any
		is          bool
		running     string
	}{
		"none":              {},
		"Argo CD's":         {map[string]any{argoHook: "PreSync"}, true, "PreSync"},
		"one that is late":  {map[string]any{argoHook: "SyncFail"}, true, ""},
		"skipped":           {map[string]any{argoHook: "Skip"}, false, ""},
		"Helm's":            {map[string]any{helmHook: "pre-install,pre-upgrade"}, true, "pre-install,pre-upgrade"},
		"of Helm, too late": {map[string]any{helmHook: "pre-delete"}, true, ""},
		"a definition":      {map[string]any{helmHook: "crd-install"}, false, ""},
		"Argo CD's is heeded": {map[string]any{argoHook: "PostDelete", helmHook: "post-install"}, true,
			""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.is, IsHook(annotated(test.annotations)))
			require.Equal(t, test.running, RunningHook(annotated(test.annotations)))
		})
	}
}
