#!/usr/bin/env bash
# What the stages after applicationsets cost as a whole process, for fleets that bigfleet writes: how the time grows
# with the number of clusters, and beside a loop of `helm template` with the same chart and values files. The Makefile
# builds the programs.
#
#   bench-stages.sh                  all comparisons
#   bench-stages.sh helm FLEET       the loop: what `cmp render FLEET -A --stage manifests` prints, by helm
#   bench-stages.sh diff HOW A B     what differs between two fleets, by two of the loops (helm) or two renders (render)
set -euo pipefail
cd "$(dirname "$0")/../.."

helm() {
	local fleet=$1 member name tenant environment number
	for member in "$fleet"/fleet/fleet-bootstrap/fleet-members/hub/*.yaml; do
		name=$(basename "$member" .yaml)
		tenant=$(awk '$1 == "tenant:" {print $2}' "$member")
		environment=$(awk '$1 == "environment:" {print $2}' "$member")
		for number in {00..24}; do
			addon=addons/addon-$number/values.yaml
			bin/helm template "addon-$number" "$fleet/charts/addon" --namespace "addon-$number" \
				-f "$fleet/addons/bootstrap/defaults/$addon" -f "$fleet/addons/tenants/defaults/$addon" \
				-f "$fleet/addons/tenants/$tenant/defaults/$addon" \
				-f "$fleet/addons/tenants/$tenant/environments/$environment/defaults/$addon" \
				-f "$fleet/addons/tenants/$tenant/clusters/$name/$addon" --set "cluster=$name,owner=$tenant"
		done
	done
}
render() { bin/cmp render "$1" -A --stage manifests; }
case ${1:-} in
helm)
	helm "$2"
	exit
	;;
diff)
	directory=$(mktemp -d)
	trap 'rm -r "$directory"' EXIT
	"$2" "$3" >"$directory/before"
	"$2" "$4" >"$directory/after"
	diff "$directory/before" "$directory/after" || [ $? = 1 ] # it differs
	exit
	;;
esac

for clusters in 8 80 100 1000; do
	rm -rf "bin/bench-fleet-$clusters"
	bin/bigfleet "bin/bench-fleet-$clusters" "$clusters"
done
applications() { echo "bin/cmp render bin/bench-fleet-$1 -A --stage applications"; }
manifests() { echo "bin/cmp render bin/bench-fleet-$1 -A --stage manifests"; }

echo
echo "Applications of $($(applications 1000) | grep -c '^kind: Application$') (A)" \
	"and $($(applications 100) | grep -c '^kind: Application$') (B) addons:"
bin/compare -n 3 -max-ratio 11 -max-peak 1024 -max-wall 20s -a "$(applications 1000)" -b "$(applications 100)"

# A fleet whose members are registered: each has a secret, and the hub a region.
for clusters in 100 1000; do
	for member in "bin/bench-fleet-$clusters"/fleet/fleet-bootstrap/fleet-members/hub/*.yaml; do
		echo "secretManagerSecretName: fleet/$(basename "$member" .yaml)" >>"$member"
	done
	sed -i 's/annotations: {/&aws_region: eu-west-1, /' "bin/bench-fleet-$clusters/fleet.yaml"
done
registration() { echo "bin/cmp render bin/bench-fleet-$1 --stage registration --cluster hub"; }
echo
echo "clusters of 1,000 members (A) and 100 (B):"
bin/compare -n 3 -max-ratio 11 -max-peak 128 -max-wall 3s \
	-a "bin/cmp clusters bin/bench-fleet-1000" -b "bin/cmp clusters bin/bench-fleet-100"
echo
echo "registration: $($(registration 1000) | grep -c '^kind: ExternalSecret$') ExternalSecrets (A)" \
	"and $($(registration 100) | grep -c '^kind: ExternalSecret$') (B):"
bin/compare -n 3 -max-ratio 11 -max-peak 256 -max-wall 5s -a "$(registration 1000)" -b "$(registration 100)"

ours=$($(manifests 8) | grep -c '^kind: Deployment$')
theirs=$(helm bin/bench-fleet-8 | grep -c '^kind: Deployment$')
echo
echo "manifests of $ours addons with five values files each: cmp (A), and a loop of helm template (B):"
if [ "$ours" != "$theirs" ]; then
	echo "bench: helm has $theirs, so the costs are not comparable" >&2
	exit 1
fi
bin/compare -n 3 -max-ratio 0.333 -a "$(manifests 8)" -b "internal/tools/bench-stages.sh helm bin/bench-fleet-8"

echo
echo "manifests of ten times as many addons (A): the memory stays"
bin/compare -n 3 -max-peak-ratio 1.5 -a "$(manifests 80)" -b "$(manifests 8)"

# One line at the level of all tenants changes, which concerns one addon of each cluster.
for clusters in 8 100 1000; do
	rm -rf "bin/bench-fleet-$clusters-after"
	cp -r "bin/bench-fleet-$clusters" "bin/bench-fleet-$clusters-after"
	sed -i 's/limit: 10/limit: 11/' \
		"bin/bench-fleet-$clusters-after/addons/tenants/defaults/addons/addon-00/values.yaml"
done
difference() { echo "bin/cmp diff ./bin/bench-fleet-$1 ./bin/bench-fleet-$1-after --fail-on none"; }
beside() { echo "internal/tools/bench-stages.sh diff $1 bin/bench-fleet-$2 bin/bench-fleet-$2-after"; }
echo
echo "diff of a line that concerns 1,000 clusters (A), and 100 clusters (B):"
bin/compare -n 3 -max-ratio 11 -max-peak 512 -max-wall 10s -a "$(difference 1000)" -b "$(difference 100)"
echo
echo "diff of that line in 100 clusters (A), and of two whole renders (B):"
bin/compare -n 3 -max-ratio 0.5 -a "$(difference 100)" -b "$(beside render 100)"
echo
echo "diff of that line in 8 clusters (A), and of two loops of helm template (B):"
bin/compare -n 3 -max-ratio 0.1 -a "$(difference 8)" -b "$(beside helm 8)"
