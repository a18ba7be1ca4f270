# One target per task; `make` alone lists them. Needs Python 3.11+ and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
BUILD := printf 'setuptools>=77\n'  # the build backend, which installs the checkout itself
LOCK := $(BUILD) | uv pip compile pyproject.toml - --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	--python-version 3.11
unexport PYTHONDONTWRITEBYTECODE  # images set it; then every program that a test starts would compile all modules anew
EXTRAS := --extra console --extra embedded --extra emulator

# Runs a long command and prints a line every five seconds, so that nobody takes it for hung.
patiently = @$(1) & work=$$!; seconds=0; \
	while kill -0 $$work 2>/dev/null; do sleep 1; seconds=$$((seconds + 1)); \
		if [ $$((seconds % 5)) = 0 ] && kill -0 $$work 2>/dev/null; then echo "  还在安装，已用 $$seconds 秒……"; fi; done; \
	wait $$work

.DEFAULT_GOAL := help
.PHONY: help demo ports pictures quick test test-external soak bench check check-api app check-app format lock clean

help: ## 列出可用的命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: ports $(VENV)/.demo ## 一条命令跑起整个演示，Ctrl-C 全部停下（TEMPLATE=retail、restaurant、beauty、education 换一套规则）
	@exec $(BIN)/jifen demo $(if $(TEMPLATE),--template $(TEMPLATE))

ports:  # tried before anything is installed; on a machine without Python the rule below says what is missing
	@if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python3 -m runtime.ports; fi

quick: $(VENV)/.dev ## 运行不费时的测试，改代码时反复用它（一分半钟以内）
	@$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist worksteal

test: $(VENV)/.dev ## 运行全部测试
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

soak: $(VENV)/.dev ## 运行长时间的测试（大量模拟、竞争与故障，可能要几个小时）
	@$(BIN)/python -m pytest -m soak -n auto --maxprocesses 4 --dist worksteal

test-external: $(VENV)/.dev ## 对着系统里的 PostgreSQL 和 Redis 运行全部测试（或用 JIFEN_TEST_*_URL 给出地址）
	@$(BIN)/python -m tests.external -n auto --maxprocesses 4 --dist worksteal

pictures: $(VENV)/.dev ## 从正在运行的演示截取 docs/console/ 和 docs/images/phones.png 的图，和小程序每一页在每个品牌下的图（build/miniapp/；先在另一个终端运行 make demo）
	@$(BIN)/python -m tests.console.pictures $${JIFEN_DATA_DIR:-var}/demo.json
	@$(BIN)/python -m tests.miniapp.pictures $${JIFEN_DATA_DIR:-var}/demo.json
	@$(BIN)/python -m tests.flows.pictures $${JIFEN_DATA_DIR:-var}/demo.json

bench: $(VENV)/.demo ## 测量这台机器跑得多快，与 pgbench 写同样的行相比
	@$(BIN)/jifen bench

check: $(VENV)/.dev ## 检查格式、代码规范、类型和模块依赖方向
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

LINT := tests/web/lint
NPX := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --no-install --prefix $(LINT)

check-api: build/openapi.json $(LINT)/node_modules/.done ## 用 redocly 和 spectral 检查 OpenAPI 描述（需要 Node.js 20 或更新的版本）
	@$(NPX) redocly lint --config $(LINT)/redocly.yaml --max-problems 1000 build/openapi.json
	@$(NPX) spectral lint --ruleset $(LINT)/.spectral.yaml --fail-severity hint build/openapi.json

$(LINT)/node_modules/.done: $(LINT)/package-lock.json
	@command -v npm >/dev/null || { echo "make check-api 需要 Node.js 20 或更新的版本，请先安装。"; exit 1; }
	@echo "正在安装 redocly 和 spectral……"
	@npm ci --prefix $(LINT) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

APP := miniapp
APP_BUILT := miniapp_api/page/files

