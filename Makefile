# make demo        the story, on a database of its own
# make serve       the demo database in the browser
# make screenshots the pictures of the README, from a running make serve
# make test        all tests; TAGS=/account_credit_block:TestX.test_y runs a selection,
# make test        TAGS=shop/account_credit_block:TestX.test_y one of them with Odoo's shop,
# make test        TAGS=/account_credit_block_delivery:TestX.test_y one of addons/,
# make test        TAGS=neighbours/account_credit_block:TestX.test_y one of test-neighbours
# make test-fast   the same on the last test database, updated
# make test-shop   those in a shop, and of what installs itself there
# make test-neighbours  those beside Odoo's stock, point of sale, events and others
# make test-peers  beside OCA's addons, and clean removal; TAGS=… some of its tests alone
# make test-core   Odoo's own tests with and without the addon
# make dist        what people take, into dist/: the folders as a zip, and wheels
# make test-dist   installs and starts the wheels as people do
# make lint        all linters
# make format      let ruff mend what it can
# make soak        damaged files and random books, for a quarter of an hour; ARGS="--seed N"
# make bench       the measurements; ARGS=… goes to benchmarks/run.py
# make setup       fetch and start everything, nothing more
# make clean       stop PostgreSQL, remove .odoo/

TAGS ?=
ARGS ?=
tags = $(if $(TAGS),--tags '$(TAGS)')

.PHONY: bench clean demo dist format help lint screenshots serve setup soak test test-fast \
	test-core test-dist test-neighbours test-peers test-shop

.DEFAULT_GOAL := help

help:
	@sed -n "s|^# make|make|p" Makefile

setup:
	@tools/setup

demo:
	@tools/task demo $(ARGS)

serve:
	@tools/task serve $(ARGS)

screenshots:
	@tools/task screenshots $(ARGS)

test:
	@tools/task test $(tags) $(ARGS)

test-fast:
	@tools/task test --fast $(tags) $(ARGS)

test-core:
	@tools/task test_core $(ARGS)

test-neighbours:
	@tools/task test --tags neighbours $(ARGS)

test-shop:
	@tools/task test --tags shop $(ARGS)

test-peers:
	@tools/task peers $(tags) $(ARGS)

dist:
	@tools/task dist

test-dist:
	@tools/task test_dist

lint:
	@tools/task lint

format:
	@tools/task format

soak:
	@tools/task soak $(ARGS)

bench:
	@tools/task bench $(ARGS)

clean:
	@tools/task clean
