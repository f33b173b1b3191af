#!/usr/bin/env bash
# Checks the modules in manifests/terraform with OpenTofu, without AWS and without providers: their form and syntax,
# wrong inputs (contract/tests), and what they evaluate: the JSON of the secrets and the objects of a bootstrap, in
# testdata. OpenTofu is built once, into CMP_E2E_CACHE; a second run takes it from there.
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
	CGO_ENABLED=0 go build -C "$module" -mod=readonly -trimpath -buildvcs=false -ldflags '-s -w' -o "$tofu.new" \
		github.com/opentofu/opentofu/cmd/tofu
	mv "$tofu.new" "$tofu"
fi
exec 9>&-

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# No settings of the machine count.
export TF_CLI_CONFIG_FILE=$work/none.tofurc
: >"$TF_CLI_CONFIG_FILE"

# Names of arguments, without the providers: what their packages of npm say is in the table.
(cd "$module" && go build -mod=readonly -buildvcs=false -o "$work/arguments" ./arguments)
modules=manifests/terraform
"$work/arguments" "$module/arguments/table.json" "$modules"/modules/{hub,spoke,identity,manifest} \
	"$modules"/examples/* \
	"$modules/contract"

"$tofu" fmt -check -diff -recursive manifests/terraform

# A copy: OpenTofu writes beside what it evaluates.
cp -R manifests/terraform/. "$work"
contract=$work/contract
go run ./cmd/cmp render testdata/fleet/fleet --stage bootstrap --cluster hub-prod >"$contract/bootstrap.yaml"
# Resources need providers, the rules for variables do not.
for module in hub spoke; do
	mkdir "$contract/variables-of-$module"
	cp "$work/modules/$module/variables.tf" "$contract/variables-of-$module"
done
"$tofu" -chdir="$contract" init -input=false -no-color >/dev/null
"$tofu" -chdir="$contract" validate -no-color >/dev/null
"$tofu" -chdir="$contract" apply -auto-approve -input=false -no-color >/dev/null
"$tofu" -chdir="$contract" test -no-color >"$work/test.log" 2>&1 || { cat "$work/test.log" >&2; exit 1; }
failed=0
update=${1:-}
same() { # $1: what was made, $2: the file in the repository
	if [ "$update" = -update ]; then
		mkdir -p "$(dirname "$2")"
		cp "$1" "$2"
	elif ! git diff --no-index --quiet "$2" "$1"; then
		echo "terraform: $2 is not what is made now: make terraform TERRAFORMFLAGS=-update, then run the tests" >&2
		failed=1
	fi
}
for name in hub spoke bootstrap; do
	"$tofu" -chdir="$contract" output -raw "$name" >"$work/$name.json"
done
same "$work/hub.json" hierarchy/secretsmanager/testdata/terraform/hub.json
same "$work/spoke.json" hierarchy/secretsmanager/testdata/terraform/spoke.json
same "$work/bootstrap.json" manifests/testdata/bootstrap.json
same "$contract/bootstrap.yaml" manifests/testdata/bootstrap.yaml
exit "$failed"
