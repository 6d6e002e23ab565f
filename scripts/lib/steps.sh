# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by test, test-full and matrix: run steps, count, sum up.
# shellcheck shell=bash
#
# With RESUME set, as in test-full, a step is not run again if it passed in an earlier run
# in the same state, which is what its outcome depends on. The run may have been in this
# clone or, if results/state.md has its row, in another. A line says so, and its results are
# counted. A step that failed is run again. So is one that was interrupted, unless such a row
# says that it passed.

PASSED=0 FAILED=0
RESUMED=0 RESUMED_SECONDS=0
FAILURES=()
STEPS=()
WAITING=()
BESIDE=()
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
	local start=$SECONDS rc=0

	start_log "$@"
	"${@:2}" 2>&1 </dev/null | tee "$STEP_LOG" || rc=1
	tell "$1" "$rc" $((SECONDS - start))
	return "$rc"
}

# start_log NAME COMMAND...
start_log()
{
	STEP_LOG=$LOGS/test-$1.log
	STEP_COMMAND=${*:2}
	mkdir -p "$LOGS"
	say "test $1: $STEP_COMMAND (log ${STEP_LOG#"$ROOT"/})"
}

# tell NAME STATUS SECONDS
tell()
{
	[ "$2" = 0 ] || { FAILURES+=("$1 (log ${STEP_LOG#"$ROOT"/})"); }
	say "test $1: $([ "$2" = 0 ] && echo passed || echo FAILED), $3 s"
}

# record NAME OUTCOME SECONDS: for scripts/state, as a row of its table.
record()
{
	[ -z "${LINUX:-}" ] || return 0
	mkdir -p "$BASEDIR/state"
	# shellcheck disable=SC2016 # Markdown
	printf '| %s | %s | `%s` | %s | %s | %d.%d | %s | %s |\n' "$BASE" "$1" \
		"$(relative "$STEP_COMMAND")" "$(series_id)" "$2" $(($3 / 60)) $(($3 % 60 / 6)) \
		"$(date -u +%Y-%m-%d)" "${STATE:0:12}" >"$BASEDIR/state/$1"
}

