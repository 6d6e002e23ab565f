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
	sed -n 's/^# exported against //p' "$PATCHES/topics"
}

# Set TOPICS to the names in patches/$BASE/topics, in order.
read_topics()
{
	local t twice

	TOPICS=()
	[ -f "$PATCHES/topics" ] || die "there is no file $PATCHES/topics" \
		"it names the topics in order, one a line: NAME  what it is for"
	mapfile -t TOPICS < <(sed -e '/^#/d' -e '/^[[:space:]]*$/d' -e 's/[[:space:]].*//' "$PATCHES/topics")
	[ ${#TOPICS[@]} -gt 0 ] || die "$PATCHES/topics names no topic"
	for t in "${TOPICS[@]}"; do
		[[ $t =~ ^[a-z0-9][a-z0-9-]*$ ]] ||
			die "$PATCHES/topics: \"$t\" is no name of a topic" \
			    "a line is: NAME  what it is for; a name has a-z, 0-9 and -"
	done
	twice=$(printf '%s\n' "${TOPICS[@]}" | sort | uniq -d | paste -sd' ')
	[ -z "$twice" ] || die "$PATCHES/topics names a topic twice: $twice"
}

# The patches in $PATCHES, relative to it, in no order.
patch_files()
{
	(cd "$PATCHES" && { compgen -G '*.patch'; compgen -G '*/*.patch'; }) || true
}

# Set TOPICS, and SERIES to the patches in order, relative to $PATCHES. All must be there.
# A topic may be empty.
read_series()
{
	local p t

	read_topics
	SERIES=()
	for t in "${TOPICS[@]}"; do
		# A topic that is new in the file topics has none yet.
		[ -f "$PATCHES/$t/series" ] || continue
		mapfile -t -O ${#SERIES[@]} SERIES < <(sed -e 's/[[:space:]]*\(#.*\)\?$//' -e '/^$/d' \
			-e "s,^,$t/," "$PATCHES/$t/series")
	done
	for p in "${SERIES[@]}"; do
		[ -f "$PATCHES/$p" ] ||
			die "the series file names ${p##*/}, which is not in $(dirname "$PATCHES/$p")"
	done
	while read -r p; do
		# No pipe: grep ends at the first line that matches, which pipefail would take ill.
		grep -qxF -- "$p" <<<"$(printf '%s\n' "${SERIES[@]}")" ||
			die "$PATCHES/$p is not in the series file" \
			    "add its name where it belongs, or remove it"
	done < <(patch_files)
}

# set_topics MAP: set the branch of each of TOPICS to its last commit of MAP (the file
# vcompound-patches), and record this in refs/vcompound/topic/. The branch of an empty topic
# is where the one before it ends.
set_topics()
{
	local map=$1 t last sha

	sha=$(git -C "$TREE" rev-parse refs/vcompound/base)
	{
		for t in "${TOPICS[@]}"; do
			last=$(awk -v topic="$t/" 'index($2, topic) == 1 { sha = $1 } END { print sha }' "$map")
			sha=${last:-$sha}
			printf 'update refs/%s %s\n' "heads/topic/$t" "$sha" "vcompound/topic/$t" "$sha"
		done
		# Those that are no topics any more.
		git -C "$TREE" for-each-ref --format='%(refname:lstrip=3)' refs/vcompound/topic/ |
			while read -r t; do
				[[ " ${TOPICS[*]} " == *" $t "* ]] ||
					printf 'delete refs/%s\n' "heads/topic/$t" "vcompound/topic/$t"
			done
	} | git -C "$TREE" update-ref --stdin
	# git rebase moves the branches with their commits.
	git -C "$TREE" config rebase.updateRefs true
}

# topic_refs PREFIX: the refs below it, each as NAME SHA.
topic_refs()
{
	git -C "$TREE" for-each-ref --format='%(refname:lstrip=3) %(objectname)' "$1/topic/" | sort
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
	local verb=$1 new moved drop

	refuse_uncommitted "$verb"
	moved=$(comm -3 <(topic_refs refs/heads) <(topic_refs refs/vcompound) |
		awk '{ print "topic/" $1 }' | sort -u | paste -sd' ')
	[ -n "$moved" ] || [ "$(git -C "$TREE" rev-parse HEAD)" != \
	  "$(git -C "$TREE" rev-parse refs/vcompound/exported)" ] || return 0
	new=$(git -C "$TREE" log --oneline -n 8 refs/vcompound/exported..HEAD)
	[ -n "$new" ] || { new=${moved:+these branches were moved, added or removed: $moved}; }
	drop=("to drop it: git -C $TREE reset --hard refs/vcompound/exported")
	# All of them: a branch of a topic that is empty again would stay otherwise.
	[ -z "$moved" ] ||
		drop+=("      and: git -C $TREE fetch --prune . '+refs/vcompound/topic/*:refs/heads/topic/*'")
	die "$verb: $TREE differs from what was exported last" \
	    "${new:-commits were removed}" \
	    "to keep this: make export" \
	    "${drop[@]}"
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
