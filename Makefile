# CPS Agent. `make help` lists what there is; README.md is the introduction.

SWIFT ?= swift
JOBS ?= $(shell nproc)
DESTDIR ?=
# With a real reader: the folder of the authorities to trust, e.g. ANCHORS=/etc/cps-agent/trust
ANCHORS ?=
# ONESHOT=1: `make run` ends after its walk instead of staying up.
ONESHOT ?=

PROGRAMS := cps-agentd cpsctl cps-card
# Imports that Package.swift does not declare are errors: this is what holds the arrows between rooms.
ARROWS := --explicit-target-dependency-import-check error
# All tests at once would keep those waiting that wait for something, on few cores for longer than their patience.
WIDTH := --experimental-maximum-parallelization-width 8
# A module is compiled at once in one process: a third to a half of the compiler's work less than file by file.
WHOLE := -Xswiftc -wmo -Xswiftc -num-threads -Xswiftc 1
RELEASE := -c release --static-swift-stdlib --scratch-path .build-release
RELEASE_BIN := .build-release/release
# The PAM module: plain C, libpam and libc alone.
PAM_MODULE := .build/pam/pam_cps.so
PAM_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wpedantic -Wshadow -Werror -fPIC -fvisibility=hidden -fstack-protector-strong \
	-D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now,--as-needed

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## Install what is missing (Debian packages of packaging/apt-packages)
	@packaging/install-deps

.PHONY: build
build: deps pam ## Build the programs for use (release, Swift runtime inside)
	@for program in $(PROGRAMS); do $(SWIFT) build $(RELEASE) $(ARROWS) -j $(JOBS) --product $$program || exit 1; done

.PHONY: pam
pam: $(PAM_MODULE) ## Build the PAM module for logins at the workstation

$(PAM_MODULE): $(wildcard Sources/Doors/PAM/*) Makefile
	@mkdir -p $(@D)
	@$(CC) -shared $(PAM_FLAGS) $(filter %.c,$^) -lpam -o $@

.PHONY: run
run: build ## Show a whole login on a virtual CPS card, then stay up (ONESHOT=1: exit; ANCHORS=DIR: real reader)
	@BIN=$(RELEASE_BIN) ANCHORS='$(ANCHORS)' ONESHOT='$(ONESHOT)' packaging/demo/run

.PHONY: test
test: deps check pam ## Run every check and every test
	@$(SWIFT) build --build-tests $(WHOLE) $(ARROWS) -j $(JOBS)
	@packaging/unit-tests $(SWIFT) test --skip-build $(WHOLE) $(WIDTH)
	@CPS_BIN_DIR=$$($(SWIFT) build --show-bin-path) Tests/Integration/run

.PHONY: check
check: ## Check format, arrows between rooms and file sizes
	@$(SWIFT) format lint --strict -r Sources Tests Docs/examples Package.swift
	@packaging/check

.PHONY: bench
bench: build ## Measure on the virtual card; Docs/Performance.md says what the figures mean
	@$(SWIFT) build $(RELEASE) $(ARROWS) -j $(JOBS) --product trace-bench
	@CPS_BIN_DIR=$(CURDIR)/$(RELEASE_BIN) Tests/Integration/run --bench

.PHONY: fmt
fmt: ## Format the sources
	@$(SWIFT) format -i -r Sources Tests Docs/examples Package.swift

.PHONY: install
install: build ## Install what the Debian package holds, without its package manager (DESTDIR)
	@packaging/tree $(RELEASE_BIN) $(DESTDIR)/

.PHONY: deb
deb: build ## Make the Debian package, in .build-release/deb
	@packaging/deb $(RELEASE_BIN) .build-release/deb

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .build .build-release
