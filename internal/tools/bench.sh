#!/usr/bin/env bash
# What one render of a group costs as a whole process, beside `helm template` with the chart in testdata/bench/chart and
# the files that the hierarchy gives for the same hub: component files, values.yaml of the catalog, levels. The Makefile
# builds the programs and sets the variables. Paths must not contain blanks, since compare splits commands at them.
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${FLEET:?the directory of a fleet}" "${HUB:?the name of its hub}" "${ENVIRONMENT:?the environment of the hub}"
: "${RELEASE:?the release}" "${SETTINGS:?what fleet.yaml sets for the group, as for helm --set}"
: "${RUNS:=20}" "${MAX_RATIO:=0}" "${MAX_PEAK_RATIO:=0}"
group=addons
tenant=control-plane
catalog=$FLEET/charts/application-sets
app=$FLEET/addons

files=("$catalog/values/addons.yaml" "$catalog/values/ack.yaml" "$catalog/values.yaml"
	"$app/bootstrap/defaults/$group.yaml")
for level in bootstrap/defaults bootstrap/default defaults \
	"$tenant/defaults" \
	"$tenant/environments/$ENVIRONMENT/defaults" "$tenant/environments/$ENVIRONMENT" \
	"$tenant/environments/$ENVIRONMENT/clusters/$HUB" "$tenant/clusters/$HUB"; do
	files+=("$app/$level/application-sets/$group.yaml")
done

helm="bin/helm template $group testdata/bench/chart"
for file in "${files[@]}"; do
	if [ -f "$file" ]; then helm+=" -f $file"; fi
done
helm+=" --set applicationSetGroup=$group,releaseType=$RELEASE,releases.${group}Release=$RELEASE,$SETTINGS"
cmp="bin/cmp render $app --group $group --cluster $HUB --release $RELEASE --offline"

# Both must do the same job, else the numbers say nothing.
ours=$($cmp | grep -c '^kind: ApplicationSet$') || { echo "bench: no ApplicationSet from: $cmp" >&2; exit 1; }
theirs=$($helm | grep -c '^kind: ApplicationSet$') || { echo "bench: no ApplicationSet from: $helm" >&2; exit 1; }
echo "$FLEET, $group of $HUB: $ours ApplicationSets from cmp, $theirs from helm $(bin/helm version --short)"
if [ "$ours" != "$theirs" ]; then
	echo "bench: the numbers of ApplicationSets differ, so the costs are not comparable" >&2
	exit 1
fi
bin/compare -n "$RUNS" -max-ratio "$MAX_RATIO" -max-peak-ratio "$MAX_PEAK_RATIO" -a "$cmp" -b "$helm"

# A large fleet: 1,000 components in 50 values files of 100 KiB, beside the first 10 of them.
large=bin/bench-large
mkdir -p "$large/catalog"
echo 'repoURLGit: https://git.example.com/fleet.git' >"$large/catalog/values.yaml"
for ((file = 0; file < 50; file++)); do
	awk -v file="$file" 'BEGIN {
		for (n = file * 20; size < 100 * 1024; n++) {
			text = sprintf("component-%04d:\n  enabled: true\n  namespace: ns-%d\n" \
				"  chartRepository: https://charts.example.com\n  defaultVersion: \"1.%d.0\"\n" \
				"  selectorMatchLabels: {ring: \"1\"}\n  valuesObject:\n    replicas: %d\n" \
				"    resources: {requests: {cpu: 100m, memory: %dMi}, limits: {cpu: 200m}}\n    extra-%d: [a, b, c]\n",
				n % 1000, n % 1000, file, file, file, file)
			size += length(text)
			printf "%s", text
		}
	}' >"$large/$(printf %02d "$file").yaml"
done
ten="bin/cmp render --catalog $large/catalog$(printf ' -f %s' "$large"/0?.yaml)"
fifty="bin/cmp render --catalog $large/catalog$(printf ' -f %s' "$large"/??.yaml)"
echo
echo "a large fleet: $($fifty 2>/dev/null | grep -c '^kind: ApplicationSet$') components," \
	"values files of 100 KiB: 50 (A) and 10 (B)"
bin/compare -n 3 -max-peak 300 -a "$fifty" -b "$ten" | sed -E 's/(A|B): (.{60}).*/\1: \2…/'
