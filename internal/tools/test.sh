#!/usr/bin/env bash
# go test with the arguments given. Where it fails, what failed is said once more at the end, since whoever reads the
# log of a long run often has its end alone.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
	printf '\n=== what failed\n'
	# A failed test with what it said, up to the next one or the end of its package; panics and races; packages.
	awk '
		/^ *--- FAIL: / { inside = 1 }
		/^ *(--- (PASS|SKIP): |=== )/ || /^(ok|FAIL|PASS|exit status|\?|[IWE][0-9]+ )/ { inside = 0 }
		/^(panic: |fatal error: |WARNING: DATA RACE)/ { inside = 60 }
		/^(FAIL\t|# |.*: build failed)/ { print; next }
		inside { print substr($0, 1, 500); if (inside > 1 && --inside == 1) inside = 0 }
	' "$log" | tail -n 150
fi
exit "$status"
