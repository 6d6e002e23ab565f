# SPDX-License-Identifier: GPL-2.0
# Sourced by every script: paths, messages, the lock, the base, packages.
# shellcheck shell=bash disable=SC2034
#
# BASE=   the base of bases/ to work on (default: see choose_base)
# LINUX=  the user's own kernel tree or tarball instead of the package
# WORK=   the folder of everything generated (default work/, never committed)

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LIB=$ROOT/scripts/lib
WORK=$(realpath -m "${WORK:-$ROOT/work}")
BASE=${BASE:-}
LINUX=${LINUX:-}
# make passes "LINUX=~/linux" on as typed.
case $LINUX in
\~/*) LINUX=$HOME/${LINUX#\~/} ;;
esac
[ -z "$LINUX" ] || LINUX=$(realpath -m "$LINUX")
LOGS=$WORK/log
NPROC=$(nproc)

# The caller's git configuration must not show in patches or commits.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY
# Nor may the caller's build settings or make's job server reach kbuild.
unset ARCH VERSION CROSS_COMPILE KBUILD_OUTPUT KCONFIG_CONFIG KCFLAGS MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C.UTF-8 TZ=UTC

say()
{
	printf '== %s\n' "$*"
}

# die MESSAGE [WAY-OUT...]: every further argument is a line of its own.
die()
{
	printf 'error: %s\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/       /' >&2
	exit 1
}

# Print a command as it can be pasted into a shell, then run it.
run()
{
	{ printf '+'; printf ' %q' "$@"; echo; } >&2
	"$@"
}

# Wait until no other program works in $WORK. All processes that this script starts hold
# the same lock.
take_lock()
{
	local file=$WORK/lock

	[ "${VCOMPOUND_LOCK:-}" != "$file" ] || return 0
	while true; do
		mkdir -p "$WORK"
		exec 8>>"$file"
		if ! flock -n 8; then
			say "waiting for another program that works in $WORK: $(cat "$file")"
			flock 8
		fi
		# Unless make clean has removed it meanwhile.
		[ ! "$file" -ef /dev/fd/8 ] || break
	done
	echo "scripts/$(basename "$0"), process $$, since $(date '+%H:%M:%S UTC')" >"$file"
	export VCOMPOUND_LOCK=$file
}

# For an interactive guest: it needs nothing in $WORK that changes.
drop_lock()
{
	unset VCOMPOUND_LOCK
	exec 8>&-
}

# The known bases, the newest first.
bases()
{
	(cd "$ROOT/bases" && printf '%s\n' * | sort -rV | paste -sd' ')
}

# Without BASE= and LINUX=: take the newest base whose package is offered, and remember it
# until make clean. With LINUX= it is the newest base.
choose_base()
{
	local newest base chosen=$WORK/chosen-base log=$LOGS/choose-base.log status

	newest=$(bases)
	newest=${newest%% *}
	BASE=$newest
	[ -z "$LINUX" ] && [ ! -f "$WORK/$newest/source/origin" ] || return 0
	if [ -f "$chosen" ]; then
		BASE=$(cat "$chosen")
	else
		mkdir -p "$LOGS"
		: >"$log"
		for base in $(bases); do
			status=0
			BASE=$base "$ROOT/scripts/fetch" 2>>"$log" || status=$?
			# Only a package that is not offered (3) is a reason to try another
			# base: a broken network is not.
			[ $status = 3 ] || break
		done
		[ $status = 0 ] || { cat "$log" >&2; exit 1; }
		BASE=$base
		[ "$BASE" = "$newest" ] || echo "$BASE" >"$chosen"
	fi
	[ "$BASE" = "$newest" ] ||
		say "no package of Linux $newest is offered, and no LINUX= is given: this is BASE=$BASE"
}

# Set what depends on the base. Takes the lock.
load_base()
{
	[ -z "$BASE" ] || [ -f "$ROOT/bases/$BASE" ] ||
		die "BASE=$BASE is not a known base" \
		    "known bases: $(bases)"
	take_lock
	[ -n "$BASE" ] || choose_base
	# The same for every script that this one calls.
	export BASE
	# shellcheck source=/dev/null
	. "$ROOT/bases/$BASE"
	PATCHES=$(realpath -m "${PATCHES:-$ROOT/patches/$BASE}")
	# A tree made from LINUX= never shares a folder with the package's.
	BASEDIR=$WORK/$BASE${LINUX:+-own}
	TREE=$BASEDIR/linux
	# With sudo, or in a container, the tree may belong to another user.
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory
	export GIT_CONFIG_VALUE_0=$TREE
}

# Make the tree, or bring it up to date. Once is enough for all that one program does.
need_tree()
{
	[ "${VCOMPOUND_TREE:-}" != "$TREE" ] || return 0
	"$ROOT/scripts/tree"
	export VCOMPOUND_TREE=$TREE
}

# What a guest needs, for scripts/initramfs and scripts/boot.
GUEST_PACKAGES=(gcc libc6-dev cpio busybox-static iperf3 ethtool iproute2 qemu-system-x86)

# need PACKAGE...: install the Debian packages that are missing.
need()
{
	local missing=() p as_root=()

	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
			grep -qx installed || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if ! command -v apt-get >/dev/null; then
		die "missing packages: ${missing[*]}" \
		    "this machine has no apt-get: install what provides them, by hand"
	fi
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null ||
			die "missing packages: ${missing[*]}" \
			    "run: apt-get install ${missing[*]}"
		as_root=(sudo)
	fi
	say "installing ${missing[*]}"
	# Another script with another WORK may be installing, too.
	if [ -z "${VCOMPOUND_APT_UPDATED:-}" ]; then
		long apt-update "${as_root[@]}" flock /var/lib/dpkg apt-get update 8>&-
		export VCOMPOUND_APT_UPDATED=1
	fi
	long apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		flock /var/lib/dpkg apt-get install -y --no-install-recommends "${missing[@]}" 8>&-
}

# watch PID NAME LOG: wait for the process, and show every 15 seconds that it is alive.
# If this script is stopped, the process is, too: no build goes on unseen.
watch()
{
	local pid=$1 name=$2 log=$3 start=$SECONDS shown=$SECONDS rc=0 traps

	traps=$(trap -p EXIT INT TERM)
	# shellcheck disable=SC2064 # this process, whatever pid is then
	trap "kill $pid 2>/dev/null" EXIT
	trap 'exit 130' INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - shown)) -ge 15 ]; then
			shown=$SECONDS
			printf '   %s: %d s, log %s: %s\n' "$name" $((SECONDS - start)) \
				"${log#"$ROOT"/}" "$(tail -n 1 "$log" | tr -d '\r' | cut -c1-60)"
		fi
	done
	wait "$pid" || rc=$?
	trap - EXIT INT TERM
	eval "$traps"
	return "$rc"
}

# long NAME COMMAND...: run with output in a log, show that it is alive, and show the
# end of the log if it fails.
long()
{
	local name=$1 log=$LOGS/$1.log rc=0
	shift
	mkdir -p "$(dirname "$log")"
	{ printf '+'; printf ' %q' "$@"; echo; } >&2
	"$@" >"$log" 2>&1 </dev/null &
	watch $! "$name" "$log" || rc=$?
	if [ "$rc" != 0 ]; then
		tail -n 25 "$log" >&2
		die "$name failed (status $rc)" "the whole log: ${log#"$ROOT"/}"
	fi
}

# check_fragments NAME...: each is a file of configs/.
check_fragments()
{
	local f

	for f in "$@"; do
		[[ "$f" != */* && -f "$ROOT/configs/$f" ]] ||
			die "no configuration fragment configs/$f" \
			    "there are: $(cd "$ROOT/configs" && echo *)"
	done
}

