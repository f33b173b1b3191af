#!/usr/bin/env bash
# What one render of a group costs as a whole process, beside `helm template` with the chart in testdata/bench/chart and
# the files that the hierarchy gives for the same hub: component files, values.yaml of the catalog, levels. The Makefile
# builds the programs and sets the variables. Paths must not contain blanks, since compare splits commands at them.
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${FLEET:?the folder of a fleet}" "${HUB:?the name of its hub}" "${ENVIRONMENT:?the environment of the hub}"
: "${LANE:?the release lane}" "${SETTINGS:?what fleet.yaml sets for the group, as for helm --set}"
: "${RUNS:=20}" "${MAX_RATIO:=0}" "${MAX_PEAK_RATIO:=0}"
group=addons
tenant=control-plane
catalog=$FLEET/charts/application-sets
app=$FLEET/addons

files=("$catalog/values/addons.yaml" "$catalog/values/ack.yaml" "$catalog/values.yaml" "$app/bootstrap/defaults/$group.yaml")
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
helm+=" --set applicationSetGroup=$group,releaseType=$LANE,releases.${group}Release=$LANE,$SETTINGS"
cmp="bin/cmp render $app --group $group --cluster $HUB --release $LANE"

# Both must do the same job, else the numbers say nothing.
ours=$($cmp | grep -c '^kind: ApplicationSet$') || { echo "bench: no ApplicationSet from: $cmp" >&2; exit 1; }
theirs=$($helm | grep -c '^kind: ApplicationSet$') || { echo "bench: no ApplicationSet from: $helm" >&2; exit 1; }
echo "$FLEET, $group of $HUB: $ours ApplicationSets from cmp, $theirs from helm $(bin/helm version --short)"
if [ "$ours" != "$theirs" ]; then
	echo "bench: the numbers of ApplicationSets differ, so the costs are not comparable" >&2
	exit 1
fi
bin/compare -n "$RUNS" -max-ratio "$MAX_RATIO" -max-peak-ratio "$MAX_PEAK_RATIO" -a "$cmp" -b "$helm"
