#!/usr/bin/env bash
# Prints the Homebrew formula of a release, with the version and the checksums of its archives.
#
#   formula.sh checksums.txt
set -euo pipefail
checksums=$1
version=$(sed -n 's/^[0-9a-f]\{64\}  fleet-cmp_\(.*\)_darwin_arm64\.tar\.gz$/\1/p' "$checksums")
replace=(-e "s|@version@|$version|g")
for platform in darwin_arm64 darwin_amd64 linux_arm64 linux_amd64; do
	sum=$(awk -v name="fleet-cmp_${version}_$platform.tar.gz" '$2 == name {print $1}' "$checksums")
	if [ "${#sum}" -ne 64 ]; then
		echo "formula.sh: $checksums has no archive for $platform" >&2
		exit 1
	fi
	replace+=(-e "s|@$platform@|$sum|g")
done
sed "${replace[@]}" "$(dirname "$0")/formula.rb"
