#!/usr/bin/env bash
# The end-to-end tests in e2e/: a real argocd-repo-server and argocd-cmp-server of each Argo CD version, with Redis, and
# a whole hub with the newest, etcd and a Kubernetes API server, all as plain processes on loopback (Linux only). They
# are built once, into CMP_E2E_CACHE; a second run takes them from there.
#
#   e2e.sh [ARGUMENTS OF GO TEST]      all tests
#   e2e.sh bench                       what GenerateManifest costs: the plugin servers beside Argo CD's own sources
#   e2e.sh page                        the pages of cmp diff and cmp page in a browser, without the others;
#                                      CMP_E2E_NIGHTLY=1: of 25,000 Applications; CMP_E2E_SCREENSHOTS=DIR keeps
#                                      pictures of them
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
cache=${CMP_E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fleet-cmp-e2e}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

say() { printf '== %s (%d s)\n' "$*" "$SECONDS" >&2; }

# toolchain MODULE: the Go that go.mod of a directory names, where that is another than the one of the main module,
# which GOTOOLCHAIN=local would not fetch.
toolchain() {
	local named
	named=$(awk '$1 == "toolchain" {print $2}' "$1/go.mod")
	echo "${named:-$(go env GOTOOLCHAIN)}"
}

# release MODULE DEPENDENCY: the version of a module that go.mod of a directory names.
release() { awk -v name="$2" '{sub(/^require /, "")} $1 == name && $2 ~ /^v/ {print $2; exit}' "$1/go.mod"; }

# build NAME MODULE PACKAGE PROGRAM [LDFLAGS]: builds a program with the versions that go.mod of the directory MODULE
# names, unless the cache has it. Sets $directory to where it is. Two runs at once are one after the other.
build() {
	local name=$1 module=$2 package=$3 program=$4 ldflags=${5:-} key
	local -x GOTOOLCHAIN
	GOTOOLCHAIN=$(toolchain "$module")
	key=$(
		declare -f build "prepare_$program" || true
		cd "$module"
		go env GOVERSION GOOS GOARCH
		cat go.mod go.sum
		if [ -f "$package/main.go" ]; then cat "$package/main.go"; fi
	)
	key=$(sha256sum <<<"$key" | cut -c 1-16)
	directory=$cache/$name-$key
	exec 9>"$cache/$name.lock"
	flock 9
	if [ ! -d "$directory" ]; then
		say "building $name, once"
		rm -rf "$directory.new"
		CGO_ENABLED=0 nice -n 10 go build -C "$module" -mod=readonly -trimpath -buildvcs=false \
			-ldflags "-s -w $ldflags" -o "$directory.new/$program" "$package"
		if declare -f "prepare_$program" >/dev/null; then "prepare_$program" "$directory.new" "$module"; fi
		mv "$directory.new" "$directory"
	fi
	touch "$directory"
	exec 9>&-
}

