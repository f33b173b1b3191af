#!/usr/bin/env bash
# Builds a release twice, here and in a clone in another directory, and compares what was built byte for byte. Then runs
# the tests of the release: what is in archives and packages, and an installation in which every command runs.
#
#   check.sh [PLATFORM...]    such as linux_amd64; by default all. RELEASE_GOCACHE=new: the clone compiles
#                             everything anew
set -euo pipefail
cd "$(dirname "$0")/../../.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

internal/tools/release/release.sh "$@"

# Uncommitted changes are part of what is built here, and of the clone too.
git clone --quiet --no-local . "$work/elsewhere"
git diff --binary HEAD | git -C "$work/elsewhere" apply --allow-empty --whitespace=nowarn -
for tag in $(git tag --points-at HEAD); do git -C "$work/elsewhere" tag -f "$tag" >/dev/null; done
mkdir "$work/elsewhere/bin"
ln "$root"/bin/{goreleaser,cyclonedx-gomod} "$work/elsewhere/bin" 2>/dev/null ||
	cp "$root"/bin/{goreleaser,cyclonedx-gomod} "$work/elsewhere/bin"
if [ "${RELEASE_GOCACHE:-}" = new ]; then export GOCACHE=$work/gocache; fi
(umask 077 && HOSTNAME=elsewhere "$work/elsewhere/internal/tools/release/release.sh" "$@")
unset GOCACHE
if ! diff -r "$root/dist" "$work/elsewhere/dist"; then
	echo "check.sh: two builds of one commit differ" >&2
	exit 1
fi
echo "two builds are the same, byte for byte"

exec go test -C internal/tools/release -count=1 ./...
