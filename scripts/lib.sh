# SPDX-License-Identifier: GPL-2.0
# Sourced by every script: where things are, and how the scripts speak.
# shellcheck shell=bash disable=SC2034
#
# BASE=   which base of bases/ to work on (default: see choose_base)
# LINUX=  the user's own kernel tree or tarball instead of the package
# WORK=   where everything generated goes (default work/, never committed)

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=$(realpath -m "${WORK:-$ROOT/work}")
BASE=${BASE:-}
LINUX=${LINUX:-}
# make hands over "LINUX=~/linux" as it was typed.
case $LINUX in
\~/*) LINUX=$HOME/${LINUX#\~/} ;;
esac
[ -z "$LINUX" ] || LINUX=$(realpath -m "$LINUX")
LOGS=$WORK/log
JOBS=$(nproc)

# A builder's own git configuration must not show in patches or commits.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY
# Nor may what the caller builds with, or its make's job server, reach kbuild.
unset ARCH CROSS_COMPILE KBUILD_OUTPUT KCONFIG_CONFIG KCFLAGS MAKEFLAGS MFLAGS MAKELEVEL
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

# The bases that there are, the newest first.
bases()
{
	(cd "$ROOT/bases" && printf '%s\n' * | sort -rV | paste -sd' ')
}

# Without BASE= it is the newest, or if there is no LINUX= and its package cannot be had,
# the newest of which it can. Which one is remembered until a make clean.
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
			# Who has no network must not be told that there is no package.
			[ $status = 3 ] || break
		done
		[ $status = 0 ] || { cat "$log" >&2; exit 1; }
		BASE=$base
		[ "$BASE" = "$newest" ] || echo "$BASE" >"$chosen"
	fi
	[ "$BASE" = "$newest" ] ||
		say "Linux $newest is to be had neither as a package nor by LINUX=: this is BASE=$BASE"
}

load_base()
{
	[ -n "$BASE" ] || choose_base
	# The same for every script that this one calls.
	export BASE
	[ -f "$ROOT/bases/$BASE" ] ||
		die "BASE=$BASE is not a known base" \
		    "known bases: $(bases)"
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
	long apt-update "${as_root[@]}" apt-get update
	long apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "${missing[@]}"
}

# long NAME COMMAND...: run with output in a log, show every 15 seconds that it
# is alive, and show the end of the log if it fails.
long()
{
	local name=$1 log=$LOGS/$1.log pid start=$SECONDS shown=$SECONDS rc=0 traps
	shift
	mkdir -p "$(dirname "$log")"
	{ printf '+'; printf ' %q' "$@"; echo; } >&2
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	# Whoever stops us stops the step too: no build goes on unseen.
	traps=$(trap -p EXIT INT TERM)
	trap 'kill "$pid" 2>/dev/null' EXIT
	trap 'exit 130' INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - shown)) -ge 15 ]; then
			shown=$SECONDS
			printf '   %s: %d s, log %s: %s\n' "$name" $((SECONDS - start)) \
				"${log#"$ROOT"/}" "$(tail -n 1 "$log" | cut -c1-60)"
		fi
	done
	wait "$pid" || rc=$?
	trap - EXIT INT TERM
	eval "$traps"
	if [ "$rc" != 0 ]; then
		tail -n 25 "$log" >&2
		die "$name failed (status $rc)" "the whole log: ${log#"$ROOT"/}"
	fi
}

# expected_cases BUILD: how many KUnit cases a kernel has. VIRTUALIZE_ALWAYS has as
# many as the kernel it is a variant of.
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
