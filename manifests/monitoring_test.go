package manifests_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// metricsPort is that of the server where it is not on loopback only.
const metricsPort = 9094

// TestMonitoringComponent: the sidecar serves metrics on a port that the PodMonitor and the NetworkPolicy name, and all
// else of it is as without the component.
func TestMonitoringComponent(t *testing.T) {
	all, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(),
		filepath.Join("testdata", "monitoring"))
	require.NoError(t, err)
	of := func(kind string) []byte {
		for _, object := range all.Resources() {
			if object.GetKind() == kind && object.GetName() != "argocd-server" {
				require.Equal(t, "argocd", object.GetNamespace())
				text, err := object.AsYAML()
				require.NoError(t, err)
				return text
			}
		}
		t.Fatalf("no %s", kind)
		return nil
	}
	after := deployments(t, of("Deployment"))["argocd-repo-server"]
	without := patched(t, "server")["argocd-repo-server"]
	containers := after.Spec.Template.Spec.Containers
	require.Equal(t, "argocd-repo-server", containers[0].Name)
	sidecar := &containers[1]
	require.Equal(t, []corev1.ContainerPort{{Name: "cmp-metrics", ContainerPort: metricsPort}}, sidecar.Ports)
	sidecar.Ports = nil
	i := slices.IndexFunc(sidecar.Env, func(e corev1.EnvVar) bool { return e.Name == "CMP_OPERATIONS_ADDRESS" })
	require.Equal(t, ":9094", sidecar.Env[i].Value)
	sidecar.Env = slices.Delete(sidecar.Env, i, i+1)
	require.Equal(t, without.Spec, after.Spec)

	var monitor struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Selector            metav1.LabelSelector `json:"selector"`
			PodMetricsEndpoints []struct {
				Port     string `json:"port"`
				Interval string `json:"interval"`
			} `json:"podMetricsEndpoints"`
		} `json:"spec"`
	}
	parse(t, of("PodMonitor"), &monitor)
	labels := after.Spec.Template.Labels
	require.Equal(t, labels, monitor.Spec.Selector.MatchLabels)
	require.Equal(t, "cmp-metrics", monitor.Spec.PodMetricsEndpoints[0].Port)

	var policy networkingv1.NetworkPolicy
	parse(t, read(t, "monitoring/networkpolicy.yaml"), &policy)
	require.Equal(t, labels, policy.Spec.PodSelector.MatchLabels)
	require.Equal(t, metricsPort, policy.Spec.Ingress[0].Ports[0].Port.IntValue())
	require.Len(t, policy.Spec.Ingress[0].From, 1)
	require.NotEmpty(t, policy.Spec.Ingress[0].From[0].NamespaceSelector.MatchLabels, "not everybody is let in")
	require.NotEmpty(t, policy.Spec.Ingress[0].From[0].PodSelector.MatchLabels)

	var dashboard corev1.ConfigMap
	parse(t, of("ConfigMap"), &dashboard)
	require.Equal(t, string(read(t, "monitoring/dashboard.json")), dashboard.Data["dashboard.json"])
	require.Equal(t, "fleet-cmp-dashboard", dashboard.Name)
}

// TestAlerts: alerts are objects of the Prometheus operator, each of which the documents explain. Their queries are
// parsed by make alerts, and their metrics looked for by the tests of the server.
func TestAlerts(t *testing.T) {
	var rule struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Groups []struct {
				Name  string `json:"name"`
				Rules []struct {
					Alert       string            `json:"alert"`
					Expr        string            `json:"expr"`
					For         string            `json:"for"`
					Labels      map[string]string `json:"labels"`
					Annotations map[string]string `json:"annotations"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	parse(t, read(t, "monitoring/prometheusrule.yaml"), &rule)
	require.Equal(t, "PrometheusRule", rule.Kind)
	page, err := os.ReadFile(filepath.Join("..", "docs", "server.md"))
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, alert := range rule.Spec.Groups[0].Rules {
		require.False(t, seen[alert.Alert], alert.Alert)
		seen[alert.Alert] = true
		require.Contains(t, string(page), "| `"+alert.Alert+"` |")
		require.Contains(t, []string{"critical", "warning", "info"}, alert.Labels["severity"])
		require.NotEmpty(t, alert.Expr)
		require.NotEmpty(t, alert.Annotations["summary"])
		require.NotEmpty(t, alert.Annotations["description"])
		require.Equal(t, strings.Count(alert.Annotations["description"], "{{"),
			strings.Count(alert.Annotations["description"], "}}"))
		if alert.For != "" {
			_, err := time.ParseDuration(alert.For)
			require.NoError(t, err)
		}
	}
	require.Len(t, regexp.MustCompile("(?m)^\\| `FleetCmp").FindAllString(string(page), -1), len(seen))
}
