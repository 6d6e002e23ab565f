# SPDX-License-Identifier: GPL-2.0
#
# What the scripts do with bad input and with unsaved work. A small fake kernel stands in
# for the base, except in the round trip of the series.
#
#   bats tests/tooling.bats
# shellcheck shell=bash

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	unset VCOMPOUND_APT_UPDATED VERSION
	CALLER_WORK=${WORK:-} CALLER_LINUX=${LINUX:-} CALLER_BASE=${BASE:-}
	export WORK=$BATS_TEST_TMPDIR/work PATCHES=$BATS_TEST_TMPDIR/patches
	export LINUX=$BATS_TEST_TMPDIR/linux BASE=7.3
	TREE=$WORK/7.3-own/linux
	mkdir -p "$LINUX/mm" "$PATCHES"
	printf 'VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\n' >"$LINUX/Makefile"
	seq 1 40 >"$LINUX/mm/vmalloc.c"
	printf '*.o\n/*\n!/debian/\n' >"$LINUX/.gitignore"
	mkdir "$PATCHES/all"
	echo 'all  patches' >"$PATCHES/topics"
	echo '# the order' >"$PATCHES/all/series"
}

in_tree()
{
	git -C "$TREE" "$@"
}

# commit_line N SUBJECT: change line N of the file that stands for the kernel.
commit_line()
{
	sed -i "$1s/\$/ changed/" "$TREE/mm/vmalloc.c"
	in_tree commit -q -a -m "$2" -m "Because of line $1."
}

# A tree with a series of two exported patches.
two_patches()
{
	scripts/tree
	commit_line 5 'mm: one'
	commit_line 30 'mm: two'
	scripts/export
}

# fails TEXT... -- COMMAND...: the command fails and says every TEXT.
fails()
{
	local texts=()
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	run "$@"
	echo "$output"
	[ "$status" -ne 0 ]
	for t in "${texts[@]}"; do
		[[ "$output" == *"$t"* ]]
	done
}

@test "an unknown BASE is refused, and the known ones are named" {
	BASE=2.6.25 fails "BASE=2.6.25 is not a known base" "known bases:" 7.3 -- scripts/tree
	BASE=2.6.25 fails "is not a known base" -- make tree
}

@test "a LINUX= that does not exist is refused" {
	LINUX=/nonexistent fails "LINUX=/nonexistent does not exist" -- scripts/tree
}

@test "a LINUX= that is no kernel is refused" {
	rm -r "$LINUX/mm"
	fails "is not a Linux kernel" "git clone" -- scripts/tree
	[ ! -e "$TREE" ]
}

@test "a LINUX= that is a file but no kernel is refused" {
	echo hello >"$BATS_TEST_TMPDIR/hello"
	LINUX=$BATS_TEST_TMPDIR/hello fails "is not a tarball of a Linux kernel" -- scripts/tree
}

@test "a LINUX= of another version is refused, and both versions are named" {
	sed -i 's/PATCHLEVEL = 3/PATCHLEVEL = 1/' "$LINUX/Makefile"
	fails "is Linux 7.1, BASE=7.3 needs 7.3" -- scripts/tree
}

@test "LINUX= may be a folder, a tarball or a git clone, and is only read" {
	git -C "$LINUX" init -q
	git -C "$LINUX" -c user.name=x -c user.email=x add -f .
	git -C "$LINUX" -c user.name=x -c user.email=x commit -q -m base
	tar -cJf "$BATS_TEST_TMPDIR/linux.tar.xz" -C "$BATS_TEST_TMPDIR" --exclude=.git linux
	mkdir "$BATS_TEST_TMPDIR/folder"
	cp -r "$LINUX/Makefile" "$LINUX/mm" "$LINUX/.gitignore" "$BATS_TEST_TMPDIR/folder"
	before=$(find "$LINUX" "$BATS_TEST_TMPDIR/folder" -type f -exec sha256sum {} + | sort)
	for l in "$LINUX" "$BATS_TEST_TMPDIR/linux.tar.xz" "$BATS_TEST_TMPDIR/folder"; do
		LINUX=$l scripts/tree
		cmp "$LINUX/mm/vmalloc.c" "$TREE/mm/vmalloc.c"
		rm -rf "$WORK"
	done
	[ "$before" = "$(find "$LINUX" "$BATS_TEST_TMPDIR/folder" -type f -exec sha256sum {} + | sort)" ]
}

@test "a missing package is installed, or named if that is not possible" {
	# As a user without sudo.
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho 1000\n' >"$BATS_TEST_TMPDIR/bin/id"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR/bin/"*
	# shellcheck disable=SC2016
	PATH=$BATS_TEST_TMPDIR/bin:$PATH fails "missing packages: no-such-package other" \
		"apt-get install no-such-package other" -- \
		bash -c '. scripts/lib/common.sh; need bash no-such-package other; echo REACHED'
	[[ "$output" != *REACHED* ]]
}

@test "a package that cannot be had is a failure that names the log" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	printf '#!/bin/sh\necho E: no network; exit 100\n' >"$BATS_TEST_TMPDIR/apt-get"
	chmod +x "$BATS_TEST_TMPDIR/apt-get"
	PATH=$BATS_TEST_TMPDIR:$PATH fails "apt-update failed" "log/apt-update.log" -- \
		bash -c '. scripts/lib/common.sh; need no-such-package; echo REACHED'
	[[ "$output" != *REACHED* ]]
}

@test "two scripts with folders of their own do not run apt at the same time" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cat >"$BATS_TEST_TMPDIR/apt-get" <<-'END'
		#!/bin/bash
		mkdir "$BATS_TEST_TMPDIR/running" || exit 100
		sleep 1
		rmdir "$BATS_TEST_TMPDIR/running"
	END
	chmod +x "$BATS_TEST_TMPDIR/apt-get"
	export PATH=$BATS_TEST_TMPDIR:$PATH BATS_TEST_TMPDIR
	WORK=$BATS_TEST_TMPDIR/other bash -c '. scripts/lib/common.sh; need no-such-package' &
	bash -c '. scripts/lib/common.sh; need no-such-package'
	wait $!
}

@test "a kernel package that nobody offers is an error that names both ways out" {
	fake_apt
	LINUX='' fails "linux-source-7.3 is offered neither" "BASE=" "LINUX=/path/to/linux" \
		-- scripts/tree
}

@test "a broken download is an error, and no reason to take another base" {
	fake_apt 7.3 6.12
	export LINUX='' BASE=''
	# Offered, but the mirror does not deliver it.
	touch "$BATS_TEST_TMPDIR/bin/no-download"
	fails "the download of linux-source-7.3 failed" "is there a network?" "7.3-fetch.log" \
		-- scripts/tree
	[[ "$output" != *BASE=6.12* ]]
	# No network: the lists of the suite cannot be read either.
	rm "$BATS_TEST_TMPDIR"/bin/linux-source-7.3_*
	touch "$BATS_TEST_TMPDIR/bin/no-network"
	fails "the download of linux-source-7.3 failed" -- scripts/tree
	[[ "$output" != *BASE=6.12* ]]
	# And nothing is remembered of it.
	rm "$BATS_TEST_TMPDIR"/bin/no-*
	fake_apt 7.3 6.12
	run scripts/tree
	[[ "$output" == *"on Linux 7.3.1"* ]]
}

# fake_apt VERSION...: apt offers linux-source-VERSION for these and nothing else. The file
# no-download makes downloads fail, no-network also apt-get update of another suite.
fake_apt()
{
	local bin=$BATS_TEST_TMPDIR/bin deb version release=${fake_release:-1}

	mkdir -p "$bin"
	for version; do
		deb=$BATS_TEST_TMPDIR/linux-source-$version
		mkdir -p "$deb/DEBIAN" "$deb/usr/src" "$deb/linux-source-$version/mm"
		printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\n' "${version%.*}" "${version#*.}" "$release" \
			>"$deb/linux-source-$version/Makefile"
		seq 1 40 >"$deb/linux-source-$version/mm/vmalloc.c"
		echo "*.o" >"$deb/linux-source-$version/.gitignore"
		tar -cJf "$deb/usr/src/linux-source-$version.tar.xz" -C "$deb" "linux-source-$version"
		rm -rf "$deb/linux-source-$version"
		printf '%s\n' "Package: linux-source-$version" "Version: $version.$release-1" \
			'Architecture: all' 'Maintainer: nobody' 'Description: fake' >"$deb/DEBIAN/control"
		dpkg-deb -b "$deb" "$bin/linux-source-${version}_$version.$release-1_all.deb" >/dev/null
	done
	cat >"$bin/apt-get" <<-END
		#!/bin/bash
		case " \$* " in
		*" indextargets "*) echo "mirror main" ;;
		*" update "*)
			[ ! -e $bin/no-network ] || { echo "E: Could not connect"; exit 100; }
			echo "E: The repository does not have a Release file."
			exit 100
			;;
		*" download "*)
			[ ! -e $bin/no-download ] || exit 100
			package=\${*: -1}
			cp $bin/\${package%%=*}_*.deb . || exit 100
			;;
		*)	exit 100 ;;
		esac
	END
	cat >"$bin/apt-cache" <<-END
		#!/bin/bash
		[[ "\$*" != *Dir::* ]] || exit 0
		for deb in $bin/\${*: -1}_*.deb; do
			[ ! -e "\$deb" ] || echo "\${*: -1} | \$(dpkg-deb -f "\$deb" Version) | mirror"
		done
	END
	chmod +x "$bin"/apt-*
	PATH=$bin:$PATH
}

