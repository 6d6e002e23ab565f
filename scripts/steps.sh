# SPDX-License-Identifier: GPL-2.0
# Sourced after lib.sh by test: run steps, count, sum up.
# shellcheck shell=bash

PASSED=0 FAILED=0
FAILURES=()
STEPS=()
cd "$ROOT" || exit 1

select_steps()
{
	STEPS=("$@")
}

# run_step NAME COMMAND...: into log test-NAME.log, but for what shows progress.
run_step()
{
	local name=$1 rc=0 start=$SECONDS
	shift

	if [ ${#STEPS[@]} -gt 0 ] && [[ " ${STEPS[*]} " != *" $name "* ]]; then
		return 2
	fi
	STEP_LOG=$LOGS/test-$name.log
	mkdir -p "$LOGS"
	say "test $name: $* (log ${STEP_LOG#"$ROOT"/})"
	"$@" 2>&1 </dev/null | tee "$STEP_LOG" || rc=1
	[ "$rc" = 0 ] || { FAILURES+=("$name (log ${STEP_LOG#"$ROOT"/})"); }
	say "test $name: $([ "$rc" = 0 ] && echo passed || echo FAILED), $((SECONDS - start)) s"
	return "$rc"
}

count()
{
	PASSED=$((PASSED + $1))
	FAILED=$((FAILED + $2))
}

# One result.
step()
{
	local rc=0

	run_step "$@" || rc=$?
	case $rc in
	0) count 1 0 ;;
	1) count 0 1 ;;
	esac
}

# As many results as bats counts.
step_bats()
{
	local name=$1 file=$2 rc=0 good bad skipped

	need bats shellcheck
	run_step "$name" bats --tap "$file" || rc=$?
	[ "$rc" != 2 ] || return 0
	good=$(grep -c '^ok ' "$STEP_LOG" || true)
	bad=$(grep -c '^not ok ' "$STEP_LOG" || true)
	skipped=$(grep -c '^ok .*# skip' "$STEP_LOG" || true)
	# What was skipped has not passed; a runner that died has failed.
	[ "$rc" = 0 ] || [ "$bad" -gt 0 ] || bad=1
	count $((good - skipped)) "$bad"
}

# As many results as KUnit counts ("312 passed" in a line of the output).
step_kunit()
{
	local rc=0 good

	run_step "$@" || rc=$?
	case $rc in
	0)
		good=$(sed -n 's/.*[ =]\([0-9]\+\) passed.*/\1/p' "$STEP_LOG" | tail -n 1)
		if [ -n "$good" ]; then
			count "$good" 0
		else
			count 0 1
		fi
		;;
	1) count 0 1 ;;
	esac
}

stop_if_failed()
{
	[ "$FAILED" = 0 ] || { say "$1"; summary; }
}

summary()
{
	local f

	for f in "${FAILURES[@]}"; do
		say "FAILED: $f"
	done
	say "$((SECONDS / 60)) min $((SECONDS % 60)) s"
	echo "$PASSED passed, $FAILED failed"
	[ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
	exit
}
