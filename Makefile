# Everything a person does with this tree, one target a need. `make` alone lists them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
ALLY  := $(or $(CARGO_TARGET_DIR),target)/debug/ally

# The runner of the tests: the installed one, else one of our own.
NEXTEST_VERSION := 0.9.143
NEXTEST := $(or $(shell command -v cargo-nextest 2>/dev/null),.local/cargo/bin/cargo-nextest)
NEXTEST_PROFILE ?= $(if $(CI),ci,default)

# Colours in a terminal and nowhere else.
ifneq ($(MAKE_TERMOUT),)
BOLD  := $(shell printf '\033[1m')
CYAN  := $(shell printf '\033[36m')
PLAIN := $(shell printf '\033[0m')
endif
step = @printf '$(BOLD)== %s$(PLAIN)\n' '$(1)'

# Variables for `ally` itself, where a person keeps some; tests do not read them.
with_env = @set -a; if [ -f .env ]; then . ./.env; fi; set +a; $(1)

.PHONY: help
help: ## Show this list
	@printf '$(BOLD)Ally$(PLAIN): an event-sourced planning platform. Start with $(CYAN)make demo$(PLAIN).\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  $(CYAN)%-14s$(PLAIN) %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nWhat can be set, and by what: $(CYAN).env.example$(PLAIN) and $(CYAN)ally config show$(PLAIN).\n'

# Running it

.PHONY: demo
demo: build ## Walk three athletes from their answers to their plans, then stop everything
	$(call with_env,exec $(ALLY) demo)

.PHONY: up
up: build ## Run every role over servers of its own, until Ctrl-C
	$(call with_env,exec $(ALLY) up)

.PHONY: down
down: $(ALLY) ## Stop what `make up` started, also from another terminal
	$(call with_env,exec $(ALLY) down)

.PHONY: clean
clean: $(ALLY) ## Stop everything and remove its data (not the fetched servers, not the build)
	$(call with_env,$(ALLY) down --remove-data)
	rm -rf .local/demo

.PHONY: dev
dev: build ## A shell with NATS and PostgreSQL at hand, for `cargo nextest run -p …`
	@echo 'NATS and PostgreSQL run until you leave this shell; `env | grep ALLY_TEST_` tells where.'
	$(call with_env,exec $(ALLY) with-servers -- "$${SHELL:-sh}")

.PHONY: presence-page
presence-page: $(ALLY) ## Show a live room in your browser, over what `make up` runs in another terminal
	$(call with_env,exec env ALLY=$(ALLY) node examples/presence/page/serve.js)

# Testing it

# What is in other languages needs packages, installed once for every change of the files that pin them.
CLIENTS := .local/clients
PINNED  := examples/clients

.PHONY: clients
clients: $(foreach name,python schemathesis openapi_generator typescript rust asyncapi socket_io presence spectral redocly,$(CLIENTS)/$(name)/installed)

define pip_install
	@python3 -m pip --version >/dev/null 2>&1 || { \
		echo 'What is in Python needs python3 (3.11 or newer) with pip: install python3 and python3-pip.' >&2; exit 1; }
	@echo 'installing the packages of $(1) into $(@D) (once)'
	@rm -rf $(@D) && mkdir -p $(@D)
	@python3 -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
		--only-binary :all: --target $(@D)/packages --requirement $<
	@touch $@
endef

define npm_install
	@{ node --version && npm --version; } >/dev/null 2>&1 || { \
		echo 'The clients in JavaScript need node (20.3 or newer) with npm: install nodejs and npm.' >&2; exit 1; }
	@echo 'installing the packages of $(1) into $(@D) (once)'
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp $^ $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
endef

$(foreach name,schemathesis openapi_generator,$(CLIENTS)/$(name)/installed): $(CLIENTS)/%/installed: $(PINNED)/%/requirements.txt
	$(call pip_install,$(PINNED)/$*)

$(CLIENTS)/python/installed: sdks/python/requirements.txt
	$(call pip_install,sdks/python)

