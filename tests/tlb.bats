# SPDX-License-Identifier: GPL-2.0
#
# The model of the TLB works in a stand-in for QEMU, and its check can fail.
#
#   bats tests/tlb.bats
# shellcheck shell=bash

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	out=$BATS_TEST_TMPDIR/out
	small=small:16/4:8/2:-:64/4:=:-:-
}

# watched PLUGIN-SOURCE [OPTION] MODEL...: what guest and plugin print, in $out.
watched()
{
	local source=$1 option=()
	shift
	gcc -O2 -w -Iplugin -o "$BATS_TEST_TMPDIR/guest" "$source" tests/tlb/guest.c
	[[ $1 != --* ]] || { option=("$1"); shift; }
	"$BATS_TEST_TMPDIR/guest" "${option[@]}" "${@/#/model=}" >"$out"
}

table()
{
	run plugin/table kernel "$out" "$out" "$@"
	echo "$output"
}

preset()
{
	echo "$1:$(grep -v '^#' "plugin/$1.tlb")"
}

# changed FROM TO: the plugin with a change, in $source.
changed()
{
	source=$BATS_TEST_TMPDIR/changed.c
	sed "s|$1|$2|" plugin/tlb.c >"$source"
	! cmp -s plugin/tlb.c "$source"
}

@test "tlb: the chases miss as often as they must, in both processors and a small one" {
	models=("$(preset skylake-sp)" "$(preset zen)" "$small")
	watched plugin/tlb.c "${models[@]}"
	table "${models[@]}"
	[ "$status" = 0 ]
	[[ "$output" == *"48 chases missed exactly"* ]]
	[ "$(grep -c chase <<<"$output")" = 49 ]
}

@test "tlb: the plugin finds the channel by the greeting, and by nothing else" {
	watched plugin/tlb.c --no-greeting "$small"
	! grep '^tlb ' "$out"
	# Two stores are no greeting. The stand-in has some that begin like one.
	changed '++stores == 16' '++stores == 2'
	watched "$source" "$small"
	table "$small"
	[ "$status" = 1 ]
}

@test "tlb: the table fails if any part of a geometry is another one" {
	watched plugin/tlb.c "$small"
	for wrong in 32/4:8/2:-:64/4:=:- 16/4:16/2:-:64/4:=:- 16/4:8/2:-:128/4:=:- \
			16/4:8/2:-:64/4:256/4:- 16/4:=:-:64/4:=:-; do
		table "small:$wrong:-"
		[ "$status" = 1 ]
		[[ "$output" == *"are expected"* ]]
	done
}

@test "tlb: the table fails if pages of 2 MiB are taken for pages of 4 KiB" {
	watched plugin/tlb.c --untold "$small"
	table "$small"
	[ "$status" = 1 ]
	[[ "$output" == *"a page size that the buffer has not"* ]]
}

@test "tlb: the table fails if the plugin does not replace, fill or flush as it says" {
	for change in 'set\[i\] = last;/if (i) set[i] = last;' 'last = next)/last = tag)' \
			'case TELL_FLUSH:/case 77:' 'page % tlb->sets/0'; do
		changed "${change%/*}" "${change#*/}"
		watched "$source" "$small"
		table "$small"
		[ "$status" = 1 ]
	done
}

@test "tlb: the least recently used page is replaced, not the oldest" {
	lru=lru:4/4:=:-:64/4:=:-:-
	watched plugin/tlb.c "$lru"
	grep -q '^tlb lru 0 in 7 5 5 ' "$out"
	# The oldest: a hit does not move a page to the front.
	changed 'set = tlb->tags + .*' '&\
	for (i = 0; i < tlb->ways; i++)\
		if (set[i] == tag)\
			return true;'
	watched "$source" "$lru"
	grep -q '^tlb lru 0 in 7 6 5 ' "$out"
}

@test "tlb: the table fails if random accesses miss too rarely" {
	watched plugin/tlb.c "$small"
	awk '$1 == "tlb" && $3 == 98 { $6 -= $5 / 50 } { print }' "$out" >"$out.less"
	mv "$out.less" "$out"
	table "$small"
	[ "$status" = 1 ]
	[[ "$output" == *"random: level 1 missed"* ]]
}

@test "tlb: a write of CR3 flushes what is not global, if there is no PCID" {
	watched plugin/tlb.c "$small" small2:16/4:=:-:64/4:=:-:pcid
	grep -q '^tlb small 99 in 2 2 2 0 0 0 0 0 0 out 2 1 1 ' "$out"
	grep -q '^tlb small2 99 in 2 1 1 0 0 0 0 0 0 out 2 1 1 ' "$out"
}

@test "tlb: the table fails if an interval or a case is lost" {
	watched plugin/tlb.c "$small"
	cp "$out" "$out.whole"
	grep -v '^tlb small 7 ' "$out.whole" >"$out"
	table "$small"
	[ "$status" = 1 ]
	[[ "$output" == *"no interval 7"* ]]
	grep -v '^tlb=access 7 ' "$out.whole" >"$out"
	table "$small"
	[ "$status" = 1 ]
	[[ "$output" == *"intervals without a case: 7"* ]]
	grep -v ' chase ' "$out.whole" | grep -Ev '^tlb small ([1-9]|1[0-6]) ' >"$out"
	table "$small"
	[ "$status" = 1 ]
	[[ "$output" == *"no chase in pages of 4 KiB"* ]]
}

@test "tlb: the plugin refuses a geometry that is none" {
	for wrong in a:64/4 a:64/3:=:=:64/4:=:=:- a:0/1:=:=:64/4:=:=:- a:64/4:=:=:64/4:=:= \
			a:64/4:=:=:64/4:=:=:-:- a:=:64/4:-:64/4:=:-:pcid; do
		run watched plugin/tlb.c "$wrong"
		[ "$status" = 1 ]
		[[ "$output" == *"bad argument model=$wrong"* ]]
	done
}
