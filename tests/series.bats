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

@test "no patch touches mm/page_alloc.c or the compound head" {
	run grep -l '^diff --git a/mm/page_alloc.c' "$PATCHES"/*.patch
	[ "$status" -eq 1 ]
	run grep -hE '^[-+].*_compound_head\(const' "$PATCHES"/*.patch
	[ "$status" -eq 1 ]
}

@test "on every base, the same of the patches, of which each has those of 7.3" {
	for base in bases/*; do
		patches=patches/${base#bases/}
		run grep -l '^diff --git a/mm/page_alloc.c' "$patches"/*.patch
		[ "$status" -eq 1 ]
		run grep -hE '^[-+].*_compound_head\(const' "$patches"/*.patch
		[ "$status" -eq 1 ]
		[ -f "$patches/cover.md" ]
		# In the same order. The first names the page types that there are.
		missing=$(diff <(grep -v '^#' patches/7.3/series | tail -n +2) \
			<(grep -v '^#' "$patches/series" | tail -n +2) | grep '^<' || true)
		echo "$base: $missing"
		[ -z "$missing" ]
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