# One file is all programs of Argo CD; its name chooses which.
prepare_argocd() {
	local version source
	for program in argocd-{cmp-server,repo-server,git-ask-pass,application-controller,applicationset-controller}; do
		ln -s argocd "$1/$program"
	done
	read -r version source < <(cd "$2" && go list -m -f '{{.Version}} {{.Dir}}' all |
		grep '/github.com/argoproj/argo-cd/v[0-9]*@')
	install -m 0755 "$source/hack/git-verify-wrapper.sh" "$1/"
	install -m 0644 -D -t "$1/crds" "$source"/manifests/crds/*-crd.yaml
	echo "$version" >"$1/version"
}

# Argo CD deploys these definitions to clusters.
prepare_externalsecrets() {
	local source
	source=$(cd "$2" && go list -m -f '{{.Dir}}' github.com/external-secrets/external-secrets)/config/crds/bases
	install -m 0644 -D -t "$1/crds" "$source"/external-secrets.io_{externalsecrets,secretstores}.yaml \
		"$source"/generators.external-secrets.io_ecrauthorizationtokens.yaml
}

for tool in go git flock; do
	command -v "$tool" >/dev/null || { echo "e2e: $tool is missing" >&2; exit 1; }
done
# installed PACKAGE: installs a package of the system.
installed() {
	local admin=
	say "installing $1"
	if [ "$(id -u)" -ne 0 ]; then admin="sudo -n"; fi
	{ $admin apt-get -qq update && $admin apt-get -qq install -y --no-install-recommends "$1"; } >/dev/null ||
		{ echo "e2e: install $1" >&2; exit 1; }
}

# What the tests of the page need: a Chromium, which CHROMIUM can name.
CMP_E2E_CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$CMP_E2E_CHROMIUM" ] && [ "${1:-}" != bench ]; then
	installed chromium
	CMP_E2E_CHROMIUM=$(command -v chromium)
fi
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o bin/ ./internal/tools/bigfleet
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o bin/ ./cmd/cmp ./cmd/cmp-stages ./cmd/cmp-server
export CMP_E2E_CHROMIUM CMP_E2E_BIGFLEET=$root/bin/bigfleet CMP_E2E_CMP=$root/bin/cmp
if [ "${1:-}" = page ]; then
	shift
	GOTOOLCHAIN=$(toolchain e2e) exec go test -C e2e -count=1 -timeout 30m "$@" ./browser
fi

if ! command -v redis-server >/dev/null; then installed redis-server; fi

# Each Argo CD, and the Helm and Kustomize that its image ships: e2e/go.mod and e2e/argocd-v2/go.mod have all three,
# since most of their dependencies are the same.
CMP_E2E_ARGOCD= CMP_E2E_HELM= CMP_E2E_KUSTOMIZE=
for major in 2 3; do
	module=e2e package=./argocd-v3 helm=4
	if [ "$major" = 2 ]; then module=e2e/argocd-v2 package=. helm=3; fi
	build "argocd-$(release "$module" github.com/argoproj/argo-cd/v$major)" "$module" "$package" argocd
	CMP_E2E_ARGOCD+="${CMP_E2E_ARGOCD:+:}$directory"
	version=$(release "$module" helm.sh/helm/v$helm) package=helm.sh/helm/v$helm
	build "helm-$version" "$module" $package/cmd/helm helm \
		"-X $package/internal/version.version=$version -X $package/internal/version.metadata="
	CMP_E2E_HELM+="${CMP_E2E_HELM:+:}$directory"
	version=$(release "$module" sigs.k8s.io/kustomize/kustomize/v5)
	build "kustomize-$version" "$module" sigs.k8s.io/kustomize/kustomize/v5 kustomize \
		"-X sigs.k8s.io/kustomize/api/provenance.version=$version"
	CMP_E2E_KUSTOMIZE+="${CMP_E2E_KUSTOMIZE:+:}$directory"
done
kubernetes=$(release e2e k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${kubernetes#v}"
version=k8s.io/component-base/version
build "kube-apiserver-$kubernetes" e2e k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver \
	"-X $version.gitVersion=$kubernetes -X $version.gitMajor=$major -X $version.gitMinor=$minor"
CMP_E2E_KUBERNETES=$directory
build etcd e2e go.etcd.io/etcd/server/v3 etcd
CMP_E2E_KUBERNETES+=:$directory
build garbagecollector e2e ./garbagecollector garbagecollector
CMP_E2E_KUBERNETES+=:$directory
build externalsecrets e2e/externalsecrets . externalsecrets
CMP_E2E_EXTERNAL_SECRETS=$directory
build registry e2e/registry . registry
CMP_E2E_REGISTRY=$directory/registry
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +

GOTOOLCHAIN=$(toolchain e2e)
export GOTOOLCHAIN CMP_E2E_ARGOCD CMP_E2E_KUBERNETES CMP_E2E_EXTERNAL_SECRETS CMP_E2E_HELM CMP_E2E_KUSTOMIZE
export CMP_E2E_REGISTRY

if [ "${1:-}" = bench ]; then
	shift
	exec go test -C e2e -count=1 -timeout 30m -v -tags speed -run '^Test(Speed|Throughput)$' "$@" .
fi
say "testing"
exec internal/tools/test.sh -C e2e -count=1 -timeout 60m "$@" ./...
