# SPDX-License-Identifier: GPL-2.0
#
# Guests that are bad on purpose: scripts/boot must report each as a failure, with the
# reason. One guest is good.
#
# Needs the x86_64+debug+host-root+users kernel and the initramfs:
#   scripts/kernel debug host-root users && scripts/initramfs && bats tests/guest.bats
# shellcheck shell=bash

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	kernel=x86_64+debug+host-root+users
}

# bad GUEST REASON [BOOT-OPTION...]
bad()
{
	local guest=$1 reason=$2
	shift 2
	run scripts/boot --time 300 "$@" $kernel "tests/guests/$guest"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"error: boot $kernel $guest: $reason"* ]]
	[[ "$output" == *"the console: "* ]]
}

@test "a good guest is good" {
	run scripts/boot --time 300 $kernel tests/guests/good
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"boot $kernel good: good"* ]]
}

@test "a guest that panics fails" {
	bad panic "the guest panicked"
}

@test "a guest that warns fails" {
	bad warn "the guest panicked, after: "
	[[ "$output" == *"WARNING: "* ]]
}

@test "a guest that warns and survives it, marker and all, fails" {
	bad warn-survived "the guest's kernel complained: "
}

@test "a guest that hangs fails" {
	bad hang "the guest hung" --time 15
}

@test "a guest whose kernel locks up fails" {
	bad lockup "the guest" --time 20
}

@test "a guest that never writes its marker fails, whatever its console says" {
	bad no-marker "the guest ended without writing its marker"
}

@test "a guest with another boot's marker fails" {
	bad wrong-nonce "the marker has another nonce"
}

@test "a guest that goes on to fail after its marker fails" {
	bad marker-early "the guest reports: FAILED the job exited with 1"
}

@test "a guest whose job fails fails, and says with what" {
	bad job-fails "the guest reports: FAILED the job exited with 7"
}

@test "a guest whose KUnit suite does not run fails" {
	bad good "KUnit failed" --kunit --append "kunit.filter_glob=nosuchsuite"
	[[ "$output" == *"no case ran"* || "$output" == *"no result"* || "$output" == *"Ran 0"* ]]
}

@test "KUnit results that failed, were skipped, crashed or broke off are failures" {
	local dir=$BATS_TEST_TMPDIR head='KTAP version 1
1..1
    KTAP version 1
    # Subtest: vcompound
    1..2
    ok 1 one'

	printf '%s\n' "$head" '    ok 2 two' 'ok 1 vcompound' >"$dir/good"
	printf '%s\n' "$head" '    not ok 2 two' 'not ok 1 vcompound' >"$dir/failed"
	printf '%s\n' "$head" '    ok 2 two # SKIP why' 'ok 1 vcompound' >"$dir/skipped"
	printf '%s\n' "$head" >"$dir/cut"
	printf '%s\n' "$head" 'ok 1 vcompound' >"$dir/short"
	echo "no results" >"$dir/none"
	run scripts/lib/judge kunit "$dir/good"
	[ "$status" -eq 0 ]
	[ "$output" = "2 passed" ]
	run scripts/lib/judge kunit "$dir/good" 3
	[ "$status" -ne 0 ]
	for log in failed skipped cut short none; do
		run scripts/lib/judge kunit "$dir/$log"
		echo "$log: $output"
		[ "$status" -ne 0 ]
	done
}

# said TEXT: how many lines of the last guest's console have it.
said()
{
	grep -cF "$1" "$(sed -n 's/.*the console: //p' <<<"$output" | head -n 1)"
}

@test "a sleeping allocation under a spinlock is reported, in both forms and every order" {
	bad sleep-under-lock "the guest's kernel complained: "
	[ "$(said 'BUG: sleeping function called from invalid context')" -eq 8 ]
}

@test "hardened usercopy refuses a copy past the end of a vcompound, in both forms" {
	local text="usercopy: Kernel memory exposure attempt detected from"

	bad past-end "the guest panicked" --append hardened_usercopy=1
	[ "$(said "$text vcompound (offset 0, size 24576)")" -eq 1 ]
	bad past-end "the guest panicked" --append "hardened_usercopy=1 fail_vcompound=1,100,0,-1"
	[ "$(said "$text vmalloc (offset 0, size 24576)")" -eq 1 ]
}
