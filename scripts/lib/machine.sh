# SPDX-License-Identifier: GPL-2.0
# Sourced after build.sh by scripts that work on a machine of tests/machines.
# shellcheck shell=bash disable=SC2034

# The lines of the file, without the spaces around their fields.
machines()
{
	sed '/^#/d; /^$/d; s/[ \t]*|[ \t]*/|/g' "$ROOT/tests/machines"
}

# broken SYMBOLS: does the base itself not compile there, without the series?
broken()
{
	[[ " $1 " == *" $BASE:BROKEN "* ]]
}

# machine_files NAME: HOW, MACHINE_ARCH, TOOLS, PACKAGES and QEMU of the machine, and
# FILES, the fragments of its configuration.
machine_files()
{
	local name symbols s

	IFS='|' read -r name HOW MACHINE_ARCH TOOLS PACKAGES symbols QEMU \
		< <(machines | awk -F'|' -v name="$1" '$1 == name') || true
	[ -n "$name" ] || die "tests/machines has no $1" \
		"there are: $(machines | cut -d'|' -f1 | paste -sd' ')"
	! broken "$symbols" || die "$BASE itself does not compile for $name" \
		"tests/machines says so; take another BASE= of: $(bases)"
	FILES=()
	[ "$HOW" != kunit ] || FILES=("$ROOT/configs/kunit")
	mkdir -p "$BASEDIR/machines"
	for s in $symbols; do
		case $s in
		"$BASE":*) s=${s#*:} ;;
		[0-9]*:*) continue ;;
		esac
		case $s in
		*=n)	echo "# CONFIG_${s%=n} is not set" ;;
		*=*)	echo "CONFIG_$s" ;;
		*)	fragment_files "$s" | xargs cat ;;
		esac
	done >"$BASEDIR/machines/$name.new"
	mv "$BASEDIR/machines/$name.new" "$BASEDIR/machines/$name"
	FILES+=("$BASEDIR/machines/$name")
}

# load_machine NAME: the same, and how make is called for it in MAKE_VARS. Installs what
# it needs.
load_machine()
{
	machine_files "$1"
	# shellcheck disable=SC2086 # words
	need "${BUILD_PACKAGES[@]}" $PACKAGES
	case $TOOLS in
	CROSS_COMPILE=*) MAKE_VARS=("$TOOLS" "CC=ccache ${TOOLS#*=}gcc") ;;
	LLVM=*)	MAKE_VARS=("$TOOLS" "CC=ccache clang${TOOLS#*=}") ;;
	esac
}