@test "without the newest base's package the next is used, and a line says so" {
	fake_apt 7.3 6.12
	export LINUX='' BASE=''
	run scripts/tree
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" == *"on Linux 7.3.1"* && "$output" != *"BASE=6.12"* ]]

	rm -rf "$WORK" "$BATS_TEST_TMPDIR"/bin/linux-source-7.3_*
	run scripts/tree
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c "this is BASE=6.12" <<<"$output")" = 1 ]
	[[ "$output" == *"on Linux 6.12.1"* ]]
	# A second time nothing is asked, and the line is printed again.
	rm "$BATS_TEST_TMPDIR"/bin/*.deb
	run scripts/tree
	[ "$(grep -c "this is BASE=6.12" <<<"$output")" = 1 ]
	[[ "$output" == *"up to date"*"6.12.1"* ]]

	# A base that is asked for is used, or it is an error.
	BASE=7.3 fails "linux-source-7.3 is offered neither" -- scripts/tree
	rm -rf "$WORK"
	fails "linux-source-7.3 is offered neither" "linux-source-6.12 is offered neither" -- scripts/tree
}

@test "tree ends Debian's habit of ignoring new files" {
	scripts/tree
	touch "$TREE/new-file"
	in_tree status --porcelain | grep new-file
}

@test "a second tree does no work" {
	two_patches
	head=$(in_tree rev-parse HEAD)
	touch -d 2001-01-01 "$TREE/mm/vmalloc.c"
	run scripts/tree
	[[ "$output" == *"up to date: 2 patches on Linux 7.3.4"* ]]
	[ "$head" = "$(in_tree rev-parse HEAD)" ]
	[ "$(stat -c %y "$TREE/mm/vmalloc.c" | cut -c1-4)" = 2001 ]
}

@test "a fresh tree has the same commits, and its export leaves no difference" {
	two_patches
	head=$(in_tree rev-parse HEAD)
	cp -r "$PATCHES" "$BATS_TEST_TMPDIR/before"
	rm -rf "$WORK"
	scripts/tree
	[ "$head" != '' ]
	fresh=$(in_tree rev-parse HEAD)
	# Write all of them anew.
	: >"$TREE/.git/vcompound-patches"
	scripts/export
	diff -r "$BATS_TEST_TMPDIR/before" "$PATCHES"
	rm -rf "$WORK"
	scripts/tree
	[ "$fresh" = "$(in_tree rev-parse HEAD)" ]
}

@test "only the patch that changed is written" {
	two_patches
	one=$(cat "$PATCHES/all/mm-one.patch")
	in_tree commit -q --amend -m 'mm: two' -m 'Because of something else.'
	run scripts/export
	[[ "$output" == *"wrote all/mm-two.patch"* ]]
	[[ "$output" != *"wrote all/mm-one.patch"* ]]
	[ "$one" = "$(cat "$PATCHES/all/mm-one.patch")" ]
	grep 'something else' "$PATCHES/all/mm-two.patch"
}

@test "export follows the order, and removes what is gone" {
	two_patches
	in_tree reset -q --hard HEAD~1
	run scripts/export
	[[ "$output" == *"removed all/mm-two.patch"* ]]
	[ "$(grep -v '^#' "$PATCHES/all/series")" = mm-one.patch ]
	[ "$(head -n 1 "$PATCHES/all/series")" = '# the order' ]
	grep '^# exported against 7.3.4$' "$PATCHES/topics"
}

@test "export keeps what the series file says above a patch" {
	two_patches
	sed -i 's/^mm-two.patch$/# why two\n&/' "$PATCHES/all/series"
	echo '# at the end' >>"$PATCHES/all/series"
	cp "$PATCHES/all/series" "$BATS_TEST_TMPDIR/before"
	scripts/export
	cmp "$BATS_TEST_TMPDIR/before" "$PATCHES/all/series"
	commit_line 20 'mm: three'
	scripts/export
	[ "$(tail -n 4 "$PATCHES/all/series" | paste -sd' ')" = \
	  '# why two mm-two.patch mm-three.patch # at the end' ]
}

@test "a patch that does not apply is named, and the tree stays as it was" {
	two_patches
	head=$(in_tree rev-parse HEAD)
	sed -i 's/^-5$/-five/' "$PATCHES/all/mm-one.patch"
	fails "mm-one.patch does not apply to Linux 7.3.4" "mm/vmalloc.c" -- scripts/tree
	[ "$head" = "$(in_tree rev-parse HEAD)" ]
	[ -z "$(in_tree status --porcelain)" ]
	# And with no tree yet.
	rm -rf "$WORK"
	fails "mm-one.patch does not apply" -- scripts/tree
	sed -i 's/^-five$/-5/' "$PATCHES/all/mm-one.patch"
	scripts/tree
}

@test "a patch applies without fuzz or not at all" {
	two_patches
	# A context line that patch(1) would overlook.
	sed -i 's/^ 2$/ two/' "$PATCHES/all/mm-one.patch"
	fails "mm-one.patch does not apply" -- scripts/tree
}

@test "a base without topics is an error" {
	rm "$PATCHES/topics"
	fails "there is no file $PATCHES/topics" "NAME  what it is for" -- scripts/tree
}

@test "a patch that the series does not name is an error, and the reverse" {
	two_patches
	cp "$PATCHES/all/mm-one.patch" "$PATCHES/all/mm-other.patch"
	fails "mm-other.patch is not in the series file" -- scripts/tree
	mv "$PATCHES/all/mm-other.patch" "$PATCHES"
	fails "$PATCHES/mm-other.patch is not in the series file" -- scripts/tree
	rm "$PATCHES/mm-other.patch" "$PATCHES/all/mm-two.patch"
	fails "mm-two.patch, which is not in" -- scripts/tree
}

@test "tree takes up a changed series without touching other files" {
	two_patches
	cp -r "$PATCHES" "$BATS_TEST_TMPDIR/new"
	in_tree reset -q --hard HEAD~1
	scripts/export
	touch -d 2001-01-01 "$TREE/Makefile"
	PATCHES=$BATS_TEST_TMPDIR/new run scripts/tree
	[[ "$output" == *"2 patches on Linux 7.3.4, 1 applied now"* ]]
	grep -q '30 changed' "$TREE/mm/vmalloc.c"
	[ "$(stat -c %y "$TREE/Makefile" | cut -c1-4)" = 2001 ]
}

# keeps VERB TEXT...: the verb is refused with TEXT, and the tree stays the same.
keeps()
{
	local verb=$1 before
	shift
	before=$(in_tree log --format=%H; in_tree diff HEAD; in_tree status --porcelain)
	fails "$@" -- "scripts/$verb"
	[ "$before" = "$(in_tree log --format=%H; in_tree diff HEAD; in_tree status --porcelain)" ]
}

@test "uncommitted changes are not lost" {
	two_patches
	echo work >>"$TREE/Makefile"
	for verb in tree export clean; do
		keeps $verb "not committed" Makefile "stash"
	done
}

@test "new files are not lost" {
	two_patches
	echo work >"$TREE/mm/new.c"
	for verb in tree export clean; do
		keeps $verb "not committed" mm/new.c
	done
}

@test "commits that were not exported are not lost" {
	two_patches
	commit_line 20 'mm: three'
	for verb in tree clean; do
		keeps $verb "differs from what was exported last" "mm: three" \
			"make export" "reset --hard refs/vcompound/exported"
	done
}

@test "what came into patches/ meanwhile is not overwritten" {
	two_patches
	sed -i 's/Because of line 5/Because of a pull/' "$PATCHES/all/mm-one.patch"
	keeps export "mm-one.patch has changed since" "cherry-pick"
	grep -q 'Because of a pull' "$PATCHES/all/mm-one.patch"
	sed -i 's/Because of a pull/Because of line 5/' "$PATCHES/all/mm-one.patch"
	cp "$PATCHES/all/mm-one.patch" "$PATCHES/all/mm-pulled.patch"
	echo mm-pulled.patch >>"$PATCHES/all/series"
	keeps export "mm-pulled.patch has changed since"
	[ -e "$PATCHES/all/mm-pulled.patch" ]
}

@test "an empty series is a tree of the base" {
	timeout 60 scripts/tree </dev/zero
	two_patches
	rm "$PATCHES"/all/*.patch
	echo '# none' >"$PATCHES/all/series"
	timeout 60 scripts/tree </dev/zero
	[ "$(in_tree rev-parse HEAD)" = "$(in_tree rev-parse refs/vcompound/base)" ]
}

@test "empty and fixup commits are not exported" {
	two_patches
	in_tree commit -q --allow-empty -m 'mm: nothing'
	keeps export '"mm: nothing"' "changes nothing"
	in_tree reset -q --hard HEAD~1
	commit_line 20 'fixup! mm: two'
	keeps export "belongs to another commit" "autosquash"
}

@test "a LINUX= clone that moved on is noticed" {
	git -C "$LINUX" init -q
	git -C "$LINUX" -c user.name=x -c user.email=x add -f .
	git -C "$LINUX" -c user.name=x -c user.email=x commit -q -m base
	scripts/tree
	git -C "$LINUX" -c user.name=x -c user.email=x commit -q --allow-empty -m moved
	fails "holds a tree made from" "make clean" -- scripts/tree
	scripts/clean
	scripts/tree
}

@test "removed commits are noticed" {
	two_patches
	in_tree reset -q --hard HEAD~1
	keeps tree "differs from what was exported last" "make export"
}

@test "an am or rebase in progress is not disturbed" {
	two_patches
	GIT_SEQUENCE_EDITOR="sed -i 1s/pick/edit/" in_tree rebase -q -i HEAD~2
	for verb in tree export clean; do
		keeps $verb "in progress" "rebase --continue"
	done
	in_tree rebase --abort
	in_tree checkout -q -b other HEAD~1
	commit_line 30 'mm: another two'
	in_tree checkout -q series
	in_tree cherry-pick other || true
	in_tree checkout -q --ours mm/vmalloc.c
	in_tree add mm/vmalloc.c
	for verb in tree export clean; do
		keeps $verb "in progress"
	done
}

@test "stashes and other branches survive a clean" {
	two_patches
	echo work >>"$TREE/Makefile"
	in_tree stash -q
	keeps clean "stashed changes" "FORCE=1"
	in_tree stash drop -q
	in_tree branch idea
	in_tree checkout -q idea
	keeps tree 'not on its branch "series"'
	commit_line 20 'mm: idea'
	in_tree checkout -q series
	keeps clean "other branches" "mm: idea"
	FORCE=1 scripts/clean
	[ ! -e "$WORK" ]
}

@test "clean removes what it made and nothing else" {
	two_patches
	scripts/clean
	[ ! -e "$WORK" ]
	mkdir "$BATS_TEST_TMPDIR/precious"
	WORK=$BATS_TEST_TMPDIR/precious fails "was not made by these scripts" -- scripts/clean
	[ -d "$BATS_TEST_TMPDIR/precious" ]
}

@test "a sign-off, a review tag or another author is not exported" {
	two_patches
	for tag in Signed-off-by Reviewed-by Acked-by; do
		commit_line 20 'mm: three'
		in_tree commit -q --amend -m 'mm: three' -m "$tag: A U Thor <a@u.thor>"
		keeps export '"mm: three"' "$tag"
		in_tree reset -q --hard HEAD~1
	done
	commit_line 20 'mm: three'
	in_tree commit -q --amend --no-edit --author='A U Thor <a@u.thor>'
	keeps export '"mm: three"' "--reset-author"
}

@test "two commits with one subject are an error" {
	two_patches
	commit_line 20 'mm: two'
	keeps export "two commits would be written to mm-two.patch"
}

@test "an interrupted tree is taken up again" {
	# Stop it once the source is there, and once the base is half made.
	scripts/fetch
	mkdir -p "$TREE.new/.git"
	echo half >"$TREE.new/Makefile"
	scripts/tree
	grep -q 'VERSION = 7' "$TREE/Makefile"
	# And in the middle of the series.
	two_patches
	rm -rf "$TREE"
	mkdir -p "$WORK/7.3-own/apply"
	scripts/tree
	grep -q '30 changed' "$TREE/mm/vmalloc.c"
	[ -z "$(in_tree status --porcelain)" ]
}

# In $BATS_TEST_TMPDIR/bin, a git that kills its caller before the Nth call, N being in the
# file calls.
killing_git()
{
	local real

	real=$(command -v git)
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/git" <<-END
		#!/bin/bash
		n=\$((\$(cat "$BATS_TEST_TMPDIR/calls") - 1))
		echo \$n >"$BATS_TEST_TMPDIR/calls"
		[ \$n -gt 0 ] || kill -9 \$PPID
		exec $real "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/git"
}

@test "a tree killed at any moment is taken up again" {
	two_patches
	killing_git
	for calls in $(seq 1 3 60); do
		in_tree reset -q --hard refs/vcompound/base
		in_tree update-ref refs/vcompound/exported HEAD
		: >"$TREE/.git/vcompound-patches"
		echo "$calls" >"$BATS_TEST_TMPDIR/calls"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH run scripts/tree
		scripts/tree
		grep -q '30 changed' "$TREE/mm/vmalloc.c"
		[ "$(wc -l <"$TREE/.git/vcompound-patches")" = 2 ]
		[ -z "$(in_tree status --porcelain)" ]
	done
}

@test "mbox is numbered, and git am takes it" {
	two_patches
	printf '# A cover\n\nWhy.\n' >"$PATCHES/all/cover.md"
	scripts/mbox
	mbox=$WORK/7.3-own/mbox/01-all
	grep -q '^Subject: \[PATCH 0/2\] A cover$' "$mbox/0000-cover-letter.patch"
	grep -q '^base: v7.3$' "$mbox/0000-cover-letter.patch"
	grep -q '^Why.$' "$mbox/0000-cover-letter.patch"
	grep -q '^Subject: \[PATCH 1/2\] mm: one$' "$mbox/0001-mm-one.patch"
	git clone -q "$TREE" "$BATS_TEST_TMPDIR/clone"
	cd "$BATS_TEST_TMPDIR/clone"
	git reset -q --hard "$(in_tree rev-parse refs/vcompound/base)"
	git -c user.name=x -c user.email=x am -q "$mbox/01-all.mbox"
	[ "$(git log -1 --format=%s)" = 'mm: two' ]
	git diff --exit-code "$(in_tree rev-parse HEAD)"
}

@test "the series itself makes the round trip" {
	# The tree that the other tests use; nothing of it is changed.
	WORK=$CALLER_WORK LINUX=$CALLER_LINUX BASE=$CALLER_BASE
	unset PATCHES
	scripts/tree
	BASE=$(bash -c '. scripts/lib/common.sh; load_base >&2; echo "$BASE"')
	tree=${WORK:-work}/$BASE${LINUX:+-own}/linux
	tree=$(realpath "$tree")
	new=$BATS_TEST_TMPDIR/new
	mkdir "$new"
	git clone -q -s -n "$tree" "$BATS_TEST_TMPDIR/copy"
	cd "$BATS_TEST_TMPDIR/copy"
	git fetch -q origin 'refs/vcompound/*:refs/vcompound/*'
	# It says how hunks are headed.
	git checkout -q refs/vcompound/base -- .gitattributes
	git -c core.abbrev=40 -c diff.algorithm=histogram format-patch -q --full-index \
		--zero-commit --no-signature --no-numbered --no-renames -o "$new" \
		refs/vcompound/base..refs/vcompound/exported
	cd "$BATS_TEST_DIRNAME/.."
	i=0
	# shellcheck disable=SC2016
	against=$(bash -c '. scripts/lib/common.sh; load_base >&2; . scripts/lib/series.sh; exported_against')
	while read -r p; do
		i=$((i + 1))
		stored=patches/$BASE/$p
		again=$(echo "$new/$(printf %04d $i)"-*.patch)
		if [ "$against" = \
		     "$(git -C "$tree" log -1 --format=%s refs/vcompound/base | cut -d' ' -f2)" ]; then
			diff "$stored" "$again"
		else
			# Another point release: other line numbers.
			diff <(sed '/^index /d;s/^@@.*//' "$stored") \
			     <(sed '/^index /d;s/^@@.*//' "$again")
		fi
	done < <(cut -d' ' -f2 "$tree/.git/vcompound-patches")
	[ "$i" -gt 0 ]
}

