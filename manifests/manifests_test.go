// Package manifests_test checks what an administrator installs: the Kustomize component, the values for argo-helm, the
// examples, the chart of the Terraform modules, and the Dockerfile.
package manifests_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/plugin"
)

const (
	image = "ghcr.io/eks-fleet-management/fleet-cmp"
	// serverFile is what the sidecar runs.
	serverFile = "/usr/local/bin/cmp-server"
	// argoCDFile is what it runs as the fallback: Argo CD's init container puts it there.
	argoCDFile = "/var/run/argocd/argocd-cmp-server"
	// tokenDirectory is where Kubernetes mounts a service account token, unless the container has a mount there.
	tokenDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"
)

// A way is one to install the sidecar: testdata/NAME has the component for Kustomize.
type way struct{ name, values string }

var ways = []way{{"server", "argo-helm/values.yaml"}, {"exec", "argo-helm/values-exec.yaml"}}

// TestComponent renders the component over argocd-repo-server: it adds one container and its volumes, at the end, and
// changes nothing else.
func TestComponent(t *testing.T) {
	for _, way := range ways {
		before, after := original(t), patched(t, way.name)
		require.Len(t, after, len(before))
		require.Equal(t, before["argocd-server"], after["argocd-server"])

		sidecar, volumes := split(t, after["argocd-repo-server"], before["argocd-repo-server"])
		require.Equal(t, before["argocd-repo-server"], after["argocd-repo-server"])
		require.Equal(t, plugin.Name, sidecar.Name)
		require.Equal(t, image+":v1.2.3", sidecar.Image, "images of kustomization.yaml")
		require.Equal(t, []string{"cmp-tmp", "cmp-cache", "cmp-no-token"},
			[]string{volumes[0].Name, volumes[1].Name, volumes[2].Name})
	}
}

// TestSidecar: what the two ways have in common.
func TestSidecar(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			before, after := original(t)["argocd-repo-server"], patched(t, way.name)["argocd-repo-server"]
			sidecar, volumes := split(t, after, before)

			yes, no, user := true, false, int64(999)
			require.Equal(t, &corev1.SecurityContext{
				RunAsNonRoot:             &yes,
				RunAsUser:                &user,
				ReadOnlyRootFilesystem:   &yes,
				AllowPrivilegeEscalation: &no,
				Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			}, sidecar.SecurityContext)
			require.Empty(t, sidecar.Args)
			require.Equal(t, []corev1.EnvVar{{Name: "XDG_CACHE_HOME", Value: "/var/cache"},
				{Name: "CMP_GIT_FETCH", Value: "false"}, {Name: "CMP_ARGOCD_VERSION", Value: "v3.5.1"}},
				sidecar.Env, "the sidecar needs no credentials, follows the image beside it, and leaves Git to Argo CD")
			require.Empty(t, sidecar.EnvFrom)
			require.Empty(t, sidecar.Ports)

			mounts := sidecar.VolumeMounts
			want := []corev1.VolumeMount{
				{Name: "plugins", MountPath: "/home/argocd/cmp-server/plugins"},
				{Name: "cmp-tmp", MountPath: "/tmp"},
				{Name: "cmp-cache", MountPath: "/var/cache"},
				{Name: "cmp-no-token", MountPath: tokenDirectory, ReadOnly: true},
			}
			if way.name == "exec" {
				want = slices.Insert(want, 0,
					corev1.VolumeMount{Name: "var-files", MountPath: filepath.Dir(argoCDFile), ReadOnly: true})
			}
			require.Equal(t, want, mounts)
			known := map[string]bool{}
			for _, volume := range append(before.Spec.Template.Spec.Volumes, volumes...) {
				require.False(t, known[volume.Name], "two volumes %s", volume.Name)
				known[volume.Name] = true
			}
			for _, mount := range mounts {
				require.True(t, known[mount.Name], "no volume %s", mount.Name)
			}
			checkResources(t, sidecar, volumes, way.name)
		})
	}
}

// checkResources checks what the sidecar may take.
func checkResources(t *testing.T, sidecar corev1.Container, volumes []corev1.Volume, way string) {
	t.Helper()
	var memory resource.Quantity
	for _, volume := range volumes {
		require.NotNil(t, volume.EmptyDir, volume.Name)
		require.NotNil(t, volume.EmptyDir.SizeLimit, volume.Name)
		// Charts may lie on disk, and archives that wait for a worker; what each render unpacks does not.
		if volume.Name == "cmp-cache" || volume.Name == "cmp-tmp" && way == "server" {
			require.Empty(t, volume.EmptyDir.Medium)
			continue
		}
		require.Equal(t, corev1.StorageMediumMemory, volume.EmptyDir.Medium, volume.Name)
		memory.Add(*volume.EmptyDir.SizeLimit)
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, limit := sidecar.Resources.Requests[name], sidecar.Resources.Limits[name]
		require.Positive(t, request.Sign(), "request of %s", name)
		require.Positive(t, limit.Cmp(request), "limit of %s", name)
	}
	require.Positive(t, sidecar.Resources.Limits.Memory().Cmp(memory),
		"volumes in memory count as the container's memory")
}

