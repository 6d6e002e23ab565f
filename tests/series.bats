# SPDX-License-Identifier: GPL-2.0
#
# Properties of the series that need no run.
#
#   scripts/tree && bats tests/series.bats
# shellcheck shell=bash

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	# In a shell of its own: the scripts define a function run, as bats does.
	# shellcheck disable=SC2016
	eval "$(bash -c '. scripts/lib/common.sh; load_base >&2; echo "TREE=$TREE PATCHES=$PATCHES"')"
}

@test "VIRTUALIZE_ALWAYS is off and VCOMPOUND is on unless somebody says otherwise" {
	# Defect 9 of 2008. allnoconfig would hide a default, defconfig takes it.
	make -s -C "$TREE" O="$BATS_TEST_TMPDIR" defconfig
	grep -qx '# CONFIG_VIRTUALIZE_ALWAYS is not set' "$BATS_TEST_TMPDIR/.config"
	grep -qx 'CONFIG_VCOMPOUND=y' "$BATS_TEST_TMPDIR/.config"
}

# patches FOLDER: the patches in it, in order, relative to it.
patches()
{
	PATCHES=$1 bash -c '. scripts/lib/common.sh; . scripts/lib/series.sh
		PATCHES=$(realpath "$PATCHES"); read_series; printf "%s\n" "${SERIES[@]}"'
}

@test "no patch touches mm/page_alloc.c or the compound head" {
	run grep -rl --include='*.patch' '^diff --git a/mm/page_alloc.c' "$PATCHES"
	[ "$status" -eq 1 ]
	run grep -rhE --include='*.patch' '^[-+].*_compound_head\(const' "$PATCHES"
	[ "$status" -eq 1 ]
}

@test "on every base, the same of the patches, of which each has those of 7.3" {
	for base in bases/*; do
		folder=patches/${base#bases/}
		run grep -rl --include='*.patch' '^diff --git a/mm/page_alloc.c' "$folder"
		[ "$status" -eq 1 ]
		run grep -rhE --include='*.patch' '^[-+].*_compound_head\(const' "$folder"
		[ "$status" -eq 1 ]
		# By name: topics and order may differ. One patch names the page types that
		# there are.
		missing=$(comm -23 <(patches patches/7.3 | sed 's,.*/,,; /^mm-debug-name-the-zsmalloc/d' | sort) \
			<(patches "$folder" | sed 's,.*/,,' | sort))
		echo "$base: $missing"
		[ -z "$missing" ]
	done
}

@test "every series has a cover letter with a subject, and none is empty" {
	for base in bases/*; do
		folder=patches/${base#bases/}
		while read -r series; do
			echo "$series"
			grep -q '^# ' "$(dirname "$series")/cover.md"
			grep -qv '^#' "$series"
		done < <(find "$folder" -name series)
		[ ! -f "$folder/topics" ] || diff <(sed '/^#/d; s/ .*//' "$folder/topics" | sort) \
			<(find "$folder" -name series -printf '%h\n' | sed 's,.*/,,' | sort)
	done
}

@test "every function that modules need is exported to them, GPL only" {
	for f in alloc_vcompound_noprof alloc_vcompound_node_noprof free_vcompound \
		 __alloc_vcompound_noprof __alloc_vcompound_node_noprof __free_vcompound; do
		grep -qx "EXPORT_SYMBOL_GPL($f);" "$TREE/mm/vmalloc.c"
	done
}

@test "the kernel-doc is well-formed" {
	cd "$TREE"
	run scripts/kernel-doc -none -Wall mm/vmalloc.c
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *vcompound* ]]
	run scripts/kernel-doc -none include/linux/mm.h
	[[ "$output" != *vcompound* ]]
	[[ "$output" != *vcdesc* ]]
}

@test "each test of the suite proves one promise, and no other test is named" {
	diff <(grep -oP 'KUNIT_CASE\w*\(\K\w+' "$TREE/lib/test_vcompound.c" | sort) \
		<(grep -v '^#' tests/promises | cut -d'|' -f2 | tr ' ' '\n' |
			sed 's/.*://; /^$/d' | sort)
}