# copy_scripts: a clone without the series
copy_scripts()
{
	cd "$BATS_TEST_TMPDIR"
	cp -r "$BATS_TEST_DIRNAME/../"{scripts,bases,configs,guest,plugin,tests,.ci,Makefile} .
}

# steps COMMANDS: what scripts/test-full does with such steps.
steps()
{
	bash -c '. scripts/lib/common.sh; load_base; RESUME=1; . scripts/lib/steps.sh; '"$1; summary"
}

@test "a full test goes on after the steps that passed, and runs again what failed" {
	scripts/tree
	copy_scripts
	good="step good sh -c 'echo good >>$PWD/ran'"
	bad="step bad sh -c 'echo bad >>$PWD/ran; test -e $PWD/mended'"
	run steps "$good; $bad"
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = '1 passed, 1 failed' ]
	[[ "$output" == *"FAILED: bad"* ]]
	touch mended
	run steps "$good; $bad"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = '2 passed, 0 failed' ]
	[[ "$output" == *"test good: passed "*"not run again"* ]]
	[ "$(paste -sd ' ' ran)" = 'good bad bad' ]
	# All of it is known now; FORCE=1 wants it nevertheless.
	steps "$good; $bad" | grep 'passed in an earlier run, with the same state: 2,'
	[ "$(wc -l <ran)" = 3 ]
	FORCE=1 steps "$good; $bad"
	[ "$(wc -l <ran)" = 5 ]
	# What failed in scripts/test, which runs every step, has not passed any more.
	for again in "$bad" "step_for none ${bad#step }"; do
		steps "$bad"
		rm mended
		run steps "RESUME=; $again"
		[ "$status" -ne 0 ]
		run steps "$bad"
		[ "$status" -ne 0 ]
		touch mended
	done
	# Another series, configuration, script or list of machines is another state.
	for file in patches/topics configs/common scripts/lib/common.sh tests/machines; do
		echo '# changed' >>$file
		: >ran
		steps "$good"
		[ "$(cat ran)" = good ]
	done
	# What the step does not name is not. A step that names it has another state.
	for pair in tests/coverage,tests/coverage "configs/rt,scripts/kernel debug rt" \
			"guest/jobs/stress,scripts/boot guest/jobs/stress" \
			"configs/kasan,scripts/xfs --check" tests/not-covered,tests/coverage; do
		before=$(steps "state ${pair#*,}; exit")
		echo '# changed' >>"${pair%%,*}"
		[ "$(steps "state ${pair#*,}; exit")" != "$before" ]
		steps "$good"
		[ "$(cat ran)" = good ]
	done
	# The message of a patch matters to checkpatch only, what the patch changes to all.
	patch=$PATCHES/all/mm-one.patch
	printf 'Why.\n---\n-one\n' >"$patch"
	steps "$good"
	: >ran
	series='series_id; exit'
	named=$(steps "$series")
	checked=$(steps 'state tests/checkpatch; exit')
	sed -i 's/Why/Another why/' "$patch"
	[ "$(steps "$series")" = "$named" ]
	[ "$(steps 'state tests/checkpatch; exit')" != "$checked" ]
	steps "$good"
	[ ! -s ran ]
	# A cover letter and the description of the guest matter to none of them.
	checked=$(steps 'state tests/checkpatch; exit')
	echo '# changed' | tee "$PATCHES/all/cover.md" >>guest/README.md
	[ "$(steps 'state tests/checkpatch; exit')" = "$checked" ]
	steps "$good"
	[ ! -s ran ]
	sed -i 's/-one/+one/' "$patch"
	[ "$(steps "$series")" != "$named" ]
	steps "$good"
	[ "$(cat ran)" = good ]
	# Nor is a fragment of another base.
	echo '# changed' >>configs/um-6.12
	steps "$good"
	[ "$(cat ran)" = good ]
	# A step that counts KUnit cases depends on the numbers of its base only.
	kunit='state scripts/kunit; state scripts/boot --kunit; state tests/coverage; exit'
	before=$(steps "$kunit")
	echo 'um+other 5 6.12' >>tests/expected-cases
	[ "$(steps "$kunit")" = "$before" ]
	echo 'um+other 5' >>tests/expected-cases
	[ "$(comm -12 <(steps "$kunit" | sort) <(sort <<<"$before") | wc -l)" = 0 ]
	steps "$good"
	[ "$(cat ran)" = good ]
	# Other words, such as a machine's line, make another state. The same ones do not.
	for words in one two two; do
		steps "INPUT_WORDS=$words; $good"
	done
	[ "$(wc -l <ran)" = 3 ]
}

@test "a full test goes on in another clone, by the rows of results/state.md" {
	scripts/tree
	copy_scripts
	echo true >tests/own
	chmod +x tests/own
	mkdir results
	steps "step own tests/own"
	read -r state _ <"$WORK/7.3-own/passed/own"
	for outcome in passed FAILED; do
		rm "$WORK/7.3-own/passed/own"
		echo "| 7.3 | own | - | - | $outcome | 1.5 | 2026-01-01 | ${state:0:12} |" >results/state.md
		steps "step own tests/own" >$outcome
	done
	grep 'own: passed 2026-01-01 with this same state (1 passed, 90 s); not run again' passed
	grep 'own: passed, . s' FAILED
	# A record of another state does not hide the row.
	echo "$(tr 0-9a-f 1-9a-f0 <<<"$state") 1 5 2025-01-01" >"$WORK/7.3-own/passed/own"
	sed -i 's/FAILED/passed/' results/state.md
	steps "step own tests/own" | grep 'own: passed 2026-01-01 with'
	# Of another state.
	rm "$WORK/7.3-own/passed/own"
	echo '# changed' >>tests/own
	steps "step own tests/own" | grep 'own: passed, . s'
}

@test "a full test builds a kernel when the first step needs it" {
	scripts/tree
	copy_scripts
	waiting='step_for x86_64+a kernel-a touch a; step_for x86_64+b kernel-b touch b'
	use='step use test -e a -a x86_64+a'
	run steps "$waiting; $use"
	echo "$output"
	[ "${lines[-1]}" = '2 passed, 0 failed' ]
	[ ! -e b ]
	# A kernel may need another one.
	steps "$waiting; step_for x86_64+c kernel-c test -e b -a x86_64+b; step use-c test x86_64+c"
	[ -e b ]
	rm b
	# Of kernels that no step needs, those that passed are left alone.
	rm a
	rm "$WORK/7.3-own/passed/kernel-b"
	steps "$waiting; $use; run_others_waiting"
	[ ! -e a ]
	[ -e b ]
}

@test "a step of a full test that was interrupted is run again" {
	scripts/tree
	wait="step wait sh -c 'echo started >>$BATS_TEST_TMPDIR/ran; exec sleep 60'"
	touch "$BATS_TEST_TMPDIR/ran"
	for i in 1 2; do
		timeout 60 bash -c '. scripts/lib/common.sh; load_base; RESUME=1; . scripts/lib/steps.sh; '"$wait" 3>&- &
		# A machine may be busy: interrupt it when the step runs, not after a time.
		while [ "$(wc -l <"$BATS_TEST_TMPDIR/ran")" -lt "$i" ] && kill -0 $!; do
			sleep 0.1
		done
		kill $! || true
		wait $! || true
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ran")" = 2 ]
}