// TestWays: what the sidecar runs, and that Kubernetes asks the server whether it works. argocd-cmp-server has nothing
// that could be asked.
func TestWays(t *testing.T) {
	sidecar, _ := split(t, patched(t, "server")["argocd-repo-server"], original(t)["argocd-repo-server"])
	require.Equal(t, []string{serverFile}, sidecar.Command)
	for what, probe := range map[string]*corev1.Probe{"healthz": sidecar.LivenessProbe,
		"readyz": sidecar.ReadinessProbe} {
		require.Equal(t, []string{serverFile, "check", what}, probe.Exec.Command, "there is no shell, and no port")
		require.Greater(t, probe.TimeoutSeconds, int32(10), "longer than the server may take to answer")
	}
	require.Equal(t, sidecar.LivenessProbe.Exec, sidecar.StartupProbe.Exec)

	sidecar, _ = split(t, patched(t, "exec")["argocd-repo-server"], original(t)["argocd-repo-server"])
	require.Equal(t, []string{argoCDFile}, sidecar.Command)
	require.Nil(t, sidecar.StartupProbe)
	require.Nil(t, sidecar.LivenessProbe)
	require.Nil(t, sidecar.ReadinessProbe)
}

// TestArgoHelm checks that the values for the chart describe the container and the volumes of the component.
func TestArgoHelm(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			data := read(t, way.values)
			values := helmValues(t, data)
			require.Equal(t, 1, strings.Count(string(data), "{{"), "the chart takes extraContainers as a template")
			require.Equal(t, 1, strings.Count(string(data), image+":VERSION\n"))

			sidecar, volumes := split(t, patched(t, way.name)["argocd-repo-server"], original(t)["argocd-repo-server"])
			require.Len(t, values.ExtraContainers, 1)
			theirs := values.ExtraContainers[0]
			sidecar.Image, sidecar.Env[len(sidecar.Env)-1].Value = theirs.Image, theirs.Env[len(theirs.Env)-1].Value
			require.Equal(t, sidecar, theirs)
			require.Equal(t, volumes, values.Volumes)
		})
	}
	for _, file := range []string{"kustomize/sidecar.yaml", "kustomize-exec/sidecar.yaml"} {
		require.Contains(t, string(read(t, file)), "image: "+image+":VERSION\n")
	}
}

// repoServer is what the values for the chart say of argocd-repo-server.
type repoServer struct {
	ExtraContainers []corev1.Container `json:"extraContainers"`
	Volumes         []corev1.Volume    `json:"volumes"`
}

func helmValues(t *testing.T, data []byte) repoServer {
	t.Helper()
	var values struct {
		RepoServer repoServer `json:"repoServer"`
	}
	parse(t, data, &values)
	return values.RepoServer
}

// TestArgoHelmVersion fills in the version of Argo CD as the chart does, for each place that can say it.
func TestArgoHelmVersion(t *testing.T) {
	image := func(tag string) map[string]any { return map[string]any{"image": map[string]any{"tag": tag}} }
	for _, way := range ways {
		env := helmValues(t, read(t, way.values)).ExtraContainers[0].Env
		parsed, err := template.New("").Funcs(sprig.TxtFuncMap()).Parse(env[len(env)-1].Value)
		require.NoError(t, err)
		for want, tags := range map[string][2]string{"v3.6.1": {"", ""}, "v3.5.7": {"v3.5.7", ""},
			"v3.4.13": {"v3.5.7", "v3.4.13"}} {
			var text strings.Builder
			require.NoError(t, parsed.Execute(&text, map[string]any{
				"Values": map[string]any{"global": image(tags[0]), "repoServer": image(tags[1])},
				"Chart":  map[string]any{"AppVersion": "v3.6.1"},
			}))
			require.Equal(t, want, text.String())
		}
	}
}

// original returns the Deployments of testdata, by name.
func original(t *testing.T) map[string]*appsv1.Deployment {
	t.Helper()
	return deployments(t, read(t, "testdata/base/argocd-repo-server.yaml"))
}

// patched returns them as testdata/NAME/kustomization.yaml has them, but for the namespace.
func patched(t *testing.T, name string) map[string]*appsv1.Deployment {
	t.Helper()
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(),
		filepath.Join("testdata", name))
	require.NoError(t, err)
	data, err := objects.AsYaml()
	require.NoError(t, err)
	all := deployments(t, data)
	for name, deployment := range all {
		require.Equal(t, "argocd", deployment.Namespace, name)
		deployment.Namespace = ""
	}
	return all
}

// split takes off a Deployment what it has more than another: one container and three volumes.
func split(t *testing.T, from, less *appsv1.Deployment) (corev1.Container, []corev1.Volume) {
	t.Helper()
	pod, containers, volumes := &from.Spec.Template.Spec, len(less.Spec.Template.Spec.Containers),
		len(less.Spec.Template.Spec.Volumes)
	require.Len(t, pod.Containers, containers+1)
	require.Len(t, pod.Volumes, volumes+3)
	container, added := pod.Containers[containers], pod.Volumes[volumes:]
	pod.Containers, pod.Volumes = pod.Containers[:containers], pod.Volumes[:volumes]
	return container, added
}

func deployments(t *testing.T, stream []byte) map[string]*appsv1.Deployment {
	t.Helper()
	all := map[string]*appsv1.Deployment{}
	for _, document := range documents(stream) {
		deployment := &appsv1.Deployment{}
		parse(t, document, deployment)
		all[deployment.Name] = deployment
	}
	return all
}

// parse parses YAML without unknown keys. Kubernetes tells upper from lower case in keys, which UnmarshalStrict does
// not.
func parse[T any](t *testing.T, data []byte, into *T) {
	t.Helper()
	var strict T
	require.NoError(t, yaml.UnmarshalStrict(data, &strict))
	data, err := yaml.YAMLToJSONStrict(data)
	require.NoError(t, err)
	require.NoError(t, utiljson.Unmarshal(data, into))
	require.Equal(t, strict, *into, "a key differs in case")
}

func documents(stream []byte) [][]byte {
	return bytes.Split(stream, []byte("\n---\n"))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	require.NoError(t, err)
	return data
}
