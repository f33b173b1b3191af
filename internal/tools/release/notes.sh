#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a release: the part below "## [1.2.3] - 2026-01-31". Of a candidate such as
# v1.2.3-rc.1, that of the release, or what is below "## [Unreleased]".
#
#   notes.sh v1.2.3
set -euo pipefail
cd "$(dirname "$0")/../../.."
version=${1#v}
part() { awk -v title="## [$1]" 'index($0, title) == 1 {inside = 1; next} /^## / {inside = 0} inside' CHANGELOG.md; }
notes=$(part "$version")
case $version in
*-*)
	notes=${notes:-$(part "${version%%-*}")}
	notes=${notes:-$(part Unreleased)}
	;;
esac
if [ -z "$notes" ]; then
	echo "notes.sh: CHANGELOG.md has no part \"## [$version]\": give what is unreleased that title" >&2
	exit 1
fi
printf '%s\n' "$notes"