@test "steps that run beside others are counted, shown, and stopped with them" {
	scripts/tree
	dir=$BATS_TEST_TMPDIR
	touch "$dir/pass"
	# The first ends only after the next step, and the second is not started before.
	wait="until test -e $dir/next; do sleep 0.1; done; touch $dir/over"
	sides="step_beside one timeout 60 sh -c '$wait'"
	sides+="; step_beside 'two' sh -c 'echo \"a  b\"; test -e $dir/over && test -e $dir/pass'"
	all="$sides; run_beside; step next sh -c 'test ! -e $dir/over && touch $dir/next'; join"
	run steps "$all"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = '3 passed, 0 failed' ]
	[[ "$output" == *"test next: passed"*"test one: passed"*$'\na  b\n'*"test two: passed"* ]]
	[ "$(steps "$all" | grep -c 'test .*: passed .* not run again')" = 3 ]
	rm "$dir/pass" "$dir/next" "$dir/over"
	FORCE=1 fails "FAILED: two" "2 passed, 1 failed" -- steps "$all"
	# Interrupted. With --foreground, timeout signals the script only.
	timeout --foreground 60 bash -c '. scripts/lib/common.sh; load_base; RESUME=1; . scripts/lib/steps.sh
		step_beside side sh -c "echo \$\$ >'"$dir"'/pid; exec sleep 600"
		step_beside later touch '"$dir"'/later
		run_beside
		step next sleep 60' 3>&- &
	while [ ! -s "$dir/pid" ] && kill -0 $!; do
		sleep 0.1
	done
	kill $! || true
	wait $! || true
	# A zombie is stopped, too.
	for ((i = 0; i < 50; i++)); do
		grep -qs 'State:.[^Z]' "/proc/$(cat "$dir/pid")/status" || break
		sleep 0.1
	done
	[ "$i" -lt 50 ]
	[ ! -e "$dir/later" ]
}

@test "make test does not resume, whatever the environment says" {
	scripts/tree
	# A step that there is not: nothing passes, and that is no success.
	RESUME=1 fails "0 passed, 0 failed" -- scripts/test nosuchstep
	fails "0 passed, 0 failed" -- scripts/test-full nosuchstep
}

@test "a result of upstream's tests that changed is found" {
	dir=$BATS_TEST_TMPDIR
	for suite in slub_test kasan kfence lazy_mmu_mode usercopy iov_iter; do
		printf '%s\n' "suite=$suite" 'KTAP version 1' '1..1' '    ok 1 one' \
			'    # two: took 5 s' '    ok 2 two # SKIP not here' '    not ok 3 three' \
			"not ok 1 $suite"
	done >"$dir/unpatched"
	printf '%s\n' suite=test_vmalloc \
		'Summary: a_test passed: 1 failed: 0 xfailed: 0 repeat: 1 loops: 9 avg: 77 usec' >>"$dir/unpatched"
	sed 's/took 5 s/took 6 s/; s/avg: 77/avg: 78/' "$dir/unpatched" >"$dir/same"
	run scripts/lib/compare results "$dir/unpatched" "$dir/same"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"kasan:     not ok 3 three"* ]]
	for change in '0,/    ok 1 one/s//    not ok 1 one/' '0,/not ok 3/s//ok 3/' \
		      '0,/not here/s//neither/' '0,/    ok 1 one/{//d}' \
		      's/passed: 1 failed: 0/passed: 0 failed: 1/' 's/loops: 9/loops: 8/'; do
		sed "$change" "$dir/unpatched" >"$dir/other"
		fails "results differ" -- scripts/lib/compare results "$dir/unpatched" "$dir/other"
	done
	# Nothing is not the same as nothing.
	for suite in kasan test_vmalloc; do
		sed "s/suite=$suite/suite=x/" "$dir/unpatched" >"$dir/other"
		fails "$suite has no results" -- scripts/lib/compare results "$dir/other" "$dir/other"
	done
}

@test "an object that differs is found, and one that does not but may" {
	cd "$BATS_TEST_TMPDIR"
	same=("$BATS_TEST_DIRNAME/../scripts/lib/compare" objects)
	printf '%s  %s\n' 11 mm/a.o 22 mm/b.o 33 mm/c.o >one
	sed 's/^22/44/' one >other
	printf '# which\nmm/b.o because it must\n' >may
	run "${same[@]}" one other may
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 objects, the same but for: mm/b.o"* ]]
	: >none
	fails "objects differ that must not:" mm/b.o -- "${same[@]}" one other none
	fails "objects do not differ, although" mm/b.o -- "${same[@]}" one one may
	echo mm/b.o >bare
	fails "no reason" -- "${same[@]}" one other bare
	grep -v a.o other >fewer
	fails "objects differ that must not:" mm/a.o -- "${same[@]}" one fewer may
	fails "there are no objects" -- "${same[@]}" one none may
}

