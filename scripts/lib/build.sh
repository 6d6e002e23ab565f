# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by scripts that build a kernel: how they call kbuild.
# shellcheck shell=bash

# Read by the scripts that source this file.
# shellcheck disable=SC2034
BUILD_PACKAGES=(gcc libc6-dev make flex bison bc libelf-dev ccache python3)

# Nothing of this machine goes into an object file: a build directory can be
# copied, and the compiler cache serves every one of them.
# CCACHE_DEPEND: a cache miss costs no run of the preprocessor. CCACHE_BASEDIR: checkouts
# and build directories at the same depth share what they compile.
export CCACHE_DIR=$WORK/ccache CCACHE_MAXSIZE=1500M CCACHE_DEPEND=1 CCACHE_BASEDIR=$WORK
export KBUILD_BUILD_TIMESTAMP='1 January 1970' KBUILD_BUILD_USER=vcompound \
	KBUILD_BUILD_HOST=vcompound KBUILD_BUILD_VERSION=1
# Always through ccache, which is of BUILD_PACKAGES: kbuild compiles everything again
# when the compiler's name changes.
MAKE_VARS=("CC=ccache gcc")

# seed_build DIR NAME: make DIR/NAME, NAME being ARCH[+FRAGMENT...]. If it is
# new, it starts as a copy of the sibling with the fewest different fragments:
# kbuild then rebuilds only what the difference in configuration touches.
seed_build()
{
	local dir=$1 name=$2 other best='' n least=999

	[ ! -e "$dir/$name/.started" ] || return 0
	for other in "$dir/${name%%+*}" "$dir/${name%%+*}"+*; do
		[ -e "$other/.seedable" ] || continue
		# VIRTUALIZE_ALWAYS touches few files.
		n=$(comm -3 <(tr + '\n' <<<"$name" | sort) \
			    <(tr + '\n' <<<"${other##*/}" | sort) |
			awk '{ n += /virtualize-always/ ? 1 : 10 } END { print n + 0 }')
		[ "$n" -ge "$least" ] || { least=$n best=$other; }
	done
	rm -rf "$dir/$name.new" "${dir:?}/$name"
	if [ -n "$best" ]; then
		say "starting $name from a copy of ${best##*/}"
		cp -a --reflink=auto "$best" "$dir/$name.new"
		rm -f "$dir/$name.new/.seedable"
		# The kernel's own tools are built by absolute path, and every
		# object depends on objtool: keep kbuild from building it again.
		{ grep -rlFs --null --include='.*.cmd' -e "$best/" \
			"$dir/$name.new/tools" || true; } |
			xargs -0 -r sed -i "s|$best/|$dir/$name/|g"
	else
		mkdir -p "$dir/$name.new"
	fi
	touch "$dir/$name.new/.started"
	mv "$dir/$name.new" "$dir/$name"
}

# configure SOURCE BUILD ARCH FILE...: merge the files over an allnoconfig, and check that
# all lines took effect. Does nothing if neither they nor any Kconfig file changed.
configure()
{
	local source=$1 build=$2 arch=$3

	shift 3
	mkdir -p "$build"
	cat "$@" >"$build/fragments.new"
	if ! cmp -s "$build/fragments.new" "$build/fragments" || [ ! -f "$build/.config" ] ||
			[ -n "$(find "$source" -name 'Kconfig*' -newer "$build/.config" -print -quit)" ]; then
		mv "$build/fragments.new" "$build/fragments"
		long "$BASE-$(basename "$build")-config" make -C "$source" O="$build" \
			ARCH="$arch" "${MAKE_VARS[@]}" \
			KCONFIG_ALLCONFIG="$build/fragments" allnoconfig
		# allnoconfig leaves it as it is if it would not change.
		touch "$build/.config"
	fi
	rm -f "$build/fragments.new"
	check_config "$build/.config" "$@"
}

# check_config CONFIG FRAGMENT-FILE...: every line of the fragments took effect, except
# those that a later line overrides.
check_config()
{
	local config=$1 line symbol lost=()

	shift
	while read -r line; do
		case $line in
		'# CONFIG_'*' is not set')
			symbol=${line#\# }
			! grep -q "^${symbol%% *}=" "$config" || lost+=("$line")
			;;
		CONFIG_*)
			grep -qxF -e "$line" "$config" || lost+=("$line")
			;;
		esac
	done < <(cat "$@" | tac | awk '
		{ symbol = "" }
		/^CONFIG_/ { symbol = $0; sub(/=.*/, "", symbol) }
		/^# CONFIG_.* is not set$/ { symbol = $2 }
		symbol && !seen[symbol]++')
	[ ${#lost[@]} -eq 0 ] ||
		die "the tree does not take these lines of configs/:" "${lost[@]}"
}
