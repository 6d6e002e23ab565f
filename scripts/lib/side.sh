# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by scripts that compare the series with the unpatched base. Both
# are built in one checkout, $SIDE, so that their paths are the same. Each script has its
# own checkout.
# shellcheck shell=bash

SIDE=$BASEDIR/side-$(basename "$0")

remove_side()
{
	# If its creation was interrupted it is locked.
	git -C "$TREE" worktree unlock "$SIDE" 2>/dev/null || true
	git -C "$TREE" worktree remove --force "$SIDE" 2>/dev/null || true
	rm -rf "$SIDE"
	git -C "$TREE" worktree prune
}

# Check out the base. It takes 2 GB, so it is removed at exit.
open_side()
{
	remove_side
	trap remove_side EXIT
	long "$BASE-side-checkout" git -C "$TREE" worktree add -q --detach "$SIDE" refs/vcompound/base
}

# side_to base|exported: writes only the files that the series changes.
side_to()
{
	git -C "$SIDE" checkout -q "refs/vcompound/$1"
}

# fingerprint FILE...: a hash of the unpatched base, the compiler and these files. Results
# of the base are kept under it.
fingerprint()
{
	{
		git -C "$TREE" rev-parse refs/vcompound/base
		gcc --version
		cat "$@"
	} | sha256sum | cut -c1-64
}