@test "a new warning is found, and a moved one is not new" {
	cd "$BATS_TEST_TMPDIR"
	new=("$BATS_TEST_DIRNAME/../scripts/lib/compare" warnings)
	printf '%s\n' '  CC      mm/a.o' '  CHECK   mm/a.c' '  CHECK   mm/c.c' \
		'/linux/include/b.h:7:12: warning: unused variable "x" [-Wunused-variable]' \
		'/linux/include/b.h:7:12: warning: unused variable "x" [-Wunused-variable]' \
		'/linux/mm/a.c:10:2: error: bad constant expression' \
		'Warning: /linux/mm/a.c:5 function parameter "y" not described in "z"' >one
	sed 's/:7:12/:9:12/; s/a.c:10:2/a.c:11:2/; s/a.c:5/a.c:6/' one >moved
	run "${new[@]}" one moved
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"2 files, 4 warnings, none of them new, 0 gone"* ]]
	# Once more in a header, in another file, of sparse, of kernel-doc.
	for line in '/linux/include/b.h:8:12: warning: unused variable "x" [-Wunused-variable]' \
		    '/linux/mm/c.c:7:12: warning: unused variable "x" [-Wunused-variable]' \
		    '/linux/mm/a.c:10:2: error: another expression' \
		    '/linux/mm/a.c:10:2: error: too long token expansion' \
		    'Warning: /linux/mm/a.c:5 function parameter "w" not described in "z"'; do
		{ cat one; echo "$line"; } >other
		fails "new warnings" -- "${new[@]}" one other
		"${new[@]}" other one
	done
	# A limit of sparse, of trace events alone.
	{ cat one; echo '/linux/include/trace/events/b.h:1:1: error: too long token expansion'; } >other
	"${new[@]}" one other
	grep -v CHECK one >none
	fails "sparse looked at no file" -- "${new[@]}" one none
	fails "sparse looked at no file" -- "${new[@]}" none one
	grep -v mm/c.c one >fewer
	fails "not looked at with the series:" mm/c.c -- "${new[@]}" one fewer
}

@test "a cost that has grown is found, with the row and both figures" {
	printf '# how\n# tools\nkernel\tcase\tpages\tinstructions\n' |
		tee "$BATS_TEST_TMPDIR/old" >"$BATS_TEST_TMPDIR/new"
	printf 'unpatched\tvmalloc\t2\t1000\ncontiguous\tvcompound\t2\t1000\n' \
		>>"$BATS_TEST_TMPDIR/old"
	run scripts/lib/compare costs "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new"
	[ "$status" -ne 0 ]
	[[ $output == *"contiguous vcompound 2 pages: 1000 instructions before, now not measured"* ]]

	printf 'contiguous\tvcompound\t2\t1020\n' >>"$BATS_TEST_TMPDIR/new"
	run scripts/lib/compare costs "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new"
	[ "$status" -eq 0 ]
	[[ $output == *"1 costs have not grown"* ]]

	sed -i 's/1020/1021/' "$BATS_TEST_TMPDIR/new"
	run scripts/lib/compare costs "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new"
	[ "$status" -ne 0 ]
	[[ $output == *"contiguous vcompound 2 pages: 1000 instructions before, now 1021"* ]]
	[[ $output == *"make bench"* ]]

	run scripts/lib/compare costs "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/new"
	[ "$status" -ne 0 ]
	[[ $output == *"make bench"* ]]
}

@test "a boot that provokes reports is judged by its marker and by panics" {
	cd "$BATS_TEST_TMPDIR"
	verdict=("$BATS_TEST_DIRNAME/../scripts/lib/judge" boot)
	echo 'BUG: KASAN: slab-out-of-bounds' >reports
	echo 'Kernel panic - not syncing' >panic
	echo 'DONE 77' >done
	echo 'FAILED the job exited with 1' >failed
	"${verdict[@]}" --reports reports done 77 0
	fails "complained" -- "${verdict[@]}" reports done 77 0
	fails "panicked" -- "${verdict[@]}" --reports panic done 77 0
	fails "hung" -- "${verdict[@]}" --reports reports done 77 124
	fails "the job exited with 1" -- "${verdict[@]}" --reports reports failed 77 0
	fails "another nonce" -- "${verdict[@]}" --reports reports done 78 0
}

@test "a configuration line that the tree does not take is an error, unless a later one overrides it" {
	printf 'CONFIG_ONE=y\n' >"$BATS_TEST_TMPDIR/first"
	printf '# CONFIG_ONE is not set\nCONFIG_TWO=m\n' >"$BATS_TEST_TMPDIR/second"
	printf 'CONFIG_TWO=m\n# CONFIG_ONE is not set\n' >"$BATS_TEST_TMPDIR/config"
	# check NAME...: in this order.
	check()
	{
		bash -c '. scripts/lib/common.sh; . scripts/lib/build.sh; cd "$0"; check_config config "$@"' \
			"$BATS_TEST_TMPDIR" "$@"
	}
	check first second
	fails "does not take" "CONFIG_ONE=y" -- check second first
	echo CONFIG_THREE=y >>"$BATS_TEST_TMPDIR/second"
	fails "CONFIG_THREE=y" -- check first second
}

