#!/usr/bin/env bash
# Builds what a release has into dist/: archives, packages, SBOMs, checksums and, of all platforms, a Homebrew formula.
# The version is that of the tag, such as v1.2.3; of another commit, it says which one it is. Two builds of a commit
# have the same bytes.
#
#   release.sh [PLATFORM...]    such as linux_amd64; by default all of .goreleaser.yaml
set -euo pipefail
cd "$(dirname "$0")/../../.."
umask 022
export LC_ALL=C TZ=UTC
VERSION=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null ||
	echo "v0.0.0-g$(git describe --always --abbrev=12 --dirty)")
VERSION=${VERSION#v}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
COMMIT_DATE=$(git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
export VERSION SOURCE_DATE_EPOCH COMMIT_DATE

config=.goreleaser.yaml
if [ $# -gt 0 ]; then
	mkdir -p bin
	config=bin/goreleaser.yaml
	sed "s/&targets \[.*\]/\&targets [$(printf '%s, ' "$@" | sed 's/, $//')]/" .goreleaser.yaml >"$config"
fi
# One after the other, since executables are in an archive in the order in which they were built. Nothing is published
# here.
PATH="$PWD/bin:$PATH" bin/goreleaser release --config "$config" --snapshot --clean \
	--skip=publish,announce --parallelism 1

# What remains is what is published.
find dist -mindepth 1 -maxdepth 1 -type d -exec rm -r {} +
rm dist/config.yaml dist/artifacts.json dist/metadata.json
if [ $# -eq 0 ]; then internal/tools/release/formula.sh dist/checksums.txt >dist/fleet-cmp.rb; fi
