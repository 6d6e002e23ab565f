# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# Sourced by jobs: reporting, waiting, and a network of two ports. eth0 and eth1 are
# cabled together, each in a network namespace of its own, so that packets cross the
# cable. scripts/boot --nic chooses their model. A step that fails ends the job.

# result KEY VALUE: report to the host and on the console.
result()
{
	echo "$1=$2" >&3
	echo "job: $1=$2"
}

# fail REASON...: report the reason and end the job.
fail()
{
	echo "job: FAILED: $*"
	echo "failed=$*" >&3
	# Otherwise the namespaces' end takes the ports down during the reboot.
	[ -z "$ns_b" ] || { in_a ip link set eth0 down; in_b ip link set eth1 down; } || true
	exit 1
}

# in_a, in_b COMMAND...: run in the namespace of eth0 or eth1.
ns_a='' ns_b=''
in_a() { nsenter -t "$ns_a" -n "$@"; }
in_b() { nsenter -t "$ns_b" -n "$@"; }

# until_true SECONDS COMMAND...: repeat COMMAND until it succeeds, or fail after SECONDS.
until_true()
{
	local now deadline
	read -r now _ </proc/uptime
	deadline=$((${now%.*} + $1))
	shift
	while ! "$@"; do
		read -r now _ </proc/uptime
		[ "${now%.*}" -lt $deadline ] || return 1
		usleep 100000
	done
}

# areas: the number of virtualized vcompounds that are not thread stacks.
areas()
{
	grep ' vcompound' /proc/vmallocinfo | grep -vc ' copy_process+' || true
}

at_most() { [ "$(areas)" -le "$1" ]; }

ring_areas()
{
	grep -E "e1000e?_setup_(all_)?$1_resources" /proc/vmallocinfo || true
}

# form tx|rx: the form of both ports' rings, by vmallocinfo.
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

# new_namespace: sets $new to a process in a new network namespace, which keeps it alive.
new_namespace()
{
	unshare -n sleep 36000 </dev/null >/dev/null 2>&1 3>&- &
	new=$!
	until_true 30 own_namespace "$new" || fail "no network namespace"
}

own_namespace()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# usual_form: the form of requests above one page in this kernel.
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
	until_true 100 connected || fail "the ports do not reach each other"
}

# ports_down: take the ports down; fail if they leave an area behind.
ports_down()
{
	in_a ip link set eth0 down
	in_b ip link set eth1 down
	until_true 30 at_most "$areas_before" ||
		fail "$(($(areas) - areas_before)) vcompound areas left behind"
	result areas_left "$(($(areas) - areas_before))"
	kill "$ns_a" "$ns_b"
}

no_loss()
{
	loss=$(in_a ping -c 3 -W 10 10.0.0.2 | sed -n 's/.* \([0-9]*\)% packet loss.*/\1/p')
	[ "$loss" = 0 ] || fail "ping lost $loss %"
	result ping_loss "$loss"
}

connected()
{
	in_a ping -c 1 -W 1 10.0.0.2 >/dev/null 2>&1
}

# rings in_a|in_b IFACE: the current sizes, as "RX TX".
rings()
{
	"$1" ethtool -g "$2" | awk '
		/^Current/ { current = 1 }
		current && /^RX:/ { rx = $2 }
		current && /^TX:/ { tx = $2 }
		END { print rx, tx }'
}

# start_iperf SECONDS [CLIENT-OPTION...]: send from eth0 to eth1, in the background.
start_iperf()
{
	local seconds=$1
	shift
	# The wait below must not see the output of an earlier server.
	rm -f /tmp/server
	in_b iperf3 -4 -s -1 --forceflush >/tmp/server 2>&1 3>&- &
	server=$!
	until_true 60 grep -qs listening /tmp/server ||
		{ cat /tmp/server; fail "iperf3 server"; }
	in_a iperf3 -4 -c 10.0.0.2 -t "$seconds" -f m "$@" >/tmp/client 2>&1 3>&- &
	client=$!
}

# join_iperf KEY: wait for the end of iperf3 and report Mbit/s as KEY.
join_iperf()
{
	wait $client || { cat /tmp/client; fail "iperf3 client"; }
	wait $server || { cat /tmp/server; fail "iperf3 server"; }
	result "$1" "$(awk '/receiver/ { for (i = 1; i < NF; i++)
		if ($(i + 1) == "Mbits/sec") print $i }' /tmp/client)"
}

# bytes: what eth1 has received.
# shellcheck disable=SC2016 # $1 is awk's
bytes()
{
	in_b awk '/eth1:/ { sub(/.*:/, ""); print $1 }' /proc/net/dev
}

# flowing WHEN: fail unless eth1 receives another megabyte.
flowing()
{
	local from
	from=$(bytes)
	until_true 100 more_than "$((from + 1000000))" || { cat /tmp/client; fail "no traffic $1"; }
}

more_than() { [ "$(bytes)" -gt "$1" ]; }

# resize DESCRIPTORS: resize all four rings, one port after the other.
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

# Show real addresses in vmallocinfo.
echo 1 >/proc/sys/kernel/kptr_restrict