@test "the scripts are clean to shellcheck" {
	local scripts

	mapfile -t scripts < <(find scripts -type f -exec grep -L '^#!.*python' {} +
		grep -l '^#!/bin/bash' tests/* 2>/dev/null)
	[ ${#scripts[@]} -gt 30 ]
	shellcheck -x -P SCRIPTDIR "${scripts[@]}" .ci/run
}

@test "a machine that there is not, or that does not do what is asked, is an error" {
	scripts/tree
	fails "tests/machines has no vax" "there are: um qemu-x86_64" -- scripts/kernel --machine vax
	fails "um is a machine that boots" "scripts/kunit --on um" -- scripts/kernel --machine um
	BASE=6.12 fails "6.12 itself does not compile for sparc-tiny" -- scripts/kernel --machine sparc-tiny
	fails "x86_64-tiny is only compiled" "scripts/kernel --machine x86_64-tiny" \
		-- scripts/kunit --on x86_64-tiny
	BASE=9.9 fails "bases" -- scripts/matrix
}

@test "the lines of a machine that are for the other base are left out" {
	for base in 7.3 6.12; do
		run env BASE=$base bash -c '. scripts/lib/common.sh; load_base; . scripts/lib/build.sh
			. scripts/lib/machine.sh; machine_files qemu-i386-pae; cat "${FILES[@]}"'
		[ "$status" -eq 0 ]
		[[ "$output" == *CONFIG_X86_PAE=y* ]]
		case $base in
		7.3)	[[ "$output" == *CONFIG_HIGHMEM4G=y* && "$output" != *HIGHMEM64G* ]] ;;
		6.12)	[[ "$output" == *CONFIG_HIGHMEM64G=y* && "$output" != *HIGHMEM4G* ]] ;;
		esac
	done
	# So are expected cases.
	cases=(bash -c '. scripts/lib/common.sh; load_base; expected_cases x86_64+debug')
	for base in 7.3 6.12; do
		grep -x "x86_64+debug $(BASE=$base "${cases[@]}" | tail -n 1)\( $base\)\?" \
			tests/expected-cases
	done
	grep -x 'x86_64+debug [0-9]* 6.12' tests/expected-cases
}

@test "the plan for a lab has every machine but User Mode Linux" {
	scripts/tree
	mkdir -p "$TREE/lib/tests/vcompound"
	echo CONFIG_KUNIT=y >"$TREE/lib/tests/vcompound/.kunitconfig"
	scripts/matrix --plan >"$BATS_TEST_TMPDIR/plan"
	diff <(sed -n 's/^- name: //p' "$BATS_TEST_TMPDIR/plan") \
		<(sed "/^#/d; /^\$/d; /$BASE:BROKEN/d; s/ *|.*//; /^um/d" tests/machines)
	# The lab's names of machines, not ours of their variants.
	[ "$(grep -c 'device: qemu-[a-z0-9_]*,' "$BATS_TEST_TMPDIR/plan")" = \
	  "$(grep -c 'device:' "$BATS_TEST_TMPDIR/plan")" ]
	# What boots is built in both forms, and what was switched off is.
	[ "$(grep -c 'CONFIG_VIRTUALIZE_ALWAYS=y' "$BATS_TEST_TMPDIR/plan")" = \
	  "$(grep -c 'tests: \[kunit\]' "$BATS_TEST_TMPDIR/plan")" ]
	grep -A 2 'name: x86_64-off' "$BATS_TEST_TMPDIR/plan" | grep 'CONFIG_VCOMPOUND=n'
	! grep -B 9 'tests: \[kunit\]' "$BATS_TEST_TMPDIR/plan" | grep 'CONFIG_VCOMPOUND=n'
}

@test "a wrong CONFIG=, ARCH=, JOB=, DIR= or VERSION= is named before anything is fetched" {
	fake_apt
	export LINUX='' BASE=''
	fails "no configuration fragment configs/nonsense" "virtualize-always" \
		-- make kernel CONFIG=nonsense
	for verb in kunit shell; do
		fails "no configuration fragment configs/nonsense" -- make $verb CONFIG=nonsense
	done
	fails "no machine of tests/machines has ARCH=vax" "arm64" -- make matrix ARCH=vax
	fails "no job nonsense" "resize-under-traffic" -- make guest JOB=nonsense
	fails "give JOB=script or CMD=" -- make guest
	fails "holds no module" "obj-m" -- make module DIR=tests
	fails "no configuration on-and-off" -- tests/bisect on-and-off
	fails "One of VERSION= and LINUX= must be given" -- make rebase
	[ ! -e "$WORK" ]
}

@test "of two programs the second waits, and says for which" {
	two_patches
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	bash -c '. scripts/lib/common.sh; load_base; cat "$0" >/dev/null; echo first >>"$1"' \
		"$BATS_TEST_TMPDIR/fifo" "$BATS_TEST_TMPDIR/order" 3>&- &
	first=$!
	exec 4>"$BATS_TEST_TMPDIR/fifo"
	(scripts/tree >"$BATS_TEST_TMPDIR/second"; echo second >>"$BATS_TEST_TMPDIR/order") 3>&- 4>&- &
	second=$!
	for _ in $(seq 300); do
		! grep -qs "waiting for another program that works in $WORK: scripts/.*process $first" \
			"$BATS_TEST_TMPDIR/second" || break
		sleep 0.1
	done
	grep "waiting for another program" "$BATS_TEST_TMPDIR/second"
	[ ! -e "$BATS_TEST_TMPDIR/order" ]
	exec 4>&-
	wait $first
	wait $second
	[ "$(paste -sd' ' "$BATS_TEST_TMPDIR/order")" = "first second" ]
	grep "up to date: 2 patches" "$BATS_TEST_TMPDIR/second"
}

@test "KVM that is not there or does not work is said, and the guest is emulated" {
	two_patches
	mkdir -p "$WORK/7.3-own/build/x86_64/arch/x86/boot" "$BATS_TEST_TMPDIR/bin"
	touch "$WORK/7.3-own/build/x86_64/arch/x86/boot/bzImage" "$WORK/initramfs.cpio"
	# A QEMU that ends at once, without the marker.
	printf '#!/bin/sh\necho "$*" >>%s\n' "$BATS_TEST_TMPDIR/qemu" \
		>"$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	chmod +x "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH fails "KVM=1 has no effect" -- \
		scripts/boot --kvm --output x86_64 guest/jobs/kunit-only
	tail -n 1 "$BATS_TEST_TMPDIR/qemu" | grep -- "-accel tcg"
	# Without being asked for it is never used.
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run scripts/boot x86_64 guest/jobs/kunit-only
	! tail -n 1 "$BATS_TEST_TMPDIR/qemu" | grep kvm
}

@test "two trees at once in a fresh clone become one" {
	two_patches
	rm -rf "$WORK"
	scripts/tree >"$BATS_TEST_TMPDIR/one" 2>&1 3>&- &
	one=$!
	scripts/tree >"$BATS_TEST_TMPDIR/two" 2>&1 3>&- &
	wait $one
	wait $!
	cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" >"$BATS_TEST_TMPDIR/both"
	cat "$BATS_TEST_TMPDIR/both"
	[ "$(grep -c "2 applied now" "$BATS_TEST_TMPDIR/both")" = 1 ]
	[ "$(grep -c "up to date" "$BATS_TEST_TMPDIR/both")" = 1 ]
	[ ! -e "$WORK/chosen-base" ]
}

@test "the lock is free while a guest runs that a person talks to" {
	two_patches
	bash -c '. scripts/lib/common.sh; load_base; drop_lock; exec sleep 60' 3>&- &
	sleeper=$!
	timeout 30 scripts/tree
	kill $sleeper
}

# Another point release of the fake kernel: LINE of the file that stands for it is new.
new_release()
{
	cp -r "$LINUX" "$BATS_TEST_TMPDIR/new-linux"
	sed -i 's/SUBLEVEL = 4/SUBLEVEL = 5/' "$BATS_TEST_TMPDIR/new-linux/Makefile"
	sed -i "$1s/.*/another/" "$BATS_TEST_TMPDIR/new-linux/mm/vmalloc.c"
	echo new >"$BATS_TEST_TMPDIR/new-linux/mm/new.c"
}

@test "rebase moves the tree to another point release, and export writes it" {
	two_patches
	commit_line 20 'mm: not exported yet'
	new_release 12
	run env LINUX="$BATS_TEST_TMPDIR/new-linux" scripts/rebase
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" == *"is on Linux 7.3.5 now"*"make export"* ]]
	[ "$(sed -n 12p "$TREE/mm/vmalloc.c")" = another ]
	[ "$(sed -n 30p "$TREE/mm/vmalloc.c")" = "30 changed" ]
	[ -f "$TREE/mm/new.c" ]
	[ -z "$(in_tree status --porcelain)" ]
	[ "$(in_tree rev-list --count refs/vcompound/base..HEAD)" = 3 ]
	# Nothing is lost by a verb that comes next.
	export LINUX=$BATS_TEST_TMPDIR/new-linux
	keeps tree "make export"
	scripts/export
	grep '^# exported against 7.3.5$' "$PATCHES/topics"
	[ "$(grep -vc '^#' "$PATCHES/all/series")" = 3 ]
	head=$(in_tree rev-parse HEAD)
	run scripts/tree
	[[ "$output" == *"up to date: 3 patches on Linux 7.3.5"* ]]
	run scripts/rebase
	[[ "$output" == *"is on Linux 7.3.5 already"* ]]
	# A fresh tree of that release has the same commits.
	FORCE=1 scripts/clean
	scripts/tree
	[ "$head" = "$(in_tree rev-parse HEAD)" ]
}

@test "rebase stops at a conflict, says how to go on, and can be given up" {
	two_patches
	head=$(in_tree rev-parse HEAD)
	new_release 30
	export LINUX=$BATS_TEST_TMPDIR/new-linux
	fails "does not apply to Linux 7.3.5 without a conflict" "rebase --continue" \
		"rebase --abort" "mm/vmalloc.c" -- scripts/rebase
	for verb in tree export rebase; do
		keeps $verb "in progress" "rebase --continue"
	done
	# Given up, all is as it was.
	in_tree rebase --abort
	LINUX=$BATS_TEST_TMPDIR/linux run scripts/tree
	echo "$output"
	[[ "$output" == *"was given up"*"up to date: 2 patches on Linux 7.3.4"* ]]
	[ "$head" = "$(in_tree rev-parse HEAD)" ]
	# Mended, it is exported.
	scripts/rebase || true
	sed -i '/^<<<<<<</d; /^=======/,/^>>>>>>>/d; s/^another$/another changed/' "$TREE/mm/vmalloc.c"
	in_tree add mm/vmalloc.c
	GIT_EDITOR=true in_tree rebase --continue
	scripts/export
	grep '^+another changed$' "$PATCHES/all/mm-two.patch"
	grep '^# exported against 7.3.5$' "$PATCHES/topics"
}

@test "rebase to a point release takes the package of that version, or says that there is none" {
	fake_apt 7.3
	export LINUX=''
	TREE=$WORK/7.3/linux
	two_patches
	VERSION=7.3.9 fails "linux-source-7.3 7.3.9 is offered neither" -- scripts/rebase
	VERSION=7.4 fails "VERSION=7.4 is no point release of 7.3" "CONTRIBUTING" -- scripts/rebase
	VERSION=7.3.1 run scripts/rebase
	[[ "$output" == *"is on Linux 7.3.1 already"* ]]
	rm -rf "$BATS_TEST_TMPDIR"/bin/*.deb
	fake_release=2 fake_apt 7.3
	VERSION=7.3.2 scripts/rebase
	grep 'SUBLEVEL = 2' "$TREE/Makefile"
	[ "$(in_tree rev-list --count refs/vcompound/base..HEAD)" = 2 ]
	scripts/export
	scripts/tree
}

@test "the compiler's name does not depend on when ccache was installed" {
	# kbuild compiles everything again when it changes.
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in bash sed sort paste nproc realpath dirname cat git date flock mkdir; do
		ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/"
	done
	# shellcheck disable=SC2016
	show='. scripts/lib/common.sh; . scripts/lib/build.sh; printf "%s\n" "${MAKE_VARS[@]}"'
	without=$(PATH=$BATS_TEST_TMPDIR/bin bash -c "$show")
	[ "$without" = "$(bash -c "$show")" ]
	[[ "$without" == *"ccache gcc"* ]]
}

# The topics core, users and rest, with two, two and one exported patches.
three_topics()
{
	rm -r "$PATCHES/all"
	printf '# the topics\ncore   comes first\nusers  and theirs\n# last\nrest   all others\n' \
		>"$PATCHES/topics"
	scripts/tree
	for i in 1 2 3 4 5; do
		commit_line $((i * 7)) "mm: $i"
	done
	in_tree branch -q -f topic/core HEAD~3
	in_tree branch -q -f topic/users HEAD~1
	scripts/export
}

# Every patch with its topic, in order.
by_topic()
{
	(cd "$PATCHES" && for t in core users rest; do
		sed "/^#/d; s,^,$t/," $t/series
	done | paste -sd' ')
}

# move_across NUMBER TOPIC: in git rebase -i, the line of mm: NUMBER to the other side of
# that which ends the topic.
move_across()
{
	cat >"$BATS_TEST_TMPDIR/editor" <<-'END'
		import sys
		number, topic, todo = sys.argv[1:]
		lines = [l for l in open(todo).read().splitlines() if l and l[0] != "#"]
		end = lines.index("update-ref refs/heads/topic/" + topic)
		at = next(i for i, l in enumerate(lines) if l.endswith(" mm: " + number))
		# Up it is the last of the topic, down it is the first of the next.
		lines.insert(end, lines.pop(at))
		open(todo, "w").write("\n".join(lines) + "\n")
	END
	GIT_SEQUENCE_EDITOR="python3 $BATS_TEST_TMPDIR/editor $1 $2" \
		in_tree rebase -q -i refs/vcompound/base
}

@test "topics: a fresh tree has their branches, and its export leaves no difference" {
	three_topics
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	[ "$(paste -sd'|' "$PATCHES/topics")" = \
	  '# the topics|core   comes first|users  and theirs|# last|rest   all others|# exported against 7.3.4' ]
	cp -r "$PATCHES" "$BATS_TEST_TMPDIR/before"
	rm -rf "$WORK"
	run scripts/tree
	[[ "$output" == *"5 patches on Linux 7.3.4, 5 applied now"* ]]
	[ "$(in_tree log -1 --format=%s topic/core)" = 'mm: 2' ]
	[ "$(in_tree log -1 --format=%s topic/users)" = 'mm: 4' ]
	[ "$(in_tree rev-parse topic/rest)" = "$(in_tree rev-parse HEAD)" ]
	[ "$(in_tree config rebase.updateRefs)" = true ]
	run scripts/export
	[[ "$output" == *"no change"*"5 patches in $PATCHES, 3 topics"* ]]
	# Write all of them anew.
	: >"$TREE/.git/vcompound-patches"
	scripts/export
	diff -r "$BATS_TEST_TMPDIR/before" "$PATCHES"
	run scripts/tree
	[[ "$output" == *"up to date: 5 patches"* ]]
	scripts/clean
}

@test "topics: commits at the tip belong to the last, without moving a branch" {
	three_topics
	commit_line 40 'mm: 6'
	keeps tree "mm: 6" "make export"
	run scripts/export
	[[ "$output" == *"wrote rest/mm-6.patch"* ]]
	[ "$(grep -c '^== wrote' <<<"$output")" = 1 ]
	[ "$(in_tree rev-parse topic/rest)" = "$(in_tree rev-parse HEAD)" ]
	in_tree commit -q --amend -m 'mm: 6' -m 'Because of something else.'
	run scripts/export
	[[ "$output" == *"wrote rest/mm-6.patch"* ]]
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch rest/mm-6.patch' ]
	# What was committed to its branch, and never to series, is not lost.
	in_tree checkout -q topic/rest
	commit_line 39 'mm: 7'
	in_tree checkout -q series
	keeps tree topic/rest "make export"
	keeps export "topic/rest has commits" "cherry-pick"
	in_tree merge -q --ff-only topic/rest
	scripts/export
}

@test "topics: a commit moved across the end of one moves its file, and nothing else" {
	three_topics
	sed -i 's/^mm-4.patch$/# why four\n&/' "$PATCHES/users/series"
	sum=$(cd "$PATCHES" && sha256sum -- */*.patch)
	move_across 4 users
	keeps tree "branches were moved" topic/users "make export"
	keeps clean "branches were moved"
	run scripts/export
	echo "$output"
	[[ "$output" == *"moved users/mm-4.patch to rest/"* && "$output" != *wrote* ]]
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch rest/mm-4.patch rest/mm-5.patch' ]
	[ "$(cd "$PATCHES" && sha256sum -- */*.patch | sort)" = "$(sed 's,users/mm-4,rest/mm-4,' <<<"$sum" | sort)" ]
	# With what is said of it.
	[ "$(paste -sd' ' "$PATCHES/rest/series")" = '# why four mm-4.patch mm-5.patch' ]
	grep '^# exported against 7.3.4$' "$PATCHES/topics"
	run scripts/tree
	[[ "$output" == *"up to date: 5 patches"* ]]
	# And back.
	move_across 4 users
	scripts/export
	[ "$(cd "$PATCHES" && sha256sum -- */*.patch)" = "$sum" ]
	# The printed command puts the branches back.
	move_across 4 users
	keeps tree "fetch --prune . '+refs/vcompound/topic/*:refs/heads/topic/*'"
	in_tree fetch -q --prune . '+refs/vcompound/topic/*:refs/heads/topic/*'
	scripts/tree
	# A topic without a commit is refused.
	move_across 4 users
	move_across 3 core
	fails "topic users has no commit" "rebase -i" "$PATCHES/topics" -- scripts/export
	[ "$(cd "$PATCHES" && sha256sum -- */*.patch)" = "$sum" ]
	# Unless it is none any more.
	sed -i '/^users/d' "$PATCHES/topics"
	printf '# users\n' >"$PATCHES/users/cover.md"
	run scripts/export
	[[ "$output" == *"users is no topic any more: $PATCHES/users/cover.md"* ]]
	[ "$(ls "$PATCHES/users")" = cover.md ]
	! in_tree rev-parse -q --verify topic/users
	scripts/tree
}

