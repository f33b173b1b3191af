#!/usr/bin/env bash
# Compares bin/cmp with the parity corpus and with the real fleet beside it. The argument is the corpus; nothing is
# written there. Without a corpus there is nothing to compare, which is no failure.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
corpus=${1:-$root/../shared/parity}
if [ ! -d "$corpus/visible" ]; then
	echo "parity: no corpus in $corpus, nothing compared"
	exit 0
fi
corpus=$(cd "$corpus" && pwd)
export PATH=$root/bin:$PATH

checker=$root/bin/parity-checker
GOFLAGS=-mod=readonly go build -C "$corpus/checker" -buildvcs=false -o "$checker" .
failed=0
# shellcheck disable=SC2016 # the checker's shell expands the variables
"$checker" -cmd 'cmp render --catalog "$CASE_CATALOG" --release-name "$CASE_RELEASE" --allow-empty $CASE_VALUES_FLAGS' \
	"$corpus/visible" || failed=1

fleet=$corpus/../fleet
if [ -d "$fleet" ]; then
	cd "$fleet"
	for group in addons monitoring fleet; do
		echo "real fleet, group $group:"
		cmp render addons --group "$group" --cluster hub-cluster-np --release default |
			"$checker" -expected "$corpus/fleet/hub-$group.json" || failed=1
	done
fi
exit "$failed"
