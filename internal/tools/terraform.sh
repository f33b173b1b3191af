#!/usr/bin/env bash
# Checks the modules in manifests/terraform with OpenTofu, without AWS and without providers: their form and syntax, and the JSON
# of the secrets, which must be that in hierarchy/secretsmanager/testdata/terraform. OpenTofu is built once, into
# CMP_E2E_CACHE; a second run takes it from there.
#
#   terraform.sh            check
#   terraform.sh -update    write what OpenTofu evaluates into the test data
set -euo pipefail
cd "$(dirname "$0")/../.."
module=internal/tools/tofu
cache=${CMP_E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fleet-cmp-e2e}
mkdir -p "$cache"

GOTOOLCHAIN=$(awk '$1 == "toolchain" {print $2}' "$module/go.mod")
export GOTOOLCHAIN=${GOTOOLCHAIN:-$(go env GOTOOLCHAIN)}
key=$({ go env GOVERSION GOOS GOARCH; cat "$module/go.mod" "$module/go.sum"; } | sha256sum | cut -c 1-16)
tofu=$cache/tofu-$key
exec 9>"$cache/tofu.lock"
flock 9
if [ ! -x "$tofu" ]; then
	echo "== building OpenTofu, once" >&2
	CGO_ENABLED=0 go build -C "$module" -mod=readonly -trimpath -buildvcs=false -ldflags '-s -w' -o "$tofu.new" github.com/opentofu/opentofu/cmd/tofu
	mv "$tofu.new" "$tofu"
fi
exec 9>&-

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# No settings of the machine count.
export TF_CLI_CONFIG_FILE=$work/none.tofurc
: >"$TF_CLI_CONFIG_FILE"

"$tofu" fmt -check -diff -recursive manifests/terraform

# A copy: OpenTofu writes beside what it evaluates.
cp -R manifests/terraform/. "$work"
contract=$work/contract
"$tofu" -chdir="$contract" init -input=false -no-color >/dev/null
"$tofu" -chdir="$contract" validate -no-color >/dev/null
"$tofu" -chdir="$contract" apply -auto-approve -input=false -no-color >/dev/null
failed=0
for name in hub spoke; do
	"$tofu" -chdir="$contract" output -raw "$name" >"$work/$name.json"
	golden=hierarchy/secretsmanager/testdata/terraform/$name.json
	if [ "${1:-}" = -update ]; then
		mkdir -p "$(dirname "$golden")"
		cp "$work/$name.json" "$golden"
	elif ! git diff --no-index --quiet "$golden" "$work/$name.json"; then
		echo "terraform: OpenTofu makes another JSON than $golden: make terraform TERRAFORMFLAGS=-update, then run the tests" >&2
		failed=1
	fi
done
exit "$failed"