@test "topics: a fixup of the last commit of one stays in it" {
	three_topics
	sed -i '10s/$/ mended/' "$TREE/mm/vmalloc.c"
	in_tree commit -q -a --fixup=topic/core
	GIT_SEQUENCE_EDITOR=true in_tree rebase -q -i --autosquash refs/vcompound/base
	scripts/export
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	grep '^+10 mended$' "$PATCHES/core/mm-2.patch"
}

@test "topics: a branch that is missing, off the path or out of order is refused" {
	three_topics
	cp -r "$PATCHES" "$BATS_TEST_TMPDIR/before"
	in_tree branch -q -D topic/core
	keeps export "no branch topic/core" "branch -f topic/core COMMIT" 'ended with "mm: 2"'
	in_tree branch -q topic/core HEAD
	keeps export "topic/users comes before the end" "$PATCHES/topics"
	in_tree branch -q -f topic/core HEAD~3
	# A rebase that leaves the branches behind.
	GIT_SEQUENCE_EDITOR="sed -i 1s/pick/edit/" in_tree -c rebase.updateRefs=false \
		rebase -q -i refs/vcompound/base
	in_tree commit -q --amend -m 'mm: 1' -m 'Because of something else.'
	in_tree rebase --continue
	keeps export "topic/core is not among the commits" "update-refs" "branch -f topic/core COMMIT" \
		'ended with "mm: 2"'
	keeps tree "make export"
	diff -r "$BATS_TEST_TMPDIR/before" "$PATCHES"
	in_tree branch -q -f topic/core HEAD~3
	in_tree branch -q -f topic/users HEAD~1
	# What was committed to the branch of a topic is not lost.
	in_tree checkout -q topic/core
	commit_line 39 'mm: 7'
	in_tree checkout -q series
	keeps export "topic/core has commits" "cherry-pick"
	in_tree branch -q -f topic/core HEAD~3
	in_tree branch -q topic/other HEAD~2
	keeps export "branch topic/other" "no such topic" "branch -m topic/other NAME"
	in_tree branch -q -m topic/other other
	run scripts/export
	# All change: each has the hashes of the file before.
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	grep 'something else' "$PATCHES/core/mm-1.patch"
}

@test "topics: a new one is a line in the file, an empty branch, and commits moved to it" {
	three_topics
	sed -i 's/^users/extra  new\n&/' "$PATCHES/topics"
	scripts/tree
	[ "$(in_tree log -1 --format=%s topic/extra)" = 'mm: 2' ]
	fails "topic extra has no commit" -- scripts/export
	in_tree branch -q -f topic/extra HEAD~2
	run scripts/export
	[[ "$output" == *"moved users/mm-3.patch to extra/"* ]]
	[ "$(cat "$PATCHES/extra/series")" = mm-3.patch ]
	# One with another name is the same tree.
	mv "$PATCHES/extra" "$PATCHES/more"
	sed -i 's/^extra/more/' "$PATCHES/topics"
	head=$(in_tree rev-parse HEAD)
	run scripts/tree
	[[ "$output" == *"up to date: 5 patches"* ]]
	[ "$head" = "$(in_tree rev-parse HEAD)" ]
	! in_tree rev-parse -q --verify topic/extra
	[ "$(in_tree log -1 --format=%s topic/more)" = 'mm: 3' ]
	run scripts/export
	[[ "$output" == *"no change"* ]]
}

@test "topics: what came into patches/ meanwhile is not overwritten" {
	three_topics
	sed -i 's/Because of line 21/Because of a pull/' "$PATCHES/users/mm-3.patch"
	keeps export "users/mm-3.patch has changed since" "cherry-pick"
	sed -i 's/Because of a pull/Because of line 21/' "$PATCHES/users/mm-3.patch"
	cp "$PATCHES/users/mm-3.patch" "$PATCHES/rest/mm-pulled.patch"
	keeps export "rest/mm-pulled.patch has changed since"
	fails "rest/mm-pulled.patch is not in the series file" -- scripts/tree
	rm "$PATCHES/rest/mm-pulled.patch"
	# A topic that is not in the file.
	mkdir "$PATCHES/lost"
	cp "$PATCHES/users/mm-3.patch" "$PATCHES/lost"
	fails "lost/mm-3.patch is not in the series file" -- scripts/tree
	rm -r "$PATCHES/lost"
	echo 'Big Topic' >>"$PATCHES/topics"
	fails '"Big" is no name of a topic' -- scripts/tree
	sed -i 's/^Big.*/core again/' "$PATCHES/topics"
	fails "names a topic twice: core" -- scripts/tree
}

