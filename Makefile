# SPDX-License-Identifier: GPL-2.0
# The verbs. Each is a script of the same name in scripts/, which says at its top
# what it does.
#
# BASE=7.3          the kernel base, a file in bases/; else the newest that can be had
# LINUX=/path       your own kernel tree or tarball of that version instead of the
#                   distribution's package; it is only read
# CONFIG="a b"      for kernel and shell: fragments of configs/
#                   (virtualize-always, debug)

export BASE LINUX FORCE ARCH
CONFIG ?=

.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20
	@echo 'Variables: BASE= LINUX= CONFIG=; see the top of the Makefile and README.md'

run: ## show it at work: two boots in QEMU, e1000 traffic over both forms
	@scripts/run
test: ## all tests that fit into 40 minutes
	@scripts/test
test-full: ## that, and what takes longer; goes on where it stopped
	@scripts/test-full
tree: ## fetch the base and apply the series as commits
	@scripts/tree
export: ## write the work tree's commits back to patches/
	@scripts/export
kernel: ## build the x86_64 kernel; CONFIG="virtualize-always debug"
	@scripts/tree && scripts/kernel $(CONFIG)
kunit: ## the KUnit suite on User Mode Linux; CONFIG= as for kernel
	@scripts/tree && scripts/kunit $(CONFIG)
matrix: ## the suite on other machines, and what is only compiled; BASE=, ARCH=
	@scripts/matrix
tux-plan: ## print the matrix as a plan for TuxSuite
	@scripts/tux-plan
coverage: ## how much of the new code the KUnit suite runs
	@scripts/coverage
bench: ## count what it costs, patched and not; writes results/
	@scripts/bench && scripts/tlb
bench-check: ## fail if it costs more than results/ says
	@scripts/bench --check
backport-diff: ## how the series for 6.12 differs from that for 7.3
	@scripts/backport-diff
shell: ## boot to a shell in the guest; CONFIG= as for kernel
	@scripts/shell $(CONFIG)
mbox: ## number the series for git am and git send-email
	@scripts/mbox
clean: ## remove everything generated, if nothing is lost by it
	@scripts/clean

.PHONY: help run test test-full tree export kernel kunit matrix tux-plan coverage bench bench-check backport-diff shell mbox clean
