# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by scripts that read or change the series or the work tree.
# shellcheck shell=bash disable=SC2034

NAME='Virtualizable Compound Pages'
EMAIL=vcompound@localhost

# kernel_version TREE: 7.3.4
kernel_version()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" |
		head -n 3 | paste -sd. | sed 's/\.0$//'
}

# The exact version that patches/ was exported on.
exported_against()
{
	sed -n 's/^# exported against //p' "$PATCHES/series"
}

# Set SERIES to the file names in patches/$BASE/series, which must be all there.
read_series()
{
	local p

	[ -f "$PATCHES/series" ] || die "there is no series file in $PATCHES"
	mapfile -t SERIES < <(sed -e 's/[[:space:]]*\(#.*\)\?$//' -e '/^$/d' "$PATCHES/series")
	for p in "${SERIES[@]}"; do
		[ -f "$PATCHES/$p" ] ||
			die "the series file names $p, which is not in $PATCHES"
	done
	for p in "$PATCHES"/*.patch; do
		[ -e "$p" ] || continue
		# No pipe: grep ends at the first line that matches, which pipefail would take ill.
		grep -qxF "$(basename "$p")" <<<"$(printf '%s\n' "${SERIES[@]}")" ||
			die "$p is not in the series file" \
			    "add its name where it belongs, or remove it"
	done
}

# refuse_uncommitted VERB: stop if the tree is in the middle of something.
refuse_uncommitted()
{
	local verb=$1 dirty git state

	git=$(git -C "$TREE" rev-parse --absolute-git-dir)
	for state in rebase-apply rebase-merge CHERRY_PICK_HEAD MERGE_HEAD REVERT_HEAD; do
		[ ! -e "$git/$state" ] ||
			die "$verb: an am, rebase, cherry-pick, merge or revert is in progress in $TREE ($state)" \
			    "finish it, such as with git -C $TREE rebase --continue," \
			    "or give it up (--abort)"
	done
	[ "$(git -C "$TREE" symbolic-ref -q --short HEAD)" = series ] ||
		die "$verb: $TREE is not on its branch \"series\"" \
		    "go back to it: git -C $TREE checkout series"
	dirty=$(git -C "$TREE" status --porcelain)
	[ -z "$dirty" ] ||
		die "$verb: $TREE holds changes that are not committed:" \
		    "$(head -n 8 <<<"$dirty")" \
		    "commit them, or keep them out of the way: git -C $TREE stash -u"
}

# refuse_unexported VERB: stop if the tree holds anything that is not in patches/.
refuse_unexported()
{
	local verb=$1 new

	refuse_uncommitted "$verb"
	[ "$(git -C "$TREE" rev-parse HEAD)" != \
	  "$(git -C "$TREE" rev-parse refs/vcompound/exported)" ] || return 0
	new=$(git -C "$TREE" log --oneline -n 8 refs/vcompound/exported..HEAD)
	die "$verb: $TREE differs from what was exported last" \
	    "${new:-commits were removed}" \
	    "to keep this: make export" \
	    "to drop it: git -C $TREE reset --hard refs/vcompound/exported"
}

# track_new_files SOURCE: Debian ignores every new file but its own at the top level.
track_new_files()
{
	sed -i -e '\,^/\*$,d' -e '\,^!/debian/$,d' "$1/.gitignore"
}

# commit_base SOURCE GIT-DIR: commit the index as the base, and print the commit. It is
# the same for the same source, whoever makes it and when.
commit_base()
{
	local git=(git "--git-dir=$2")

	GIT_AUTHOR_NAME=$NAME GIT_AUTHOR_EMAIL=$EMAIL GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' \
	GIT_COMMITTER_NAME=$NAME GIT_COMMITTER_EMAIL=$EMAIL GIT_COMMITTER_DATE='2000-01-01T00:00:00Z' \
		"${git[@]}" commit-tree -m "Linux $(kernel_version "$1")" "$("${git[@]}" write-tree)"
}

# A rebase that scripts/rebase began has ended: the new base is the base.
finish_rebase()
{
	local git=(git -C "$TREE") dir new

	new=$("${git[@]}" rev-parse -q --verify refs/vcompound/rebase-onto) || return 0
	dir=$("${git[@]}" rev-parse --absolute-git-dir)
	[ ! -e "$dir/rebase-merge" ] && [ ! -e "$dir/rebase-apply" ] || return 0
	if "${git[@]}" merge-base --is-ancestor "$new" HEAD; then
		"${git[@]}" update-ref refs/vcompound/base "$new"
		# All of the series is yet to be exported.
		"${git[@]}" update-ref refs/vcompound/exported "$new"
		# Without the tree it is made from this again.
		if [ -d "$BASEDIR/rebase/source" ]; then
			rm -rf "$BASEDIR/source"
			mv "$BASEDIR/rebase/source" "$BASEDIR/source"
		fi
		say "$TREE is on $("${git[@]}" log -1 --format=%s "$new") now"
	else
		say "the rebase was given up: $TREE stays on $("${git[@]}" log -1 --format=%s refs/vcompound/base)"
	fi
	rm -rf "$BASEDIR/rebase"
	"${git[@]}" update-ref -d refs/vcompound/rebase-onto
}
