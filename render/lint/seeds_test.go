package lint

const (
	catalog  = "charts/application-sets/values.yaml"
	addons   = "charts/application-sets/values/addons.yaml"
	retail   = "addons/tenants/retail/"
	members  = "fleet/fleet-bootstrap/fleet-members/hub-prod/"
	releases = "fleet/bootstrap/versions/applicationSets.yaml"
)

func move(from, to string) func(*files) { return func(f *files) { f.move(from, to) } }
func replace(name, old, text string) func(*files) {
	return func(f *files) { f.replace(name, old, text) }
}
func add(name, text string) func(*files) { return func(f *files) { f.write(name, text) } }

// seeds are mistakes, by kind.
var seeds = []seed{
	// Names of files and directories.
	{"settings with another extension", move(retail+"defaults/application-sets/addons.yaml",
		retail+"defaults/application-sets/addons.yml"), retail + "defaults/application-sets/addons.yml", "unread-file"},
	{"values with another extension", move("addons/bootstrap/defaults/addons/cert-manager/values.yaml",
		"addons/bootstrap/defaults/addons/cert-manager/values.yml"),
		"addons/bootstrap/defaults/addons/cert-manager/values.yml", "unread-file"},
	{"environments misspelt", move(retail+"environments", retail+"enviroments"), retail + "enviroments", "unread-file"},
	{"a tenant misspelt", move("addons/tenants/retail", "addons/tenants/retial"), "addons/tenants/retial", ""},
	{"tenants misspelt", move("addons/tenants", "addons/tenant"), "addons/tenant", ""},
	{"clusters misspelt", move(retail+"environments/np/clusters", retail+"environments/np/cluster"),
		retail + "environments/np/cluster", "unread-file"},
	{"a cluster misspelt", move(retail+"environments/np/clusters/retail-np-1", retail+"environments/np/clusters/retail-np1"),
		retail + "environments/np/clusters/retail-np1", "unread-file"},
	{"an environment misspelt", move(retail+"environments/prod", retail+"environments/prd"),
		retail + "environments/prd", "unread-file"},
	{"defaults misspelt", move("addons/tenants/data/defaults/addons", "addons/tenants/data/default/addons"),
		"addons/tenants/data/default", "unread-file"},
	{"the component's name in place of its chart's", move("resources/tenants/defaults/resources/karpenter-nodes",
		"resources/tenants/defaults/resources/karpenter_nodepools"), "resources/tenants/defaults/resources/karpenter_nodepools", "unread-file"},
	{"a component's directory misspelt", move("addons/bootstrap/defaults/addons/external-secrets/values.yaml",
		"addons/bootstrap/defaults/addons/external-secret/values.yaml"), "addons/bootstrap/defaults/addons/external-secret/values.yaml", "unread-file"},
	{"value in place of values", move("addons/bootstrap/defaults/addons/external-dns/values.yaml",
		"addons/bootstrap/defaults/addons/external-dns/value.yaml"), "addons/bootstrap/defaults/addons/external-dns/value.yaml", "unread-file"},
	{"the group's directory misspelt", move(retail+"defaults/monitoring", retail+"defaults/monitorring"),
		retail + "defaults/monitorring", "unread-file"},
	{"pod-identity misspelt", move("addons/tenants/data/defaults/addons/s3-chart/pod-identity",
		"addons/tenants/data/defaults/addons/s3-chart/pod_identity"), "addons/tenants/data/defaults/addons/s3-chart/pod_identity", "unread-file"},
	{"fleet-secret misspelt", move("addons/tenants/data/defaults/fleet/fleet-secret",
		"addons/tenants/data/defaults/fleet/fleet-secrets"), "addons/tenants/data/defaults/fleet/fleet-secrets", "unread-file"},
	{"application-sets misspelt", move(retail+"environments/prod/defaults/application-sets",
		retail+"environments/prod/defaults/applicationsets"), retail + "environments/prod/defaults/applicationsets", "unread-file"},
	{"values in the wrong group", move("addons/tenants/data/environments/prod/defaults/addons/karpenter",
		"addons/tenants/data/environments/prod/defaults/monitoring/karpenter"),
		"addons/tenants/data/environments/prod/defaults/monitoring/karpenter", "unread-file"},
	{"values without the group", move(retail+"defaults/addons/external-dns", retail+"defaults/external-dns"),
		retail + "defaults/external-dns", "unread-file"},
	{"values of another tenant's cluster", move("addons/tenants/payments/clusters/payments-prod-1",
		"addons/tenants/data/clusters/payments-prod-1"), "addons/tenants/data/clusters/payments-prod-1", "unread-file"},
	{"a copy of a file", add(retail+"defaults/addons/external-dns/values.yaml.bak", "a: 1\n"),
		retail + "defaults/addons/external-dns/values.yaml.bak", "unread-file"},
	{"a component file that no group names", add("charts/application-sets/values/extra.yaml", "x: {enabled: true}\n"),
		"charts/application-sets/values/extra.yaml", "unread-file"},
	{"a component file with another extension", move(addons, "charts/application-sets/values/addons.yml"), "charts/application-sets/values/addons.yml", ""},
	{"settings of a group that does not exist", add(retail+"defaults/application-sets/addon.yaml", "a: 1\n"),
		retail + "defaults/application-sets/addon.yaml", "unread-file"},
	{"members of a hub misspelt", move("fleet/fleet-bootstrap/fleet-members/hub-prod", "fleet/fleet-bootstrap/fleet-members/hub-prd"), "fleet/fleet-bootstrap/fleet-members/hub-prd", ""},

	{"settings in the wrong place", move(retail+"environments/np/application-sets/addons.yaml", retail+"environments/np/addons.yaml"),
		retail + "environments/np/addons.yaml", "unread-file"},
	{"values beside their directory", move("addons/bootstrap/defaults/addons/cert-manager/values.yaml",
		"addons/bootstrap/defaults/addons/cert-manager.yaml"), "addons/bootstrap/defaults/addons/cert-manager.yaml", "unread-file"},
	{"an overlay of another component", move("resources/tenants/payments/defaults/resources/namespace-baseline",
		"resources/tenants/payments/defaults/resources/namespaces-baseline"), "resources/tenants/payments/defaults/resources/namespaces-baseline", "unread-file"},
	{"bootstrap misspelt", move("resources/bootstrap", "resources/bootstap"), "resources/bootstap", "unread-file"},
	{"a hub's directory misspelt", move("addons/control-plane", "addons/controlplane"), "addons/controlplane", ""},

	// Keys.
	{"a setting misspelt", replace(catalog, "useSelectors: ", "useSelector: "), catalog, ""},
	{"a component key misspelt", replace(addons, "  defaultVersion: \"8.1.4\"", "  chartVersion: \"8.1.4\""), addons, ""},
	{"enabled misspelt", replace(addons, "cert_manager:\n  enabled: true", "cert_manager:\n  enable: true"), addons, ""},
	{"a component misspelt in a level", add(retail+"environments/np/application-sets/addons.yaml", "cert-manger:\n  enabled: false\n"),
		retail + "environments/np/application-sets/addons.yaml", ""},
	{"a dash in place of an underscore", add(retail+"environments/np/application-sets/addons.yaml", "cert-manager:\n  enabled: false\n"),
		retail + "environments/np/application-sets/addons.yaml", ""},
	{"namespace misspelt", replace(addons, "external-dns:\n  enabled: true", "external-dns:\n  namepsace: dns\n  enabled: true"), addons, ""},
	{"a member's key misspelt", replace(members+"retail-np-1.yaml", "environment: np", "enviroment: np"), members + "retail-np-1.yaml", ""},
	{"a key of fleet.yaml misspelt", replace("fleet.yaml", "  catalog: ", "  catalogue: "), "fleet.yaml", ""},
	{"a group's key misspelt", replace("fleet.yaml", "      components: [monitoring]", "      component: [monitoring]"), "fleet.yaml", ""},
	{"a release's key misspelt", replace(releases, "      chartRepoRevision: next", "      chartRevision: next"), releases, ""},
	{"useSelectors in quotes", replace("fleet.yaml", "components: [monitoring]\n      useSelectors: true", "components: [monitoring]\n      useSelectors: \"yes\""), "fleet.yaml", ""},
	{"enabled is no switch", replace(addons, "cert_manager:\n  enabled: true", "cert_manager:\n  enabled: yess"), addons, ""},

	// Labels.
	{"a label misspelt", replace("addons/tenants/data/defaults/fleet/fleet-secret/values.yaml", "enable_karpenter:", "enable_karpentr:"),
		"addons/tenants/data/defaults/fleet/fleet-secret/values.yaml", "unknown-label"},
	{"a label with a capital value", replace("addons/tenants/data/defaults/fleet/fleet-secret/values.yaml", "enable_karpenter: \"true\"", "enable_karpenter: \"True\""),
		"addons/tenants/data/defaults/fleet/fleet-secret/values.yaml", "unknown-label"},
	{"a label that says yes", replace("fleet.yaml", "enable_loki: \"true\"", "enable_loki: \"yes\""), "fleet.yaml", "unknown-label"},
	{"a label with a dash", replace("addons/tenants/retail/defaults/fleet/fleet-secret/values.yaml", "enable_external_dns", "enable-external-dns"),
		"addons/tenants/retail/defaults/fleet/fleet-secret/values.yaml", "unknown-label"},
	{"a label of no component", replace("fleet.yaml", "enable_loki: \"true\"", "enable_loki: \"true\"\n        enable_velero: \"true\""), "fleet.yaml", "unknown-label"},
	{"a label of a member's hub misspelt", replace("fleet.yaml", "enable_grafana_operator", "enable_grafana_operater"), "fleet.yaml", "unknown-label"},
	{"the selector's label misspelt", replace(addons, "{key: enable_reloader,", "{key: enable_relaoder,"), addons, "selects-nobody"},
	{"the selector's value misspelt", replace(addons, "{key: enable_reloader, operator: In, values: [\"true\"]}", "{key: enable_reloader, operator: In, values: [\"True\"]}"), addons, "selects-nobody"},
	{"an environment that is none", replace(addons, "{key: enable_reloader, operator: In, values: [\"true\"]}", "{key: environment, operator: In, values: [\"production\"]}"), addons, "selects-nobody"},
	{"a tenant that is none", replace(addons, "  selectorMatchLabels:\n    fleet_member: hub-cluster", "  selectorMatchLabels:\n    fleet_member: hub"), addons, "selects-nobody"},
	{"a tenant misspelt in the member", replace(members+"retail-np-1.yaml", "tenant: retail", "tenant: retial"), members + "retail-np-1.yaml", ""},
	{"an environment misspelt in the member", replace(members+"retail-np-1.yaml", "environment: np", "environment: npp"), members + "retail-np-1.yaml", ""},
	{"no selector at all", replace(addons, "\n  selector:\n    matchExpressions:\n      - {key: enable_reloader, operator: In, values: [\"true\"]}", ""), addons, "selects-everybody"},

	// Releases.
	{"a release that is none", replace("fleet.yaml", "addonsRelease: stable", "addonsRelease: stabel"), "fleet.yaml", ""},
	{"a release misspelt", replace(releases, "    - type: next", "    - type: nxt"), releases, ""},
	{"a group of releases misspelt", replace(releases, "  monitoring:", "  monitorings:"), releases, ""},
	{"a version for an environment that is none", replace(addons, "    - selector: {environment: np}\n      chartVersion: \"v1.18.2\"", "    - selector: {environment: nonprod}\n      chartVersion: \"v1.18.2\""), addons, ""},

	// Numbers and addresses.
	{"a version without quotes", replace(addons, "defaultVersion: \"1.17.0\"", "defaultVersion: 1.10"), addons, "number-as-string"},
	{"an account without quotes", replace("fleet.yaml", "aws_account_id: \"100000000001\"", "aws_account_id: 100000000001"), "fleet.yaml", ""},
	{"a tag without quotes", add("addons/bootstrap/defaults/addons/cert-manager/values.yaml", "image:\n  tag: 1.20\n"), "addons/bootstrap/defaults/addons/cert-manager/values.yaml", "number-as-string"},
	{"an account with a leading zero", add("addons/bootstrap/defaults/addons/cert-manager/values.yaml", "accountId: 012345678901\n"), "addons/bootstrap/defaults/addons/cert-manager/values.yaml", "number-as-string"},
	{"a scheme misspelt", replace(addons, "https://charts.jetstack.io", "htps://charts.jetstack.io"), addons, "url"},
	{"a scheme without a colon", replace(addons, "https://charts.jetstack.io", "https//charts.jetstack.io"), addons, "url"},
	{"a scheme with one slash", replace(addons, "https://charts.jetstack.io", "https:/charts.jetstack.io"), addons, "url"},
	{"no scheme", replace(addons, "https://charts.jetstack.io", "charts.jetstack.io"), addons, "url"},
	{"a repository without a scheme", replace("addons/bootstrap/defaults/fleet/fleet-secret/values.yaml", "https://git.example.com/platform", "git.example.com/platform"), "addons/bootstrap/defaults/fleet/fleet-secret/values.yaml", "url"},
	{"oci for a chart repository", replace(addons, "https://charts.jetstack.io", "oci://charts.jetstack.io"), addons, ""},

	// Credentials.
	{"a password", add("addons/bootstrap/defaults/addons/cert-manager/values.yaml", "adminPassword: S3cret!pass\n"), "addons/bootstrap/defaults/addons/cert-manager/values.yaml", "secrets"},
	{"an access key", add("addons/bootstrap/defaults/addons/cert-manager/values.yaml", "env: {KEY: AKIAQ3EGRXAMPLE7ABCD}\n"), "addons/bootstrap/defaults/addons/cert-manager/values.yaml", "secrets"},
	{"a token", add("addons/bootstrap/defaults/addons/cert-manager/values.yaml", "token: ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"), "addons/bootstrap/defaults/addons/cert-manager/values.yaml", "secrets"},

	// Who deploys.
	{"a central spoke that claims its own Argo CD", replace(members+"data-prod-1.yaml", "enable_remote_addons: \"false\"", "enable_remote_addons: \"true\""), members + "data-prod-1.yaml", ""},
	{"global selectors that exclude spokes", replace("fleet.yaml", "    monitoring:\n      path: addons", "    monitoring:\n      globalSelectors: {fleet_member: hub-cluster}\n      path: addons"), "fleet.yaml", ""},
}

// deepSeeds are mistakes that only the stage manifests shows.
var deepSeeds = []seed{
	{"a key that the chart does not know", replace("resources/tenants/defaults/resources/karpenter-nodes/values.yaml",
		"limits:", "limitz:"), "resources/tenants/defaults/resources/karpenter-nodes/values.yaml", "dead-value"},
	{"a key at the wrong place", replace("resources/tenants/defaults/resources/karpenter-nodes/values.yaml",
		"limits:\n  cpu: \"100\"", "cpu: \"100\""), "resources/tenants/defaults/resources/karpenter-nodes/values.yaml", "dead-value"},
}
