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

@test "mm/page_alloc.c has one patch, and no patch touches the compound head" {
	# 6.12 also has page_frag_free() there.
	run bash -c "grep -rl --include='*.patch' '^diff --git a/mm/page_alloc.c' patches | sort"
	[ "$output" = "patches/6.12/core/mm-make-virt_to_head_page-work-on-virtualizable-comp.patch
patches/6.12/core/mm-page_alloc-add-free_frozen_part.patch
patches/7.3/core/mm-page_alloc-add-free_frozen_part.patch" ]
	run grep -rhE --include='*.patch' '^[-+].*_compound_head\(const' patches
	[ "$status" -eq 1 ]
}

@test "core is small, and no patch replaces what another one of the series added" {
	run tests/shape
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the origin of each page whose address is taken is known" {
	run tests/direct-address
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a line that the list does not know, or that the series forgot, is found" {
	[[ "$PATCHES" == */7.3 ]] || skip "tests/page-address is the list of 7.3"
	local copy=$BATS_TEST_TMPDIR

	mkdir "$copy/tests"
	ln -s "$PWD"/{scripts,bases,patches,configs,guest} "$copy"
	cp tests/direct-address "$copy/tests"
	# One line is missing, one is of no kernel, and one has the wrong verdict.
	{
		grep -v '^net/tls/tls_sw.c' tests/page-address | grep -v '^net/xfrm/xfrm_iptfs.c'
		printf '= stays: planted\ngone.c\tpage_address(x)\n= direct: planted\n'
		grep '^net/xfrm/xfrm_iptfs.c' tests/page-address
	} >"$copy/tests/page-address"
	run env WORK="${WORK:-$PWD/work}" VCOMPOUND_TREE="$TREE" "$copy/tests/direct-address"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"unknown: net/tls/tls_sw.c"* ]]
	[[ "$output" == *"gone: gone.c"* ]]
	[[ "$output" == *"not changed by the series: net/xfrm/xfrm_iptfs.c"* ]]
}

@test "the message of every patch ends with a line of three dashes" {
	# changes() of scripts/lib/common.sh deletes everything up to the first one.
	for patch in patches/*/*/*.patch; do
		echo "$patch"
		[ "$(grep -m 1 -xe '---' -e 'diff --git .*' "$patch")" = --- ]
	done
}

@test "every series has a cover letter with a subject, and none is empty" {
	for base in bases/*; do
		folder=patches/${base#bases/}
		while read -r series; do
			echo "$series"
			grep -q '^# ' "$(dirname "$series")/cover.md"
			grep -qv '^#' "$series"
			[[ $(wc -l <"$(dirname "$series")/cover.md") =~ ^(1[5-9]|[2-5].|60)$ ]]
		done < <(find "$folder" -name series)
		diff <(sed '/^#/d; s/ .*//' "$folder/topics" | sort) \
			<(find "$folder" -name series -printf '%h\n' | sed 's,.*/,,' | sort)
	done
}

@test "the table of results says which of its rows are of another series" {
	run scripts/state --check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a result of another series is marked as stale" {
	local copy=$BATS_TEST_TMPDIR

	mkdir "$copy/results"
	cp -r scripts bases patches "$copy"
	printf '| 7.3 | kunit-um | `scripts/kunit` | %s | 1 passed | 1.0 | 2026-01-01 |\n' \
		0123456789ab >"$copy/results/state.md"
	run env WORK="$copy/work" "$copy/scripts/state" --check
	[ "$status" -ne 0 ]
	WORK=$copy/work "$copy/scripts/state"
	grep -F '| stale: 1 passed |' "$copy/results/state.md"
	WORK=$copy/work "$copy/scripts/state" --check
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
	run scripts/kernel-doc -none block/bio.c include/linux/highmem.h
	[[ "$output" != *vcompound* ]]
}

@test "each test of the suite proves one promise, and no other test is named" {
	local left_out='^$'

	# On 6.12 no vcompound has huge pages.
	[[ "$PATCHES" == */7.3 ]] || left_out=_huge
	diff <(grep -oP 'KUNIT_CASE\w*\(\K\w+' "$TREE/lib/test_vcompound.c" | sort) \
		<(grep -v '^#' tests/promises | cut -d'|' -f2 | tr ' ' '\n' |
			sed 's/.*://; /^$/d' | grep -v "$left_out" | sort)
}