@test "topics: a tree killed at any moment is taken up again" {
	three_topics
	killing_git
	for calls in $(seq 1 3 80); do
		in_tree reset -q --hard refs/vcompound/base
		in_tree update-ref refs/vcompound/exported HEAD
		in_tree update-ref -d refs/heads/topic/users
		in_tree update-ref -d refs/vcompound/topic/users
		: >"$TREE/.git/vcompound-patches"
		echo "$calls" >"$BATS_TEST_TMPDIR/calls"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH run scripts/tree
		scripts/tree
		[ -z "$(in_tree status --porcelain)" ]
		[ "$(wc -l <"$TREE/.git/vcompound-patches")" = 5 ]
		[ "$(in_tree log -1 --format=%s topic/users)" = 'mm: 4' ]
		[ "$(in_tree rev-parse topic/rest)" = "$(in_tree rev-parse refs/vcompound/exported)" ]
	done
}

@test "topics: an export killed at any moment is taken up again, and no patch is missing" {
	three_topics
	move_across 4 users
	moved=$(in_tree rev-parse topic/users)
	cp -r "$PATCHES" "$BATS_TEST_TMPDIR/before"
	cp "$TREE/.git/vcompound-patches" "$BATS_TEST_TMPDIR/map"
	# Tools that kill their caller at the Nth call.
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	for tool in mv rm cp git; do
		real=$(command -v $tool)
		for calls in $(seq 1 6); do
			printf '%s\n' '#!/bin/bash' "n=\$((\$(cat '$BATS_TEST_TMPDIR/calls') - 1))" \
				"echo \$n >'$BATS_TEST_TMPDIR/calls'" \
				"[ \$n != 0 ] || kill -9 \$PPID" "exec $real \"\$@\"" >"$BATS_TEST_TMPDIR/bin/$tool"
			chmod +x "$BATS_TEST_TMPDIR/bin/$tool"
			[ $tool = git ] && n=$((calls * 10)) || n=$calls
			echo "$n" >"$BATS_TEST_TMPDIR/calls"
			PATH=$BATS_TEST_TMPDIR/bin:$PATH run scripts/export
			for t in core users rest; do
				while read -r p; do
					[ -s "$PATCHES/$t/$p" ]
				done < <(grep -v '^#' "$PATCHES/$t/series")
			done
			scripts/export
			[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch rest/mm-4.patch rest/mm-5.patch' ]
			scripts/tree
			# Once more from the start.
			rm "$BATS_TEST_TMPDIR/bin/$tool"
			rm -r "$PATCHES"
			cp -r "$BATS_TEST_TMPDIR/before" "$PATCHES"
			cp "$BATS_TEST_TMPDIR/map" "$TREE/.git/vcompound-patches"
			in_tree update-ref refs/vcompound/topic/users HEAD~1
			in_tree update-ref refs/heads/topic/users "$moved"
		done
	done
}

@test "topics: an mbox for each, and git am of them in order gives the tree" {
	three_topics
	fails "no cover letter $PATCHES/core/cover.md" -- scripts/mbox
	for t in core users rest; do
		printf '# mm: the %s\n\nWhy %s.\n' $t $t >"$PATCHES/$t/cover.md"
	done
	run scripts/mbox
	mbox=$WORK/7.3-own/mbox
	[[ "$output" == *"git am $mbox/*/*.mbox"* ]]
	[ "$(cd "$mbox" && echo *)" = '01-core 02-users 03-rest' ]
	[ "$(cd "$mbox" && echo 02-users/*)" = \
	  '02-users/0000-cover-letter.patch 02-users/0001-mm-3.patch 02-users/0002-mm-4.patch 02-users/02-users.mbox' ]
	grep -q '^Subject: \[PATCH 2/2\] mm: 4$' "$mbox/02-users/0002-mm-4.patch"
	cover=$mbox/02-users/0000-cover-letter.patch
	grep -q '^Subject: \[PATCH 0/2\] mm: the users$' "$cover"
	grep -q '^Why users.$' "$cover"
	grep -q '^Virtualizable Compound Pages (2):$' "$cover"
	grep -q '^      mm: 3$' "$cover"
	! grep -q 'mm: [125]$' "$cover"
	grep -q '1 file changed, 2 insertions(+), 2 deletions(-)' "$cover"
	[ "$(sed -n '/^base: /,$p' "$cover" | paste -sd'|')" = 'base: v7.3|needs, in this order:|  01-core: mm: the core' ]
	[ "$(tail -n 1 "$mbox/01-core/0000-cover-letter.patch")" = 'base: v7.3' ]
	[ "$(tail -n 1 "$mbox/03-rest/0000-cover-letter.patch")" = '  02-users: mm: the users' ]
	git clone -q "$TREE" "$BATS_TEST_TMPDIR/clone"
	cd "$BATS_TEST_TMPDIR/clone"
	git reset -q --hard "$(in_tree rev-parse refs/vcompound/base)"
	git -c user.name=x -c user.email=x am -q "$mbox"/*/*.mbox
	[ "$(git rev-parse 'HEAD^{tree}')" = "$(in_tree rev-parse 'HEAD^{tree}')" ]
	[ "$(git log -1 --format=%s)" = 'mm: 5' ]
}

@test "topics: rebase to another point release takes their branches along" {
	three_topics
	new_release 38
	export LINUX=$BATS_TEST_TMPDIR/new-linux
	scripts/rebase
	[ "$(in_tree log -1 --format=%s topic/core)" = 'mm: 2' ]
	in_tree merge-base --is-ancestor topic/core topic/users
	in_tree merge-base --is-ancestor topic/users HEAD
	keeps tree "make export"
	scripts/export
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	grep '^# exported against 7.3.5$' "$PATCHES/topics"
	run scripts/tree
	[[ "$output" == *"up to date: 5 patches on Linux 7.3.5"* ]]
	# With a conflict, and given up, they are where they were.
	refs=$(in_tree for-each-ref refs/heads)
	rm -rf "$BATS_TEST_TMPDIR/new-linux"
	LINUX=$BATS_TEST_TMPDIR/linux new_release 21
	fails "without a conflict" -- scripts/rebase
	in_tree rebase --abort
	[ "$refs" = "$(in_tree for-each-ref refs/heads)" ]
	# Mended, all are moved.
	scripts/rebase || true
	sed -i '/^<<<<<<</d; /^=======/,/^>>>>>>>/d; s/^another$/another changed/' "$TREE/mm/vmalloc.c"
	in_tree add mm/vmalloc.c
	GIT_EDITOR=true in_tree rebase --continue
	scripts/export
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	grep '^+another changed$' "$PATCHES/users/mm-3.patch"
}

@test "topics: a new base takes those of the one before" {
	three_topics
	from=$TREE
	export LINUX=$BATS_TEST_TMPDIR/other BASE=6.12
	cp -r "$BATS_TEST_TMPDIR/linux" "$LINUX"
	printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$LINUX/Makefile"
	sed -i '1s/.*/old/' "$LINUX/mm/vmalloc.c"
	mkdir "$BATS_TEST_TMPDIR/patches-6.12"
	sed '/^# exported against/d' "$PATCHES/topics" >"$BATS_TEST_TMPDIR/patches-6.12/topics"
	old=$PATCHES
	export PATCHES=$BATS_TEST_TMPDIR/patches-6.12 TREE=$WORK/6.12-own/linux
	scripts/tree
	in_tree fetch -q "$from" '+refs/vcompound/*:refs/from/*' '+refs/heads/topic/*:refs/heads/topic/*'
	in_tree reset -q --hard refs/from/exported
	in_tree rebase -q --onto refs/vcompound/base refs/from/base series
	scripts/export
	diff <(cd "$old" && cat -- */series) <(cd "$PATCHES" && cat -- */series)
	[ "$(by_topic)" = 'core/mm-1.patch core/mm-2.patch users/mm-3.patch users/mm-4.patch rest/mm-5.patch' ]
	grep '^# exported against 6.12.1$' "$PATCHES/topics"
	run scripts/tree
	[[ "$output" == *"up to date: 5 patches on Linux 6.12.1"* ]]
}

@test "backport-diff compares patches of one name, of whatever topic" {
	fake_apt 7.3 6.12
	export LINUX=''
	mkdir "$BATS_TEST_TMPDIR/copy"
	cp -r scripts bases "$BATS_TEST_TMPDIR/copy"
	cd "$BATS_TEST_TMPDIR/copy"
	PATCHES=$PWD/patches/7.3 TREE=$WORK/7.3/linux
	mkdir -p patches/6.12 patches/7.3/all
	echo 'all  patches' >patches/6.12/topics
	three_topics
	unset PATCHES
	export BASE=6.12 TREE=$WORK/6.12/linux
	scripts/tree
	# In another order, one of them different, one missing, one more.
	for i in 5 4 2; do
		commit_line $((i * 7)) "mm: $i"
	done
	sed -i '28s/$/ otherwise/' "$TREE/mm/vmalloc.c"
	in_tree commit -q -a --amend -m 'mm: 2' -m 'Because of line 14.'
	commit_line 1 "mm: 6"
	commit_line 7 "mm: 1"
	scripts/export
	run scripts/backport-diff
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^1: .* = 1: ' <<<"$output")" = 3 ]
	[ "$(grep -c '^1: .* ! 1: .* mm: 2$' <<<"$output")" = 1 ]
	grep '+28 changed otherwise' <<<"$output"
	[ "$(grep '^only' <<<"$output" | paste -sd'|')" = \
	  'only for 7.3: mm-3.patch|only for 6.12: mm-6.patch' ]
}
