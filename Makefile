# Targets with a "## " comment are listed by "make help".

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Programs are static files; they carry the version above, so Go need not ask Git for one. Checks that need no other
# flags have these too (CGO_ENABLED=0, -trimpath): what is compiled for one of them serves all.
BUILDFLAGS := -trimpath -buildvcs=false
# The race detector needs cgo, that is a C compiler with its headers.
RACE ?= $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && \
	echo 'int main;' | $$(go env CC) -include stdlib.h -x c -E -o /dev/null - 2>/dev/null && echo -race)

TESTFLAGS ?=
TERRAFORMFLAGS ?=
FUZZTIME ?= 30s
COVER_MIN ?= 85
PLATFORMS ?=
PARITY_DIR ?= testdata/parity

# make bench: the fleet, its hub with the environment and the release to render, and the settings that its fleet.yaml
# gives the group; how often; and which times the cost of helm is a failure (0: none).
FLEET ?= testdata/parity/fleet/repository
HUB ?= hub-cluster-np
ENVIRONMENT ?= np
RELEASE ?= default
SETTINGS ?= globalSelectors.fleet_member=hub-cluster
RUNS ?= 20
MAX_RATIO ?= 0.5
MAX_PEAK_RATIO ?= 1
BENCH ?= .
BENCHFLAGS ?= -benchmem

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## build bin/cmp, bin/cmp-stages and bin/cmp-server
	mkdir -p bin
	CGO_ENABLED=0 go build $(BUILDFLAGS) -ldflags '-s -w -X main.version=$(VERSION)' -o bin/ \
		./cmd/cmp ./cmd/cmp-stages ./cmd/cmp-server

.PHONY: test
test: ## run all tests, with the race detector where there is a C compiler
	internal/tools/test.sh -timeout 60m $(RACE) $(TESTFLAGS) ./...

.PHONY: lint
lint: export CGO_ENABLED = 0
lint: export GOFLAGS += -trimpath
lint: bin/golangci-lint ## check formatting, go vet, golangci-lint
	@unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted (gofmt -w): $$unformatted" >&2; exit 1; fi
	go vet ./...
	bin/golangci-lint run ./...

.PHONY: cover
cover: ## coverage of hierarchy and render; fails below 85 %
	COVER_MIN='$(COVER_MIN)' internal/tools/cover.sh

.PHONY: e2e
e2e: ## run the end-to-end tests with real Argo CD servers (Linux; builds these once, outside the repository)
	internal/tools/e2e.sh

.PHONY: parity-report
parity-report: ## compare fixtures with real Argo CD servers, and write the counts into docs/parity.md
	internal/tools/e2e.sh -run '^TestParity$$' -update

.PHONY: bench-e2e
bench-e2e: ## time GenerateManifest: the plugin with either server, beside Argo CD's Helm and directory sources
	internal/tools/e2e.sh bench

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s)
	FUZZTIME='$(FUZZTIME)' internal/tools/fuzz.sh

.PHONY: nightly
nightly: FUZZTIME = 3m
nightly: ## what takes long: fuzz targets for FUZZTIME (3m), a thousand edits, 25,000 Applications, large repositories
	go run ./internal/tools/argocdschema
	COMPARE_EDITS=1000 go test -count=1 -timeout 2h -run '^TestRandomEdits$$' ./render/compare
	CMP_SERVER_REQUESTS=10000 go test -count=1 -timeout 1h -run '^TestTenants$$' ./cmd/internal/workers
	CMP_SERVER_BOMBS=1 go test -count=1 -timeout 1h -run '^TestBombAmongGoodRequests$$' ./cmd/cmp-stages
	CMP_E2E_NIGHTLY=1 internal/tools/e2e.sh page
	CMP_E2E_NIGHTLY=1 internal/tools/e2e.sh -v -run '^TestMemory$$'
	internal/tools/e2e.sh bench -run '^TestThroughput$$' -speed.apps 2500
	FUZZTIME='$(FUZZTIME)' internal/tools/fuzz.sh
	RELEASE_GOCACHE=new $(MAKE) release-check
	internal/tools/vulnerabilities.sh

.PHONY: parity
parity: ## compare with what the wrapper chart computes, as the corpus in PARITY_DIR has it
	PARITY_DIR='$(abspath $(PARITY_DIR))' go test -count=1 ./cmd/internal/parity

