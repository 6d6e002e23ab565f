# SPDX-License-Identifier: GPL-2.0
# The verbs. Each starts a script of scripts/ or tests/; the top of the script describes it.
#
# BASE=7.3        kernel base, a file in bases/ (default: the newest whose package is
#                 offered)
# LINUX=/path     your own kernel tree or tarball of that base instead of the package;
#                 it is only read
# CONFIG="a b"    fragments of configs/, for kernel, kunit, guest, module, shell
# FORCE=1         clean: remove unexported work, too; test-full, matrix: run every step
#
# scripts/guest describes JOB, CMD, DIR, ARGS, KVM, MEMORY and CPUS; scripts/matrix ARCH;
# scripts/rebase VERSION.

export BASE LINUX FORCE ARCH VERSION JOB DIR ARGS KVM MEMORY CPUS
# Make must not expand $ in a command for the guest.
override CMD := $(value CMD)
export CMD
CONFIG ?=

.DEFAULT_GOAL := help

help: ## print this list
	@awk '/^#@ / { printf "\n%s\n", substr($$0, 4) } \
		/^[a-z-]+:.*## / { split($$0, part, ":.*## "); printf "  make %-14s %s\n", part[1], part[2] }' \
		$(firstword $(MAKEFILE_LIST))
	@printf '\nVariables: at the top of the Makefile.\n'

#@ See it
smoke: ## the quickest proof: the KUnit suite on User Mode Linux, and what it proves
	@scripts/smoke
run: ## e1000 traffic and thread stacks in both forms, in two kernels under QEMU
	@scripts/run
shell: ## a shell in a guest that has this machine's programs; KVM=1
	@JOB= CMD= DIR= scripts/guest $(CONFIG)
guest: ## run your own JOB=script or CMD="command" in the guest; KVM=1 MEMORY= CPUS=
	@[ -n "$$JOB$$CMD" ] || { echo 'error: give JOB=script or CMD="command"' >&2; exit 1; }
	@DIR= scripts/guest $(CONFIG)
module: ## build your module in DIR=folder, load it in the guest; ARGS="parameters"
	@[ -n "$$DIR" ] || { echo 'error: give DIR=folder, with the Kbuild file of a module' >&2; exit 1; }
	@scripts/guest $(CONFIG)

#@ Test
test: ## the tests of everyday work, about 30 minutes
	@scripts/test
test-full: ## those and the long ones; resumes where it stopped
	@scripts/test-full
kunit: ## the KUnit suite on User Mode Linux
	@scripts/kunit $(CONFIG)
matrix: ## the suite on other machines, and compilation for more; resumes; ARCH=
	@scripts/matrix
tux-plan: ## print the matrix as a plan for TuxSuite
	@scripts/matrix --plan
coverage: ## the share of the new code that the suite runs
	@tests/coverage

#@ Develop
tree: ## fetch the base, apply the series as commits
	@scripts/tree
kernel: ## build the x86_64 kernel for QEMU
	@scripts/kernel $(CONFIG)
export: ## write the commits of the work tree to patches/
	@scripts/export
rebase: ## move the work tree to another point release: VERSION=7.3.5 or LINUX=/path
	@scripts/rebase
backport-diff: ## differences between the series for 6.12 and for 7.3
	@scripts/backport-diff
clean: ## remove everything generated, unless your work would be lost
	@scripts/clean

#@ Measure
bench: ## count what vcompounds cost; writes results/
	@scripts/bench && scripts/tlb
bench-check: ## fail if a cost has grown since make bench
	@scripts/bench --check
xfs: ## XFS on both forms and on the unpatched kernel: works, costs; writes results/
	@scripts/xfs

#@ Submit
mbox: ## number the series for git am and git send-email
	@scripts/mbox
checkpatch: ## checkpatch --strict on every patch
	@tests/checkpatch
bisect: ## compile each patch alone
	@tests/bisect

.PHONY: help smoke run shell guest module test test-full kunit matrix tux-plan coverage tree \
	kernel export rebase backport-diff clean bench bench-check xfs mbox checkpatch bisect