# fragment_files NAME...: the files of configs/, and what is added to each on this base.
fragment_files()
{
	local f

	for f in "$@"; do
		echo "$ROOT/configs/$f"
		[ ! -f "$ROOT/configs/$f-$BASE" ] || echo "$ROOT/configs/$f-$BASE"
	done
}

# build_name PREFIX FRAGMENT...: PREFIX+FRAGMENT+..., in one order, so that one set of
# fragments is one build.
build_name()
{
	local name=$1 f

	shift
	while read -r f; do
		name+=+$f
	done < <(printf '%s\n' "$@" | sed '/^$/d' | sort -u)
	echo "$name"
}

# expected_cases BUILD: how many KUnit cases a kernel has. VIRTUALIZE_ALWAYS has as
# many as the kernel that it is a variant of.
expected_cases()
{
	local build=${1/+virtualize-always/} number

	number=$(awk -v build="$build" -v base="$BASE" '
		$1 == build && (!$3 || $3 == base) { number = $2 }
		END { print number }' "$ROOT/tests/expected-cases")
	[ -n "$number" ] ||
		die "tests/expected-cases has no line for $build" \
		    "add how many KUnit cases it has, after counting them in a good run"
	echo "$number"
}

# What the patches of this base change, without their messages.
changes()
{
	find "$PATCHES" -name '*.patch' -print0 | LC_ALL=C sort -z | xargs -0r sed -s '1,/^---$/d'
}

# The first digits of its hash.
series_id()
{
	changes | sha256sum | cut -c1-12
}

# suite_config SOURCE: the configuration that the series gives to users of kunit.py.
suite_config()
{
	local file=$1/lib/tests/vcompound/.kunitconfig

	[ -f "$file" ] || die "$1 has no .kunitconfig of the suite"
	echo "$file"
}
