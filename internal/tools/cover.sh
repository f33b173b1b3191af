#!/usr/bin/env bash
# Statement coverage of the directories hierarchy and render, each by the tests of its own packages. Fails below
# COVER_MIN percent.
set -euo pipefail
cd "$(dirname "$0")/../.."
CGO_ENABLED=0 go test -trimpath -timeout 40m -coverprofile coverage.out ./hierarchy/... ./render/...
awk -v least="${COVER_MIN:-85}" '
	NR > 1 {
		match($1, /\/(hierarchy|render)\//)
		tree = substr($1, RSTART + 1, RLENGTH - 2)
		statements[tree] += $2
		if ($3 > 0) covered[tree] += $2
	}
	END {
		low = 0
		split("hierarchy render", trees)
		for (i = 1; i in trees; i++) {
			tree = trees[i]
			percent = statements[tree] ? 100 * covered[tree] / statements[tree] : 0
			printf "%s: %.1f %% of %d statements\n", tree, percent, statements[tree]
			if (percent < least) { printf "cover: %s is below %s %%\n", tree, least; low = 1 }
		}
		exit low
	}' coverage.out
