package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// read returns the documents of YAML text.
func read(t testing.TB, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for document := range strings.SplitSeq(text, "\n---\n") {
		var object map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(document), &object), document)
		if object != nil {
			out = append(out, object)
		}
	}
	return out
}

// told returns findings and what was not checked as lines.
func told(c *Checker, kubernetes string, crds, objects []map[string]any) []string {
	findings, unchecked := c.Check(kubernetes, crds, objects)
	out := []string{}
	for _, p := range findings {
		out = append(out, p.Rule+": "+p.Error())
	}
	for _, why := range slices.Sorted(maps.Keys(unchecked)) {
		out = append(out, fmt.Sprintf("unchecked: %d %s", unchecked[why], why))
	}
	return out
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, creationTimestamp: null}
    spec:
      containers:
        - name: web
          image: nginx
          imagePullPolicy: IfNotPresent
          env: [{name: A, value: "1"}]
          ports: [{containerPort: 80, name: http, protocol: TCP}]
          resources: {limits: {cpu: 1, memory: 1.5Gi}, requests: {cpu: 100m, memory: 1e9}}
          livenessProbe: {httpGet: {path: /, port: http, scheme: HTTP}}
          readinessProbe: {tcpSocket: {port: 80}}
`

func TestBuiltIn(t *testing.T) {
	without := func(text, old, replaced string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, replaced, 1)
	}
	for _, test := range []struct{ name, object, want string }{
		{"well-formed", deployment, ""},
		{"field", without(deployment, "replicas", "replcas"),
			"schema: Deployment shop/web: spec.replcas is not a field of Deployment; did you mean replicas?"},
		{"field in a list", without(deployment, "imagePullPolicy", "imagepullpolicy"), "schema: Deployment shop/web: " +
			"spec.template.spec.containers[0].imagepullpolicy is not a field of Deployment; did you mean " +
			"imagePullPolicy?"},
		{"type", without(deployment, "replicas: 2", "replicas: two"),
			"schema: Deployment shop/web: spec.replicas is a string, not an integer"},
		{"fraction", without(deployment, "replicas: 2", "replicas: 2.5"),
			"schema: Deployment shop/web: spec.replicas is a number, not an integer"},
		{"large", without(deployment, "replicas: 2", "replicas: 3000000000"),
			"schema: Deployment shop/web: spec.replicas is too large"},
		{"list", without(deployment, "[{containerPort: 80, name: http, protocol: TCP}]", "{http: 80}"),
			"schema: Deployment shop/web: spec.template.spec.containers[0].ports is a map, not a list"},
		{"string", without(deployment, `value: "1"`, "value: 1"),
			"schema: Deployment shop/web: spec.template.spec.containers[0].env[0].value is an integer, not a string"},
		{"label", without(deployment, "{app: web}, creation", "{app: true}, creation"),
			"schema: Deployment shop/web: spec.template.metadata.labels.app is a boolean, not a string"},
		{"all missing", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}", "schema: Deployment a: spec is " +
			"missing"},
		{"missing", without(deployment, "  selector: {matchLabels: {app: web}}\n", ""),
			"schema: Deployment shop/web: spec.selector is missing"},
		{"null", without(deployment, "  selector: {matchLabels: {app: web}}\n", "  selector: null\n"),
			"schema: Deployment shop/web: spec.selector is missing"},
		{"value", without(deployment, "IfNotPresent", "Sometimes"), "schema: Deployment shop/web: " +
			"spec.template.spec.containers[0].imagePullPolicy must be one of Always, IfNotPresent, Never"},
		{"empty value", without(deployment, "IfNotPresent", `""`), ""},
		{"quantity", without(deployment, "1.5Gi", "1.5GB"), "schema: Deployment shop/web: " +
			"spec.template.spec.containers[0].resources.limits.memory is no quantity such as 100m or 1.5Gi"},
		{"IntOrString", without(deployment, "port: 80}", "port: [80]}"), "schema: Deployment shop/web: " +
			"spec.template.spec.containers[0].readinessProbe.tcpSocket.port is a list, neither an integer nor a " +
			"string"},
		{"metadata", without(deployment, "labels: {app: web}}", "label: {app: web}}"),
			"schema: Deployment shop/web: metadata.label is not a field of Deployment; did you mean labels?"},
		{"time", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: yesterday}",
			"schema: Namespace a: metadata.creationTimestamp is no time such as 2006-01-02T15:04:05Z"},
		{"secret", "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\ndata: {tls.crt: hunter2!}\n",
			"schema: Secret b/a: data[tls.crt] is not base64"},
		{"secret, stringData", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 1}\n",
			"schema: Secret a: stringData.a is an integer, not a string"},
		{"ConfigMap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\ndata: {a: {b: c}}\n",
			"schema: ConfigMap a-: data.a is a map, not a string"},
		{"status", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\nstatus: {strange: " +
			"true}", ""},
		{"not required in fact", "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n" +
			"roleRef: {kind: Role, name: b}\nsubjects: [{kind: User, name: c}]", ""},
		{"any", "apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: a}\ndata: {b: 1}\nrevision: 1", ""},
		{"several", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: Ingress, ports: [{}], zzz: 1}",
			"schema: Service a: spec.ports[0].port is missing\n" +
				"schema: Service a: spec.type must be one of ClusterIP, ExternalName, LoadBalancer, NodePort\n" +
				"schema: Service a: spec.zzz is not a field of Service"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := told(New(), "1.33.4", nil, read(t, test.object))
			assert.Equal(t, test.want, strings.Join(got, "\n"))
		})
	}
}

func TestAPIs(t *testing.T) {
	for _, test := range []struct{ kubernetes, apiVersion, kind, want string }{
		{"1.33", "v1", "ConfigMap", ""},
		{"1.33", "v1", "Deployment", "unknown-api: Deployment x: Kubernetes 1.33 does not serve v1/Deployment; use " +
			"apps/v1"},
		{"1.33", "apps/v1", "Deploiment", "unknown-api: Deploiment x: Kubernetes 1.33 does not serve " +
			"apps/v1/Deploiment; " +
			"did you mean apps/v1/Deployment?"},
		{"1.33", "v1", "DaemonSets", "unknown-api: DaemonSets x: Kubernetes 1.33 does not serve v1/DaemonSets; " +
			"did you mean apps/v1/DaemonSet?"},
		{"1.33", "policy/v1beta1", "PodSecurityPolicy", "unknown-api: PodSecurityPolicy x: Kubernetes 1.33 does not " +
			"serve " +
			"policy/v1beta1/PodSecurityPolicy; label namespaces for Pod Security Admission instead"},
		{"1.33", "policy/v1beta1", "PodDisruptionBudget", "unknown-api: PodDisruptionBudget x: Kubernetes 1.33 does " +
			"not " +
			"serve policy/v1beta1/PodDisruptionBudget; use policy/v1"},
		{"1.33", "batch/v1beta1", "CronJob",
			"unknown-api: CronJob x: Kubernetes 1.33 does not serve batch/v1beta1/CronJob; use batch/v1"},
		{"1.33", "extensions/v1beta1", "Ingress", "unknown-api: Ingress x: Kubernetes 1.33 does not serve " +
			"extensions/v1beta1/Ingress; use networking.k8s.io/v1"},
		{"1.33", "networking.k8s.io/v1beta1", "Ingress", "unknown-api: Ingress x: Kubernetes 1.33 does not serve " +
			"networking.k8s.io/v1beta1/Ingress; use networking.k8s.io/v1"},
		{"1.33", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "unknown-api: HorizontalPodAutoscaler x: " +
			"Kubernetes " +
			"1.33 does not serve autoscaling/v2beta2/HorizontalPodAutoscaler; use autoscaling/v2"},
		{"1.25", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "deprecated-api: HorizontalPodAutoscaler x: " +
			"Kubernetes " +
			"1.26, the next one of the cluster, does not serve autoscaling/v2beta2/HorizontalPodAutoscaler any more; " +
			"use autoscaling/v2"},
		{"1.28", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", "deprecated-api: FlowSchema x: Kubernetes " +
			"1.29, the " +
			"next one of the cluster, does not serve flowcontrol.apiserver.k8s.io/v1beta2/FlowSchema any more; " +
			"from 1.29 on there is flowcontrol.apiserver.k8s.io/v1"},
		{"1.27", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", ""},
		{"1.31", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", "unknown-api: FlowSchema x: Kubernetes 1.31 " +
			"does " +
			"not serve flowcontrol.apiserver.k8s.io/v1beta2/FlowSchema; use flowcontrol.apiserver.k8s.io/v1"},
		{"1.31", "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "deprecated-api: FlowSchema x: Kubernetes " +
			"1.32, the " +
			"next one of the cluster, does not serve flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema any more; " +
			"use flowcontrol.apiserver.k8s.io/v1"},
		{"1.30", "resource.k8s.io/v1", "DeviceClass", "unknown-api: DeviceClass x: Kubernetes 1.30 does not serve " +
			"resource.k8s.io/v1/DeviceClass; Kubernetes serves it since 1.34"},
		{"1.33", "resource.k8s.io/v1beta1", "ResourceClaim", "unchecked: 1 resource.k8s.io/v1beta1/ResourceClaim, " +
			"which " +
			"Kubernetes 1.33 serves only where that is switched on"},
		{"1.37", "coordination.k8s.io/v1", "Lease", ""},
		{"1.40", "coordination.k8s.io/v1", "Lease", `unchecked: 1 Kubernetes "1.40", checked as 1.37`},
		{"1.40", "coordination.k8s.io/v9", "Lease",
			"unchecked: 1 Kubernetes \"1.40\", checked as 1.37\nunchecked: 1 coordination.k8s.io/v9/Lease"},
		{"1.40", "autoscaling/v2beta2", "HorizontalPodAutoscaler",
			"does not serve autoscaling/v2beta2/HorizontalPodAutoscaler; use autoscaling/v2"},
		{"1.24", "batch/v1beta1", "CronJob",
			"unchecked: 1 Kubernetes \"1.24\", checked as 1.25\nunchecked: 1 batch/v1beta1/CronJob"},
		{"", "coordination.k8s.io/v1", "Lease", `unchecked: 1 Kubernetes "", checked as 1.37`},
		{"1.33", "cert-manager.io/v1", "Certificate", "unchecked: 1 cert-manager.io/v1/Certificate"},
		{"1.33", "gateway.networking.k8s.io/v1", "Gateway", "unchecked: 1 gateway.networking.k8s.io/v1/Gateway"},
		{"1.33", "v1", "List", "unchecked: 1 v1/List"},
		{"1.33", "", "Pod", "unchecked: 1 an object without apiVersion or kind"},
	} {
		t.Run(test.kubernetes+" "+test.apiVersion+" "+test.kind, func(t *testing.T) {
			object := map[string]any{"apiVersion": test.apiVersion, "kind": test.kind}
			object["metadata"] = map[string]any{"name": "x"}
			got := strings.Join(told(New(), test.kubernetes, nil, []map[string]any{object}), "\n")
			if test.want == "" {
				assert.Empty(t, got)
			}
			assert.Contains(t, got, test.want)
		})
	}
}

const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            status: {type: object, required: [ready], properties: {ready: {type: boolean}}}
            spec:
              type: object
              required: [size]
              x-kubernetes-validations:
                - {rule: "self.minimum <= self.size", message: the minimum is at most the size}
                - {rule: "!has(self.secret) || self.secret.size() < 8", messageExpression: "'not ' + self.secret"}
              properties:
                size: {type: integer, minimum: 1, maximum: 100}
                minimum: {type: integer, default: 1}
                colour: {type: string, enum: [red, green]}
                secret: {type: string}
                code: {type: string, pattern: "^[a-z]+$", maxLength: 5}
                since: {type: string, format: date-time}
                port: {x-kubernetes-int-or-string: true}
                address: {type: string, anyOf: [{format: ipv4}, {format: ipv6}]}
                from:
                  type: object
                  oneOf: [{required: [file]}, {required: [url]}]
                  properties: {file: {type: string}, url: {type: string}}
                memory:
                  anyOf: [{type: integer}, {type: string}]
                  pattern: ^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$
                  x-kubernetes-int-or-string: true
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                labels: {type: object, additionalProperties: {type: string}}
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items: {type: object, required: [name], properties: {name: {type: string}, weight: {type: number}}}
                template:
                  type: object
                  x-kubernetes-embedded-resource: true
                  x-kubernetes-preserve-unknown-fields: true
    - {name: v1beta1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
`