$(foreach name,socket_io asyncapi spectral redocly,$(CLIENTS)/$(name)/installed): $(CLIENTS)/%/installed: $(PINNED)/%/package-lock.json $(PINNED)/%/package.json
	$(call npm_install,$(PINNED)/$*)

$(CLIENTS)/typescript/installed: sdks/typescript/package-lock.json sdks/typescript/package.json
	$(call npm_install,sdks/typescript)

# The SDK for Rust with its generator, tests and examples, beside the product and never in its build.
RUST_SDK := CARGO_TARGET_DIR=$(CLIENTS)/rust/target $(CARGO) build --manifest-path sdks/rust/Cargo.toml --locked
$(CLIENTS)/rust/installed: $(shell find sdks/rust -name '*.rs' -o -name 'Cargo.*')
	@echo 'building sdks/rust into $(@D) (once for every change of it)'
	@mkdir -p $(@D)
	@$(RUST_SDK) --quiet --workspace --all-targets --no-default-features
	@touch $@

$(CLIENTS)/presence/installed: examples/presence/package-lock.json examples/presence/package.json
	@{ node --version && npm --version; } >/dev/null 2>&1 || { \
		echo 'The JavaScript client of presence needs node (20.3 or newer) with npm: install nodejs and npm.' >&2; exit 1; }
	@echo 'installing what the tests of the JavaScript client of presence need into $(@D) (once)'
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp $^ $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# The browser of the tests: the one that CHROMIUM or PATH names; on Debian, as root, it is installed where there is none.
.PHONY: browser
browser:
	@[ -n "$$CHROMIUM" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| command -v google-chrome >/dev/null || { \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || { \
			echo 'The browser tests need Chromium: install chromium, or set CHROMIUM to its path.' >&2; exit 1; }; \
		echo 'installing chromium (once)'; apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; }

# Prometheus and Alertmanager of the tests, with their tools: Debian's packages, unpacked and never installed, so that no daemon starts.
MONITORING := .local/monitoring
# Debian's build of Alertmanager finds them there and nowhere else.
TEMPLATES := /usr/share/prometheus/alertmanager

.PHONY: monitoring
monitoring:
	@[ -e $(MONITORING)/unpacked ] \
		|| { command -v promtool && command -v prometheus && command -v amtool; } >/dev/null || { \
		{ command -v apt-get && command -v dpkg-deb; } >/dev/null || { \
			echo 'The tests of alerts need promtool, prometheus and amtool: install Prometheus and Alertmanager.' >&2; exit 1; }; \
		echo 'unpacking prometheus and prometheus-alertmanager into $(MONITORING) (once)'; \
		rm -rf $(MONITORING) && mkdir -p $(MONITORING) && cd $(MONITORING) && \
		{ [ "$$(id -u)" != 0 ] || apt-get -qq update; } && \
		{ apt-get -qq download prometheus prometheus-alertmanager || { \
			echo 'run apt-get update as root, or install prometheus and prometheus-alertmanager' >&2; exit 1; }; } && \
		for package in *.deb; do dpkg-deb -x $$package . && rm $$package || exit 1; done && touch unpacked; }
	@[ ! -e $(MONITORING)/unpacked ] || [ -e $(TEMPLATES)/default.tmpl ] || { \
		[ "$$(id -u)" = 0 ] && mkdir -p $(TEMPLATES) && cp $(MONITORING)$(TEMPLATES)/*.tmpl $(TEMPLATES); } || { \
		echo "Debian's Alertmanager reads its templates from $(TEMPLATES): install prometheus-alertmanager, or run \`make monitoring\` as root once." >&2; exit 1; }

# The proxy of the tests, unpacked in the same way.
PROXY := .local/proxy

.PHONY: proxy
proxy:
	@[ -e $(PROXY)/unpacked ] || command -v nginx >/dev/null || { \
		{ command -v apt-get && command -v dpkg-deb; } >/dev/null || { \
			echo 'The tests of streams behind a proxy need nginx: install it.' >&2; exit 1; }; \
		echo 'unpacking nginx into $(PROXY) (once)'; \
		rm -rf $(PROXY) && mkdir -p $(PROXY) && cd $(PROXY) && \
		{ [ "$$(id -u)" != 0 ] || apt-get -qq update; } && \
		{ apt-get -qq download nginx || { echo 'run apt-get update as root, or install nginx' >&2; exit 1; }; } && \
		for package in *.deb; do dpkg-deb -x $$package . && rm $$package || exit 1; done && touch unpacked; }

.PHONY: test
test: $(NEXTEST) clients browser monitoring proxy ## Check the format, lint, build, and run every test against real servers
	$(call step,format)
	@$(CARGO) fmt --all --check
	$(call step,lint)
	@$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(call step,build)
	@$(NEXTEST) nextest run --workspace --locked --no-run
	$(call step,test)
	@$(ALLY) with-servers -- $(NEXTEST) nextest run --workspace --locked --profile $(NEXTEST_PROFILE)

# How long the load is on, in seconds; ALLY_FAULTS_SEED repeats the faults of another run in their order.
ALLY_FAULTS_SECONDS ?= 120

.PHONY: test-faults
test-faults: build $(NEXTEST) browser ## Kill every part under load, for long, and see that nothing is lost, doubled or stranded
	@export ALLY_FAULTS_SECONDS=$(ALLY_FAULTS_SECONDS); $(ALLY) with-servers -- \
		$(NEXTEST) nextest run --locked -p ally --test it --profile faults --no-capture -E 'test(/^faults::/)'

# How many keys, each sent by 64 clients at once.
ALLY_KEYS ?= 1000

.PHONY: one-key
one-key: build $(NEXTEST) ## One idempotency key of 64 clients at once is one job, for 1,000 keys
	@export ALLY_KEYS=$(ALLY_KEYS); $(ALLY) with-servers -- \
		$(NEXTEST) nextest run --locked -p ally --test it --profile faults --no-capture -E 'test(/^one_key::/)'

# How long nothing is broken at first: somebody who is called then was called for nothing.
ALLY_DRILL_MINUTES ?= 10

.PHONY: drill
drill: build $(NEXTEST) monitoring ## Break each part for real: the right alert, the doctor's first line, the runbook (half an hour)
	@export ALLY_DRILL_MINUTES=$(ALLY_DRILL_MINUTES); $(ALLY) with-servers -- \
		$(NEXTEST) nextest run --workspace --locked --profile faults --no-capture -E 'package(ally) and test(/^drill::/)'

.PHONY: check
check: ## Check the format and the types, without building or running anything
	@$(CARGO) fmt --all --check
	@$(CARGO) check --workspace --all-targets --locked

.PHONY: lint
lint: ## Run clippy over everything, warnings denied
	@$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

.PHONY: fmt
fmt: ## Format everything
	@$(CARGO) fmt --all

# Measuring it

RELEASE := $(or $(CARGO_TARGET_DIR),target)/release/examples

.PHONY: bench-append
bench-append: build ## Appends a second through the store, beside what the bare protocol gives (one line of JSON)
	@$(CARGO) build --release --locked -p ally-nats --example bench_append
	@$(ALLY) with-servers -- sh -c 'exec $(RELEASE)/bench_append "$$ALLY_TEST_NATS_URL"'

.PHONY: bench-rebuild
bench-rebuild: build ## Events a second in a rebuild that serves reads, beside reading alone and a fold by hand (one line of JSON)
	@$(CARGO) build --release --locked --example bench_rebuild_log
	@$(ALLY) with-servers -- $(RELEASE)/bench_rebuild_log

.PHONY: bench-archive
bench-archive: build ## Memory of nats-server a finished job, in the log and after it left for the archive (one line of JSON)
	@$(CARGO) build --release --locked --example bench_archive
	@$(ALLY) with-servers -- $(RELEASE)/bench_archive

# How much `make bench` measures; what stands in docs/bench/ was measured with none of them set.
#   RUNS=5  BACKLOG=1000,10000  RATES=200,1000  SECONDS=10  FINISHED=10000,100000  SET='NAME=VALUE …'  QUICK=1
bench_options = $(foreach name,$(1),$(if $($(name)),--$(shell echo $(name) | tr A-Z a-z) $($(name)))) \
	$(addprefix --set ,$(SET))
BENCH := $(or $(CARGO_TARGET_DIR),target)/release/ally-bench

.PHONY: bench
bench: ## Jobs a second, latencies and what a job costs, into docs/bench/; QUICK=1 only tries it
	@$(CARGO) build --release --locked -p ally -p ally-bench
	@exec $(BENCH) run $(if $(QUICK),--quick) $(call bench_options,RUNS BACKLOG RATES SECONDS FINISHED)

.PHONY: bench-presence
bench-presence: ## Presence by real sockets: heartbeats, fan-out, storms, the floor behind 200,000 joins; QUICK=1 only tries it
	@$(CARGO) build --release --locked -p ally -p ally-bench
	@exec $(BENCH) presence $(if $(QUICK),--quick) $(call bench_options,ONLY OVER BASE GENERATORS SECONDS RAMP JOINS)

.PHONY: bench-streams
bench-streams: ## Streams of job events: what 5,000 idle ones cost, and how late an event is (STREAMS=5000 RATE=20 SECONDS=10)
	@$(CARGO) build --release --locked -p ally -p ally-bench
	@exec $(BENCH) streams $(call bench_options,STREAMS RATE SECONDS)

.PHONY: bench-compare
bench-compare: ## This build beside another: BASE=path of its `ally`; docs/bench/README.md says how
	@test -x "$(BASE)" || { echo 'BASE is the path of the other `ally`: make bench-compare BASE=../release/ally' >&2; exit 2; }
	@$(CARGO) build --release --locked -p ally -p ally-bench
	@exec $(BENCH) compare --base "$(BASE)" $(if $(WITH),--with "$(WITH)") $(call bench_options,RUNS JOBS RATE SECONDS)

# Building it

.PHONY: build
build:
	@$(CARGO) build --locked

# To stop things, the program that started them will do, whatever the sources say by now.
$(ALLY):
	@$(CARGO) build --locked

.PHONY: openapi
openapi: build ## Write the OpenAPI and AsyncAPI documents: api/openapi.json, api/openapi-3.0.json, api/asyncapi.json, and those of presence
	@$(ALLY) openapi --out api/openapi.json
	@$(ALLY) openapi --version 3.0 --out api/openapi-3.0.json
	@$(ALLY) openapi --service presence --out api/presence.openapi.json
	@$(ALLY) asyncapi --out api/asyncapi.json
	@$(ALLY) asyncapi --service presence --out api/presence.asyncapi.json

.PHONY: sdks
sdks: $(foreach name,typescript python rust,$(CLIENTS)/$(name)/installed) ## Write what is generated in sdks/ from the OpenAPI documents (`make openapi` first)
	@cp sdks/typescript/generate.js $(CLIENTS)/typescript/
	@node $(CLIENTS)/typescript/generate.js api/openapi.json sdks/typescript/src
	@PYTHONPATH=$(CLIENTS)/python/packages python3 -B sdks/python/generate.py api/openapi.json sdks/python/src/ally_sdk
	@$(CLIENTS)/rust/target/debug/ally-sdk-generator api/openapi-3.0.json sdks/rust/src

.PHONY: metrics
metrics: build ## Write the page of every metric to docs/metrics.md
	@$(ALLY) metrics --out docs/metrics.md

.PHONY: problems
problems: build ## Write the pages of the kinds of problems to docs/errors/
	@$(ALLY) problems --out docs/errors

.local/cargo/bin/cargo-nextest:
	@echo 'cargo-nextest is not installed: building $(NEXTEST_VERSION) into .local/cargo (once, a few minutes)'
	@$(CARGO) install --locked --version $(NEXTEST_VERSION) --root .local/cargo --no-default-features --features default-no-update cargo-nextest
