#!/usr/bin/env bash
# The end-to-end tests in e2e/: a real argocd-repo-server and argocd-cmp-server of each Argo CD version, with Redis, and a
# whole hub with the newest, etcd and a Kubernetes API server, all as plain processes on loopback (Linux only). They are
# built once, into CMP_E2E_CACHE; a second run takes them from there.
#
#   e2e.sh [ARGUMENTS OF GO TEST]      all tests
#   e2e.sh bench                       what GenerateManifest costs: the plugin beside Argo CD's own Helm source
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
cache=${CMP_E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fleet-cmp-e2e}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

say() { printf '== %s (%d s)\n' "$*" "$SECONDS" >&2; }

# build NAME MODULE PACKAGE PROGRAM [LDFLAGS]: builds a program with the versions that go.mod of the folder MODULE names,
# unless the cache has it. Sets $folder to where it is. Two runs at once are one after the other.
build() {
	local name=$1 module=$2 package=$3 program=$4 ldflags=${5:-} key
	key=$(
		declare -f build "prepare_$program" || true
		cd "$module"
		go env GOVERSION GOOS GOARCH
		cat go.mod go.sum
		if [ -f "$package/main.go" ]; then cat "$package/main.go"; fi
	)
	key=$(sha256sum <<<"$key" | cut -c 1-16)
	folder=$cache/$name-$key
	exec 9>"$cache/$name.lock"
	flock 9
	if [ ! -d "$folder" ]; then
		say "building $name, once"
		rm -rf "$folder.new"
		CGO_ENABLED=0 nice -n 10 go build -C "$module" -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w $ldflags" -o "$folder.new/$program" "$package"
		if declare -f "prepare_$program" >/dev/null; then "prepare_$program" "$folder.new" "$module"; fi
		mv "$folder.new" "$folder"
	fi
	touch "$folder"
	exec 9>&-
}

# One file is all programs of Argo CD; its name chooses which.
prepare_argocd() {
	local version source
	for program in argocd-{cmp-server,repo-server,git-ask-pass,application-controller,applicationset-controller}; do
		ln -s argocd "$1/$program"
	done
	read -r version source < <(cd "$2" && go list -m -f '{{.Version}} {{.Dir}}' all | grep '/github.com/argoproj/argo-cd/v[0-9]*@')
	install -m 0755 "$source/hack/git-verify-wrapper.sh" "$1/"
	install -m 0644 -D -t "$1/crds" "$source"/manifests/crds/*-crd.yaml
	echo "$version" >"$1/version"
}

# Argo CD deploys these definitions to clusters.
prepare_externalsecrets() {
	local source
	source=$(cd "$2" && go list -m -f '{{.Dir}}' github.com/external-secrets/external-secrets)/config/crds/bases
	install -m 0644 -D -t "$1/crds" "$source"/external-secrets.io_{externalsecrets,secretstores}.yaml "$source"/generators.external-secrets.io_ecrauthorizationtokens.yaml
}

for tool in go git flock; do
	command -v "$tool" >/dev/null || { echo "e2e: $tool is missing" >&2; exit 1; }
done
if ! command -v redis-server >/dev/null; then
	say "installing redis-server"
	admin=
	if [ "$(id -u)" -ne 0 ]; then admin="sudo -n"; fi
	{ $admin apt-get -qq update && $admin apt-get -qq install -y --no-install-recommends redis-server; } >/dev/null ||
		{ echo "e2e: install redis-server" >&2; exit 1; }
fi

CMP_E2E_ARGOCD=
for module in e2e/argocd-v2 e2e; do
	package=.
	if [ "$module" = e2e ]; then package=./argocd-v3; fi
	build "argocd-$(awk '$1 ~ /^github.com\/argoproj\/argo-cd\/v[0-9]+$/ {print $2; exit}' <(sed 's/^require //' "$module/go.mod"))" "$module" "$package" argocd
	CMP_E2E_ARGOCD+="${CMP_E2E_ARGOCD:+:}$folder"
done
kubernetes=$(awk '$1 == "k8s.io/kubernetes" {print $2}' e2e/kubernetes/go.mod)
IFS=. read -r major minor _ <<<"${kubernetes#v}"
version=k8s.io/component-base/version
build "kube-apiserver-$kubernetes" e2e/kubernetes k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver \
	"-X $version.gitVersion=$kubernetes -X $version.gitMajor=$major -X $version.gitMinor=$minor"
CMP_E2E_KUBERNETES=$folder
build etcd e2e/kubernetes go.etcd.io/etcd/server/v3 etcd
CMP_E2E_KUBERNETES+=:$folder
build garbagecollector e2e/kubernetes ./garbagecollector garbagecollector
CMP_E2E_KUBERNETES+=:$folder
build externalsecrets e2e/externalsecrets . externalsecrets
CMP_E2E_EXTERNAL_SECRETS=$folder

# What repo-server runs for Helm charts and kustomizations: Helm 3 with Argo CD v2, Helm 4 with v3, as their images have it.
kustomize=$(awk '$1 == "sigs.k8s.io/kustomize/kustomize/v5" {print $2}' internal/tools/kustomize/go.mod)
build kustomize internal/tools/kustomize sigs.k8s.io/kustomize/kustomize/v5 kustomize "-X sigs.k8s.io/kustomize/api/provenance.version=$kustomize"
CMP_E2E_KUSTOMIZE=$folder
build helm internal/tools/helm helm.sh/helm/v3/cmd/helm helm
CMP_E2E_HELM=$folder
build helm4 e2e/helm4 helm.sh/helm/v4/cmd/helm helm
CMP_E2E_HELM+=:$folder
build registry e2e/registry . registry
CMP_E2E_REGISTRY=$folder/registry
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +

CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o bin/ ./cmd/cmp ./cmd/cmp-stages
export CMP_E2E_ARGOCD CMP_E2E_KUBERNETES CMP_E2E_EXTERNAL_SECRETS CMP_E2E_HELM CMP_E2E_KUSTOMIZE CMP_E2E_REGISTRY CMP_E2E_CMP=$root/bin/cmp

if [ "${1:-}" = bench ]; then
	shift
	exec go test -C e2e -count=1 -timeout 30m -v -tags speed -run '^TestSpeed$' "$@" .
fi
say "testing"
exec go test -C e2e -count=1 -timeout 60m "$@" ./...