func TestCustomResources(t *testing.T) {
	widget := func(spec string) string {
		return "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: " + spec
	}
	for _, test := range []struct{ name, object, want string }{
		{"well-formed", widget(`{size: 2, colour: red, port: http, memory: 1Gi, free: {a: [1]}, labels: {a: b},
  code: abc, since: "2026-01-02T03:04:05Z", parts: [{name: a, weight: 1}, {name: b, weight: 0.5}],
  template: {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {strange: 1}}}`), ""},
		{"integers", widget("{size: 2, port: 80, memory: 5}"), ""},
		{"null", widget("{size: 2, colour: null}"), ""},
		{"status is not set by who applies", widget("{size: 2}") + "\nstatus: {}", ""},
		{"field", widget("{size: 2, color: red}"), "schema: Widget shop/w: spec.color is not a field of Widget; did " +
			"you mean " +
			"colour?"},
		{"field in a list", widget("{size: 2, parts: [{name: a, wieght: 1}]}"),
			"schema: Widget shop/w: spec.parts[0].wieght is not a field of Widget; did you mean weight?"},
		{"field beside spec", widget("{size: 2}") + "\nspecs: {}", "schema: Widget shop/w: specs is not a field of " +
			"Widget; " +
			"did you mean spec?"},
		{"missing", widget("{colour: red}"), "schema: Widget shop/w: spec.size is missing"},
		{"type", widget("{size: large}"), "schema: Widget shop/w: spec.size must be of type integer"},
		{"maximum", widget("{size: 101}"), "schema: Widget shop/w: spec.size should be less than or equal to 100"},
		{"value", widget("{size: 2, colour: hunter2}"), "schema: Widget shop/w: spec.colour must be one of red, green"},
		{"pattern", widget("{size: 2, code: H2}"), "schema: Widget shop/w: spec.code should match '^[a-z]+$'"},
		{"length", widget("{size: 2, code: hunter}"), "schema: Widget shop/w: spec.code may not be more than 5 bytes"},
		{"format", widget("{size: 2, since: hunter2}"), "schema: Widget shop/w: spec.since must be of type date-time"},
		{"int-or-string", widget("{size: 2, port: 1.5}"), "schema: Widget shop/w: spec.port must be of type " +
			"integer,string"},
		{"quantity", widget("{size: 2, memory: lots}"), "schema: Widget shop/w: spec.memory should match " +
			"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
		{"any of", widget("{size: 2, address: hunter2}"), "schema: Widget shop/w: spec.address must be of type ipv4 " +
			"(or " +
			"another alternative of spec.address)"},
		{"one of", widget("{size: 2, from: {}}"), "schema: Widget shop/w: spec.from.file is missing (or another " +
			"alternative of spec.from)"},
		{"two of one", widget("{size: 2, from: {file: a, url: b}}"), "schema: Widget shop/w: spec.from fits none of " +
			"the " +
			"alternatives of its schema, or more than it may"},
		{"map", widget("{size: 2, labels: {a: 1}}"), "schema: Widget shop/w: spec.labels.a must be of type string"},
		{"twice", widget("{size: 2, parts: [{name: hunter2}, {name: hunter2}]}"),
			"schema: Widget shop/w: spec.parts[1] is there twice"},
		{"rule", widget("{size: 2, minimum: 3}"),
			"schema: Widget shop/w: spec breaks a rule of its schema: the minimum is at most the size"},
		{"rule without the value", widget("{size: 2, secret: hunter2hunter2}"), "schema: Widget shop/w: spec breaks " +
			"a rule " +
			"of its schema: failed rule: !has(self.secret) || self.secret.size() < 8"},
		{"metadata", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, lables: {a: b}, annotations: {c: " +
			"1}}\n" +
			"spec: {size: 2}", "schema: Widget w: metadata.annotations.c is an integer, not a string\n" +
			"schema: Widget w: metadata.lables is not a field of metadata; did you mean labels?"},
		{"version that is not served", "apiVersion: example.com/v1beta1\nkind: Widget\nmetadata: {name: w}",
			"unknown-api: Widget w: the CustomResourceDefinition that the fleet installs does not serve " +
				"example.com/v1beta1; it serves example.com/v1"},
		{"version that is not there", "apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: w}",
			"unknown-api: Widget w: the CustomResourceDefinition that the fleet installs does not serve " +
				"example.com/v2; " +
				"it serves example.com/v1"},
		{"kind", "apiVersion: example.com/v1\nkind: Wigdet\nmetadata: {name: w}",
			"unknown-api: Wigdet w: no CustomResourceDefinition of the fleet defines the kind in example.com; " +
				"did you mean Widget?"},
		{"another kind of the group", "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: w}",
			"unchecked: 1 example.com/v1/Gadget"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, crds := New(), read(t, crd)
			assert.Empty(t, told(c, "1.33.0", nil, crds), "the definition")
			for range 2 { // the second time it is remembered
				got := told(c, "1.33.0", crds, read(t, test.object))
				assert.Equal(t, test.want, strings.Join(got, "\n"))
			}
		})
	}
}

// costly counts to a hundred million.
var costly = strings.Repeat("[0,1,2,3,4,5,6,7,8,9].all(x, ", 7) + "x >= 0" + strings.Repeat(")", 7)