# relative COMMAND: without the paths of this clone
relative()
{
	local command=${1//"$WORK"/work}

	echo "${command//"$ROOT/"/}"
}

count()
{
	PASSED=$((PASSED + $1))
	FAILED=$((FAILED + $2))
}

# words COMMAND...: its words, and those of a test or of scripts/xfs that it runs. The other
# scripts get the names of builds, fragments and jobs as arguments.
words()
{
	local word

	{
		printf '%s\n' "$@"
		for word; do
			[[ $word != tests/* && $word != scripts/xfs ]] || cat "$word"
		done
	} | tr -c 'a-z0-9_+\n-' '\n'
}

# state_files COMMAND...: the files that its outcome depends on, except tests/expected-cases.
# Tests by bats look at all.
# Other steps depend on a script, a fragment, a job or a file of tests/ only if its name is
# one of the words, or if most steps need it. Of the patches they depend on the changes only;
# checkpatch depends on the messages, too.
state_files()
{
	local f name needed

	needed=" tree fetch kernel initramfs kunit common x86_64 i386 um virtualize-always"
	# shellcheck disable=SC2086 # words
	needed+=" machines $(words "$@" $INPUT_WORDS | tr '+\n' '  ') "
	find "${PATCHES#"$ROOT/"}" "${INPUTS[@]}" -type f | LC_ALL=C sort | while read -r f; do
		name=${f##*/}
		name=${name%-"$BASE"}
		[ "$1" = bats ] || case $f in
		"${PATCHES#"$ROOT/"}"/*.patch) [ "$1" = tests/checkpatch ] || continue ;;
		*/cover.md|guest/README.md) continue ;;
		# These only start the steps.
		Makefile|.ci/*|*.bats|scripts/lib/steps.sh) continue ;;
		scripts/test|scripts/test-full|scripts/matrix|scripts/state) continue ;;
		scripts/lib/*|tests/*/*) ;;
		scripts/*|configs/*|guest/jobs/*|tests/*)
			[[ $needed == *" ${name%.*} "* ]] || continue
			;;
		esac
		echo "$f"
	done
}

# expected COMMAND...: print the lines of tests/expected-cases for BASE if it may count
# KUnit cases
expected()
{
	# Not -q: words would die of a closed pipe.
	words "$@" | grep -xe '\(--\)\?kunit' >/dev/null || return 0
	awk -v base="$BASE" 'NF < 3 || $3 == base' tests/expected-cases
}

# state COMMAND...: a hash of everything that its outcome depends on, except installed
# packages.
state()
{
	{
		echo "$BASE $INPUT_WORDS $(relative "$*")"
		git -C "$TREE" rev-parse refs/vcompound/base
		gcc --version
		state_files "$@" | xargs -d '\n' sha256sum
		changes
		expected "$@"
	} | sha256sum | cut -c1-64
}

# committed NAME: make the record of a step from its row in results/state.md, if that has
# the state. If the step ran in this clone, its row here counts more.
committed()
{
	local row tables=() table

	for table in results/state.md "$BASEDIR/state/$1"; do
		[ ! -f "$table" ] || tables+=("$table")
	done
	[ ${#tables[@]} -gt 0 ] || return 0
	row=$(awk -F ' *[|] *' -v base="$BASE" -v name="$1" -v state="${STATE:0:12}" '
		$2 == base && $3 == name && $9 == state {
			row = ""
			if ($6 ~ /^([1-9][0-9]* )?passed(, 0 failed)?$/)
				row = ($6 ~ /^[0-9]/ ? $6 + 0 : 1) " " $7 * 60 " " $8
		}
		END { print row }' "${tables[@]}")
	[ -z "$row" ] || write_record "$1" "$row"
}

# resumed NAME COMMAND...: if the step passed in this same state, count its results again.
# Otherwise forget its record, and note the state that it starts with.
resumed()
{
	local record=$BASEDIR/passed/$1 before='' good seconds when

	STATE=$(state "${@:2}")
	if [ -z "${RESUME:-}" ] || [ "${FORCE:-}" = 1 ]; then
		rm -f "$record"
		return 1
	fi
	[ ! -f "$record" ] || read -r before _ <"$record"
	if [ "$before" != "$STATE" ]; then
		rm -f "$record"
		committed "$1"
	fi
	[ -f "$record" ] || return 1
	read -r _ good seconds when <"$record"
	say "test $1: passed $when with this same state ($good passed, $seconds s); not run again"
	count "$good" 0
	RESUMED=$((RESUMED + good))
	RESUMED_SECONDS=$((RESUMED_SECONDS + seconds))
}

# passed NAME N SECONDS: remember it, atomically.
passed()
{
	[ -z "${RESUME:-}" ] || write_record "$1" "$2 $3 $(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

write_record()
{
	mkdir -p "$BASEDIR/passed"
	echo "$STATE $2" >"$BASEDIR/passed/.new"
	mv "$BASEDIR/passed/.new" "$BASEDIR/passed/$1"
}

# One result.
step()
{
	selected "$1" && ! resumed "$@" || return 0
	run_waiting "${@:2}"
	run_one "$@"
}

# run_one NAME COMMAND...
run_one()
{
	local start=$SECONDS rc=0

	STATE=$(state "${@:2}")
	rm -f "$BASEDIR/passed/$1"
	run_step "$@" || rc=1
	count_one "$1" "$rc" $((SECONDS - start))
}

# count_one NAME STATUS SECONDS
count_one()
{
	if [ "$2" = 0 ]; then
		count 1 0
		passed "$1" 1 "$3"
		record "$1" passed "$3"
	else
		count 0 1
		record "$1" FAILED "$3"
	fi
}

# step_beside NAME COMMAND...: one result, of a step that run_beside runs and join counts.
step_beside()
{
	selected "$1" && ! resumed "$@" || return 0
	run_waiting "${@:2}"
	STATE=$(state "${@:2}")
	BESIDE+=("$(printf '%q ' "$STATE" "$@")")
}

# Run the steps of step_beside one after another, and return meanwhile.
run_beside()
{
	local step words=() log start rc names=''

	[ ${#BESIDE[@]} -gt 0 ] || return 0
	mkdir -p "$LOGS"
	for step in "${BESIDE[@]}"; do
		eval "words=($step)"
		names+=" ${words[1]}"
		rm -f "$LOGS/test-${words[1]}.log" "$LOGS/test-${words[1]}.status"
	done
	say "beside the next steps:$names (log ${LOGS#"$ROOT"/}/test-beside.log)"
	(
		trap 'kill $!; exit' TERM
		for step in "${BESIDE[@]}"; do
			eval "words=($step)"
			log=test-${words[1]}.log start=$SECONDS rc=0
			ln -sf "$log" "$LOGS/test-beside.log"
			"${words[@]:2}" >"$LOGS/$log" 2>&1 </dev/null &
			wait $! || rc=1
			echo "$rc $((SECONDS - start))" >"$LOGS/${log%.log}.status"
		done
	) &
	# Stop them when this script ends, also by a signal. A background process ignores Ctrl-C.
	# shellcheck disable=SC2046 # a list of processes
	trap 'kill $(jobs -rp) 2>/dev/null' EXIT
	trap 'exit 130' INT
}

# Wait for the steps of run_beside, print what they printed, and count.
join()
{
	local step words=() pid rc seconds

	[ ${#BESIDE[@]} -gt 0 ] || return 0
	pid=$(jobs -rp)
	[ -z "$pid" ] || watch "$pid" beside "$LOGS/test-beside.log" || true
	trap - EXIT INT
	for step in "${BESIDE[@]}"; do
		eval "words=($step)"
		STATE=${words[0]}
		start_log "${words[@]:1}"
		cat "$STEP_LOG" || true
		# A step that was killed has none.
		read -r rc seconds 2>/dev/null <"${STEP_LOG%.log}.status" || rc=1 seconds=0
		tell "${words[1]}" "$rc" "$seconds"
		count_one "${words[1]}" "$rc" "$seconds"
	done
	BESIDE=()
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

# step_for BUILD NAME COMMAND...: one result, of a step that makes something of a kernel's
# build. With RESUME set it waits for a step whose command or script names the build.
step_for()
{
	local build=$1
	shift

	if [ -z "${RESUME:-}" ] || [ ${#STEPS[@]} -gt 0 ]; then
		! selected "$1" || run_one "$@"
	else
		WAITING+=("$build $*")
	fi
}

# run_waiting COMMAND...: the steps that wait for it
run_waiting()
{
	local i build step words

	words=$(words "$@")
	for i in "${!WAITING[@]}"; do
		# The call below may have run it.
		[ -n "${WAITING[i]:-}" ] || continue
		read -r build step <<<"${WAITING[i]}"
		grep -qxF -e "$build" <<<"$words" || continue
		unset "WAITING[i]"
		# shellcheck disable=SC2086 # its words
		run_waiting ${step#* }
		# shellcheck disable=SC2086
		run_one $step
	done
}

# Those that no step needed. Most passed before. The last first: it may need an earlier one.
run_others_waiting()
{
	local numbers=("${!WAITING[@]}") i waiting

	for ((i = ${#numbers[@]} - 1; i >= 0; i--)); do
		waiting=${WAITING[numbers[i]]:-}
		[ -n "$waiting" ] || continue
		unset "WAITING[numbers[i]]"
		# shellcheck disable=SC2086 # its words
		step ${waiting#* }
	done
}

# As many results as bats reports.
step_bats()
{
	local name=$1 file=$2 rc=0 good bad skipped start

	selected "$name" && ! resumed "$name" bats --tap "$file" || return 0
	run_waiting "$file"
	need bats shellcheck
	start=$SECONDS STATE=$(state bats --tap "$file")
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
	local good='' start

	selected "$1" && ! resumed "$@" || return 0
	run_waiting "${@:2}"
	start=$SECONDS STATE=$(state "${@:2}")
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
