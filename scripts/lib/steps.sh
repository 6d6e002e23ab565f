# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by test, test-full and matrix: run steps, count, sum up.
# shellcheck shell=bash
#
# With RESUME set, as in test-full, a step is not run again if it passed in an earlier run
# with the same series, scripts, configurations and tests. A line says so, and its results
# are counted. A step that failed or was interrupted is run again.

PASSED=0 FAILED=0
RESUMED=0 RESUMED_SECONDS=0
FAILURES=()
STEPS=()
# A result depends on these files, the patches, the base and the compiler,
INPUTS=(Makefile .ci bases configs guest plugin scripts tests)
# and on these words.
INPUT_WORDS=''
cd "$ROOT" || exit 1

select_steps()
{
	STEPS=("$@")
}

selected()
{
	[ ${#STEPS[@]} -eq 0 ] || [[ " ${STEPS[*]} " == *" $1 "* ]]
}

# run_step NAME COMMAND...: with its output in log test-NAME.log, too.
run_step()
{
	local name=$1 rc=0 start=$SECONDS
	shift

	STEP_LOG=$LOGS/test-$name.log
	STEP_COMMAND=$*
	mkdir -p "$LOGS"
	say "test $name: $* (log ${STEP_LOG#"$ROOT"/})"
	"$@" 2>&1 </dev/null | tee "$STEP_LOG" || rc=1
	[ "$rc" = 0 ] || { FAILURES+=("$name (log ${STEP_LOG#"$ROOT"/})"); }
	say "test $name: $([ "$rc" = 0 ] && echo passed || echo FAILED), $((SECONDS - start)) s"
	return "$rc"
}

# record NAME OUTCOME SECONDS: for scripts/state, as a row of its table.
record()
{
	[ -z "${LINUX:-}" ] || return 0
	mkdir -p "$BASEDIR/state"
	# shellcheck disable=SC2016 # Markdown
	printf '| %s | %s | `%s` | %s | %s | %d.%d | %s |\n' "$BASE" "$1" \
		"${STEP_COMMAND//"$ROOT/"/}" "$(series_id)" "$2" $(($3 / 60)) $(($3 % 60 / 6)) \
		"$(date -u +%Y-%m-%d)" >"$BASEDIR/state/$1"
}

count()
{
	PASSED=$((PASSED + $1))
	FAILED=$((FAILED + $2))
}

# A hash of everything that the outcome of a step depends on, except installed packages.
state()
{
	{
		echo "$BASE" "$INPUT_WORDS"
		git -C "$TREE" rev-parse refs/vcompound/base
		gcc --version
		find "$PATCHES" "${INPUTS[@]}" -type f -print0 |
			sort -z | xargs -0 sha256sum
	} | sha256sum | cut -c1-64
}

# resumed NAME: if the step passed with this same state, count its results again.
# Otherwise forget its record, and note the state that it starts with.
resumed()
{
	local record=$BASEDIR/passed/$1 before='' good seconds when

	[ -n "${RESUME:-}" ] || return 1
	STATE=$(state)
	[ ! -f "$record" ] || read -r before good seconds when <"$record"
	if [ "$before" != "$STATE" ] || [ "${FORCE:-}" = 1 ]; then
		rm -f "$record"
		return 1
	fi
	say "test $1: passed $when with this same state ($good passed, $seconds s); not run again"
	count "$good" 0
	RESUMED=$((RESUMED + good))
	RESUMED_SECONDS=$((RESUMED_SECONDS + seconds))
}

# passed NAME N SECONDS: remember it, atomically.
passed()
{
	[ -n "${RESUME:-}" ] || return 0
	mkdir -p "$BASEDIR/passed"
	echo "$STATE $2 $3 $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$BASEDIR/passed/.new"
	mv "$BASEDIR/passed/.new" "$BASEDIR/passed/$1"
}

# One result.
step()
{
	local start=$SECONDS

	selected "$1" && ! resumed "$1" || return 0
	if run_step "$@"; then
		count 1 0
		passed "$1" 1 $((SECONDS - start))
		record "$1" passed $((SECONDS - start))
	else
		count 0 1
		record "$1" FAILED $((SECONDS - start))
	fi
}

# One result, of a step that later steps need: always run, because its output may have
# been changed or removed. It costs little if there is nothing to do.
step_always()
{
	selected "$1" || return 0
	if run_step "$@"; then
		count 1 0
	else
		count 0 1
	fi
}

# As many results as bats reports.
step_bats()
{
	local name=$1 file=$2 rc=0 good bad skipped start=$SECONDS

	selected "$name" && ! resumed "$name" || return 0
	need bats shellcheck
	run_step "$name" bats --tap "$file" || rc=$?
	good=$(grep -c '^ok ' "$STEP_LOG" || true)
	bad=$(grep -c '^not ok ' "$STEP_LOG" || true)
	skipped=$(grep -c '^ok .*# skip' "$STEP_LOG" || true)
	# A skipped test has not passed. A runner that died has failed.
	[ "$rc" = 0 ] || [ "$bad" -gt 0 ] || bad=1
	count $((good - skipped)) "$bad"
	record "$name" "$((good - skipped)) passed, $bad failed" $((SECONDS - start))
	[ "$rc" != 0 ] || [ "$bad" != 0 ] ||
		passed "$name" $((good - skipped)) $((SECONDS - start))
}

# As many results as KUnit reports ("312 passed" in a line of the output).
step_kunit()
{
	local good='' start=$SECONDS

	selected "$1" && ! resumed "$1" || return 0
	! run_step "$@" ||
		good=$(sed -n 's/.*[ =]\([0-9]\+\) passed.*/\1/p' "$STEP_LOG" | tail -n 1)
	if [ -n "$good" ]; then
		count "$good" 0
		passed "$1" "$good" $((SECONDS - start))
		record "$1" "$good passed" $((SECONDS - start))
	else
		count 0 1
		record "$1" FAILED $((SECONDS - start))
	fi
}

stop_if_failed()
{
	[ "$FAILED" = 0 ] || { say "$1"; summary; }
}

minutes()
{
	echo "$(($1 / 60)) min $(($1 % 60)) s"
}

summary()
{
	local f

	for f in "${FAILURES[@]}"; do
		say "FAILED: $f"
	done
	[ $RESUMED = 0 ] ||
		say "of these passed in an earlier run, with the same state: $RESUMED," \
		    "in $(minutes $RESUMED_SECONDS)"
	say "$(minutes $SECONDS)${RESUME:+; with what was not run again: $(minutes $((SECONDS + RESUMED_SECONDS)))}"
	echo "$PASSED passed, $FAILED failed"
	[ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
	exit
}
