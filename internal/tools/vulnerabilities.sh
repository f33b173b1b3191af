#!/usr/bin/env bash
# Asks govulncheck which known vulnerabilities the dependencies of the programs have: those that cmp and cmp-server
# call, and those in packages that cmp-stages links. Calls in that one take more than 8 GiB to follow; CALLS=all does.
# The database comes as a module from the Go module proxy (golang.org/x/vulndb), as new as that is; VULNDB names
# another, such as https://vuln.go.dev.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 GOFLAGS=-trimpath
tools=$PWD/bin/vulnerabilities
go build -C internal/tools/vulnerabilities -buildvcs=false -o "$tools/" \
	golang.org/x/vuln/cmd/govulncheck golang.org/x/vulndb/cmd/indexdb
go build -buildvcs=false -o "$tools/" ./internal/tools/advisories

database=${VULNDB:-}
if [ -z "$database" ]; then
	read -r version directory < <(cd "$tools" &&
		GOFLAGS=-mod=mod GOWORK=off go mod download -json golang.org/x/vulndb@latest |
		awk -F '"' '$2 == "Version" {version = $4} $2 == "Dir" {print version, $4}')
	rm -rf "$tools/database"
	"$tools/indexdb" -vulns "$directory/data/osv" -out "$tools/database"
	database=file://$tools/database
	echo "database: golang.org/x/vulndb $version"
fi
scan=package
if [ "${CALLS:-}" = all ]; then scan=symbol; fi
"$tools/govulncheck" -db "$database" -format json ./cmd/cmp ./cmd/cmp-server >"$tools/found.json"
"$tools/govulncheck" -db "$database" -format json -scan "$scan" ./cmd/cmp-stages >>"$tools/found.json"
"$tools/advisories" internal/tools/advisories/accepted <"$tools/found.json"
