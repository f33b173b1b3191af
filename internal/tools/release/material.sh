#!/usr/bin/env bash
# Makes what is in archives and packages beside the executables, in bin/release: the link cmp, completions and man
# pages. All of it is of the name fleet-cmp. goreleaser calls it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
umask 022
out=bin/release
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"
ln -s fleet-cmp "$out/cmp"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Of this machine, whatever the release is for.
export CGO_ENABLED=0
unset GOOS GOARCH
go build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/fleet-cmp" ./cmd/cmp
"$work/fleet-cmp" completion bash >"$out/completions/fleet-cmp.bash"
"$work/fleet-cmp" completion fish >"$out/completions/fleet-cmp.fish"
"$work/fleet-cmp" completion zsh >"$out/completions/_fleet-cmp"

go run -trimpath -buildvcs=false ./cmd/internal/manual -man "$out/man" -name fleet-cmp -version "v$VERSION"
for page in "$out"/man/*.1; do gzip -9n <"$page" >"$page.gz"; done
