# SPDX-License-Identifier: GPL-2.0
# Sourced after lib.sh by what compares the series with the unpatched base: one
# checkout, $SIDE, for both, so that paths are no difference between them. A script
# has one of its own: it may run beside another.
# shellcheck shell=bash

SIDE=$BASEDIR/side-$(basename "$0")

remove_side()
{
	# One whose making was interrupted is locked.
	git -C "$TREE" worktree unlock "$SIDE" 2>/dev/null || true
	git -C "$TREE" worktree remove --force "$SIDE" 2>/dev/null || true
	rm -rf "$SIDE"
	git -C "$TREE" worktree prune
}

# Make it, of the base. It costs 2 GB, so it goes when we do.
open_side()
{
	[ -d "$TREE/.git" ] || die "no kernel tree at $TREE" "make it first: make tree BASE=$BASE"
	remove_side
	trap remove_side EXIT
	long "$BASE-side-checkout" git -C "$TREE" worktree add -q --detach "$SIDE" refs/vcompound/base
}

# side_to base|exported: only the files that the series changes are written.
side_to()
{
	git -C "$SIDE" checkout -q "refs/vcompound/$1"
}

# fingerprint FILE...: of the unpatched base, the compiler and these files.
# What was found out about the base is kept under it, and not found out again.
fingerprint()
{
	{
		git -C "$TREE" rev-parse refs/vcompound/base
		gcc --version
		cat "$@"
	} | sha256sum | cut -c1-64
}