app: node-is-here build/openapi.json $(APP)/node_modules/.done ## 重新生成会员小程序：网页版和微信小程序（需要 Node.js 20 或更新的版本）
	@cd $(APP) && npm run --silent schema && node scripts/build.mjs web && node scripts/build.mjs wechat
	@echo "微信小程序在 $(APP)/dist/build/mp-weixin，用微信开发者工具导入；网页版在 $(APP_BUILT)，变了就要提交。"

check-app: node-is-here build/openapi.json $(APP)/node_modules/.done ## 检查会员小程序：类型、规范、单元测试，以及提交的网页版就是源码生成的（需要 Node.js）
	@cd $(APP) && npm run --silent schema -- ../build/schema.d.ts && npm run --silent types && npm run --silent lint && npm run --silent test -- --reporter=dot
	@cd $(APP) && node scripts/build.mjs web ../build/app && node scripts/build.mjs wechat && node scripts/sizes.mjs && npm run --silent test-wechat -- --reporter=dot
	@diff -q build/schema.d.ts $(APP)/src/api/schema.d.ts && diff -qr build/app $(APP_BUILT) \
		|| { echo "提交的接口类型或网页版不是现在的源码生成的，请运行 make app 并提交。"; exit 1; }

.PHONY: build/openapi.json
build/openapi.json: $(VENV)/.dev
	@mkdir -p build
	@$(BIN)/python -m tests.web.lint > $@

.PHONY: node-is-here
node-is-here:
	@node -e 'process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null \
		|| { echo "生成小程序需要 Node.js 20 或更新的版本和 npm，这台机器上是：$$(node --version 2>/dev/null || echo 没有)。"; \
		echo "请从 https://nodejs.org 安装，新开一个终端再运行。只看演示（make demo）不需要它。"; exit 1; }

$(APP)/node_modules/.done: $(APP)/package-lock.json | node-is-here
	@echo "正在安装小程序的构建工具……"
	@for try in 1 2 3; do npm ci --prefix $(APP) --ignore-scripts --no-audit --no-fund --loglevel=error && exit 0; sleep 5; done; exit 1
	@touch $@

format: $(VENV)/.dev ## 整理代码格式
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## 按 pyproject.toml 重写四个依赖锁定文件（需要 uv；UPGRADE=1 升级到最新）
	@$(LOCK) $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) --constraint requirements.lock --no-annotate $(EXTRAS) \
		--output-file requirements-demo.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) --constraint requirements-demo.lock --no-annotate --extra console \
		--output-file requirements-console.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) --constraint requirements-demo.lock --no-annotate $(EXTRAS) --group dev \
		--output-file requirements-dev.lock

clean: ## 删除虚拟环境和各种缓存（数据文件夹 var 保留）
	@rm -rf $(VENV) build $(LINT)/node_modules $(APP)/node_modules $(APP)/dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# `.runtime` is a production server: no database programs, no emulator, no console. `.demo` adds them, `.dev` adds the tools.
# The stamp files are newer than the lock files, so a second run installs nothing, and a changed lock file installs again.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "正在安装依赖（第一次需要一两分钟）……"
	$(call patiently,$(PIP) install --require-hashes -r requirements.lock)
	$(call patiently,$(PIP) install --no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.demo: requirements-demo.lock $(VENV)/.runtime
	@echo "正在安装演示用的数据库、Redis 和微信模拟器……"
	$(call patiently,$(PIP) install --require-hashes -r requirements-demo.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.demo
	@echo "正在安装开发工具……"
	$(call patiently,$(PIP) install --require-hashes -r requirements-dev.lock)
	@touch $@

# 3.12 and 3.11 come first, because every dependency has wheels for them.
$(BIN)/python:
	@for python in $(PYTHON) python3.12 python3.11 python3 python3.13 python3.14 none; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
		echo "需要 Python 3.11 或更新的版本，这台机器上是：$$(python3 --version 2>&1 || true)。装好后可用 make PYTHON=路径 指定它。"; \
		exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python 缺少 venv 模块。在 Debian 或 Ubuntu 上请运行：sudo apt install python3-venv"; \
		exit 1; \
	fi; \
	$$python -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
