# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Sourced by jobs, for how they report and wait, and for a network if they need one: eth0
# and eth1, cabled together, each in a network namespace of its own, so that packets
# really cross the cable. The driver is that of scripts/boot --nic. Any step that fails
# ends the job.

# result KEY VALUE: to the host, and to a reader of the console.
result()
{
	echo "$1=$2" >&3
	echo "job: $1=$2"
}

fail()
{
	echo "job: FAILED: $*"
	echo "failed=$*" >&3
	# A port taken down by its namespace's end would race with the reboot.
	[ -z "$ns_b" ] || { in_a ip link set eth0 down; in_b ip link set eth1 down; } || true
	exit 1
}

# in_a, in_b COMMAND...: in the namespace of port eth0 or eth1.
ns_a='' ns_b=''
in_a() { nsenter -t "$ns_a" -n "$@"; }
in_b() { nsenter -t "$ns_b" -n "$@"; }

# until_true SECONDS COMMAND...: try until it succeeds.
until_true()
{
	local n=$(($1 * 10))
	shift
	while ! "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		usleep 100000
	done
}

# Virtualized vcompounds, but for thread stacks.
areas()
{
	grep ' vcompound' /proc/vmallocinfo | grep -vc ' copy_process+' || true
}

at_most() { [ "$(areas)" -le "$1" ]; }

ring_areas()
{
	grep -E "e1000e?_setup_(all_)?$1_resources" /proc/vmallocinfo || true
}

# form tx|rx: what vmallocinfo says of the rings of both ports.
form()
{
	local lines all virtual

	lines=$(ring_areas "$1")
	all=$(echo "$lines" | grep -c . || true)
	virtual=$(echo "$lines" | grep -c ' vcompound' || true)
	case $all/$virtual in
	0/0)	echo contiguous ;;
	2/2)	echo virtualized ;;
	1/1)	echo mixed ;;
	*)	echo vmalloc ;;
	esac
}

# The kernel forgets a namespace's port when the last process leaves: keep one.
new_namespace()
{
	unshare -n sleep 3600 </dev/null >/dev/null 2>&1 3>&- &
	new=$!
	until_true 5 own_namespace "$new" || fail "no network namespace"
}

own_namespace()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# The form that more than a page has on this kernel.
usual_form()
{
	zcat /proc/config.gz | grep -q CONFIG_VIRTUALIZE_ALWAYS=y && echo virtualized ||
		echo contiguous
}

# move_port IFACE NAMESPACE ADDRESS
move_port()
{
	ip link set "$1" netns "$2"
	nsenter -t "$2" -n ip addr add "$3/24" dev "$1"
	nsenter -t "$2" -n ip link set "$1" up
}

ports_up()
{
	areas_before=$(areas)
	new_namespace; ns_a=$new
	new_namespace; ns_b=$new
	move_port eth0 "$ns_a" 10.0.0.1
	move_port eth1 "$ns_b" 10.0.0.2
	until_true 20 connected || fail "the ports do not reach each other"
}

# ports_down: nothing of them is left.
ports_down()
{
	in_a ip link set eth0 down
	in_b ip link set eth1 down
	until_true 5 at_most "$areas_before" ||
		fail "$(($(areas) - areas_before)) vcompound areas left behind"
	result areas_left "$(($(areas) - areas_before))"
	kill "$ns_a" "$ns_b"
}

no_loss()
{
	loss=$(in_a ping -c 3 -W 2 10.0.0.2 | sed -n 's/.* \([0-9]*\)% packet loss.*/\1/p')
	[ "$loss" = 0 ] || fail "ping lost $loss %"
	result ping_loss "$loss"
}

connected()
{
	in_a ping -c 1 -W 1 10.0.0.2 >/dev/null 2>&1
}

# rings in_a|in_b IFACE: current sizes, as "rx tx".
rings()
{
	"$1" ethtool -g "$2" | awk '
		/^Current/ { current = 1 }
		current && /^RX:/ { rx = $2 }
		current && /^TX:/ { tx = $2 }
		END { print rx, tx }'
}

# start_iperf SECONDS [OPTION...]; join_iperf KEY
start_iperf()
{
	local seconds=$1
	shift
	# Not what an earlier server wrote, before this one has opened it.
	rm -f /tmp/server
	in_b iperf3 -4 -s -1 --forceflush >/tmp/server 2>&1 3>&- &
	server=$!
	until_true 10 grep -qs listening /tmp/server ||
		{ cat /tmp/server; fail "iperf3 server"; }
	in_a iperf3 -4 -c 10.0.0.2 -t "$seconds" -f m "$@" >/tmp/client 2>&1 3>&- &
	client=$!
}

join_iperf()
{
	wait $client || { cat /tmp/client; fail "iperf3 client"; }
	wait $server || { cat /tmp/server; fail "iperf3 server"; }
	result "$1" "$(awk '/receiver/ { for (i = 1; i < NF; i++)
		if ($(i + 1) == "Mbits/sec") print $i }' /tmp/client)"
}

# Bytes that eth1 received.
# shellcheck disable=SC2016 # $1 is of awk
bytes()
{
	in_b awk '/eth1:/ { sub(/.*:/, ""); print $1 }' /proc/net/dev
}

# flowing WHEN: the receiving port gets data, now.
flowing()
{
	local from
	from=$(bytes)
	until_true 20 more_than "$((from + 1000000))" || { cat /tmp/client; fail "no traffic $1"; }
}

more_than() { [ "$(bytes)" -gt "$1" ]; }

# resize DESCRIPTORS: all four rings, one port after the other.
resized=0
resize()
{
	local side iface

	for side in "in_a eth0" "in_b eth1"; do
		iface=${side#* }
		side=${side% *}
		$side ethtool -G "$iface" rx "$1" tx "$1" ||
			fail "ethtool -G $iface rx $1 tx $1"
		[ "$(rings "$side" "$iface")" = "$1 $1" ] ||
			fail "$iface has rings of $(rings "$side" "$iface"), not $1"
		resized=$((resized + 2))
	done
}

# Real addresses in vmallocinfo, for root.
echo 1 >/proc/sys/kernel/kptr_restrict