.PHONY: terraform
terraform: ## check manifests/terraform with OpenTofu (builds it once, outside the repository)
	internal/tools/terraform.sh $(TERRAFORMFLAGS)

.PHONY: alerts
alerts: ## check that Prometheus takes the queries in manifests/monitoring
	GOFLAGS=-trimpath CGO_ENABLED=0 go run -C internal/tools/promql . \
		'$(CURDIR)/manifests/monitoring/prometheusrule.yaml' '$(CURDIR)/manifests/monitoring/dashboard.json'

.PHONY: vulnerabilities
vulnerabilities: ## which known vulnerabilities of dependencies the programs call (VULNDB: another database)
	internal/tools/vulnerabilities.sh

.PHONY: bench
bench: build bin/helm bin/compare ## compare the cost of renders with helm template's; of whole fleets; Go benchmarks
	FLEET='$(FLEET)' HUB='$(HUB)' ENVIRONMENT='$(ENVIRONMENT)' RELEASE='$(RELEASE)' SETTINGS='$(SETTINGS)' \
	RUNS='$(RUNS)' MAX_RATIO='$(MAX_RATIO)' MAX_PEAK_RATIO='$(MAX_PEAK_RATIO)' internal/tools/bench.sh
	go build $(BUILDFLAGS) -o bin/bigfleet ./internal/tools/bigfleet
	internal/tools/bench-stages.sh
	go test -run '^$$' -bench '$(BENCH)' $(BENCHFLAGS) ./...

.PHONY: docs
docs: ## write the pages that are made of the program: of commands, keys, rules of lint
	go run ./cmd/internal/manual -markdown docs/commands
	go test -count=1 ./internal/reference -run '^TestPages$$' -update
	go test -count=1 ./render/lint -run '^TestExamplesOfRules$$' -update

.PHONY: man
man: ## write the pages for man into bin/man, for fleet-cmp
	go run ./cmd/internal/manual -man bin/man -name fleet-cmp -version '$(VERSION)'

.PHONY: pictures
pictures: ## make the pictures of the documents from the example fleet (needs Chromium)
	internal/tools/pictures.sh

.PHONY: schema
schema: ## read from Argo CD's sources which fields each version knows (internal/argocd/fields.json)
	go run ./internal/tools/argocdschema -update

.PHONY: release
release: bin/goreleaser bin/cyclonedx-gomod ## build what a release has into dist/, of all PLATFORMS (or of linux_amd64)
	internal/tools/release/release.sh $(PLATFORMS)

.PHONY: release-check
release-check: bin/goreleaser bin/cyclonedx-gomod ## build a release twice, compare, install, run every command
	internal/tools/release/check.sh $(PLATFORMS)

.PHONY: workflows
workflows: bin/actionlint ## check the workflows in .github
	bin/actionlint

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf bin dist coverage.out

# Tools are built from modules of their own, so that their dependencies stay out of go.mod.
bin/golangci-lint: internal/tools/lint/go.mod internal/tools/lint/go.sum
	CGO_ENABLED=0 go build -C internal/tools/lint $(BUILDFLAGS) -ldflags '-s -w' -o '$(CURDIR)/$@' \
		github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/actionlint: internal/tools/actionlint/go.mod internal/tools/actionlint/go.sum
	CGO_ENABLED=0 go build -C internal/tools/actionlint $(BUILDFLAGS) -ldflags '-s -w' -o '$(CURDIR)/$@' \
		github.com/rhysd/actionlint/cmd/actionlint

bin/goreleaser: internal/tools/release/go.mod internal/tools/release/go.sum
	CGO_ENABLED=0 go build -C internal/tools/release $(BUILDFLAGS) -ldflags '-s -w' -o '$(CURDIR)/$@' \
		github.com/goreleaser/goreleaser/v2

bin/cyclonedx-gomod: internal/tools/release/go.mod internal/tools/release/go.sum
	CGO_ENABLED=0 go build -C internal/tools/release $(BUILDFLAGS) -ldflags '-s -w' -o '$(CURDIR)/$@' \
		github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

bin/helm: internal/tools/helm/go.mod internal/tools/helm/go.sum
	CGO_ENABLED=0 go build -C internal/tools/helm $(BUILDFLAGS) -ldflags '-s -w' -o '$(CURDIR)/$@' \
		helm.sh/helm/v3/cmd/helm

bin/compare: internal/tools/compare/main.go
	CGO_ENABLED=0 go build $(BUILDFLAGS) -o $@ ./internal/tools/compare
