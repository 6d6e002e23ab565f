// SPDX-License-Identifier: GPL-2.0
/*
 * Measure calls that need memory: how long they take and how many succeed.
 *
 *	call-times fork N
 *	call-times ring IFACE DESCRIPTORS N
 *
 * First takes all free blocks of four pages or more, as rings of packet sockets: these
 * allocations kill no process. It keeps the blocks to the end.
 *
 * fork starts N processes, all alive at the same time. ring enlarges the transmit ring of
 * IFACE to DESCRIPTORS N times, as ethtool -G does, and shrinks it before each time.
 *
 * Prints "CALLS MET MEDIAN P99 LONGEST STALLS KILLED": calls made and met, nanoseconds a
 * call, how often the page allocator reclaimed or compacted, and how many processes the
 * OOM killer killed. Exits with 1 if calls could not be made, or else with 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"

#define MAX_CALLS	2000
#define MAX_TRIES	300
#define BLOCK		(4 * 4096)
#define SMALL		80

static long long times[MAX_CALLS];

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long stalls(void)
{
	return sum_of("/proc/vmstat", "allocstall") + sum_of("/proc/vmstat", "compact_stall");
}

static long killed(void)
{
	return sum_of("/proc/vmstat", "oom_kill ");
}

static int compare(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The ring takes blocks of four pages as long as there are any, then single pages. */
static void take(unsigned int blocks)
{
	struct tpacket_req ring = {
		.tp_block_size = BLOCK, .tp_block_nr = blocks,
		.tp_frame_size = BLOCK, .tp_frame_nr = blocks,
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)))
		die("the ring of a packet socket");
}

static void take_blocks(void)
{
	struct rlimit files = { MAX_TRIES + 64, MAX_TRIES + 64 };
	long pages, blocks = 0;
	int i;

	if (setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
	for (i = 0; i < MAX_TRIES; i++) {
		drain();
		read_free(&pages, &blocks);
		if (!blocks)
			return;
		take(blocks / 4 < 256 ? blocks / 4 : 256);
	}
	fprintf(stderr, "%ld pages are still in larger blocks\n", blocks);
	exit(1);
}

static int forks(int calls)
{
	int i, gate[2], met = 0;
	long long start;
	pid_t pid;
	char end;

	if (pipe(gate))
		die("pipe");
	for (i = 0; i < calls; i++) {
		start = now();
		pid = fork();
		if (!pid) {
			close(gate[1]);
			_exit(read(gate[0], &end, 1) != 0);
		}
		times[i] = now() - start;
		met += pid > 0;
	}
	close(gate[1]);
	while (wait(NULL) > 0)
		;
	return met;
}

/* Returns 0 or the driver's error. */
static int set_ring(int fd, const char *iface, int descriptors)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };
	struct ifreq request = { .ifr_data = (void *)&ring };

	strncpy(request.ifr_name, iface, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCETHTOOL, &request))
		die("the ring of the port");
	ring.cmd = ETHTOOL_SRINGPARAM;
	ring.tx_pending = descriptors;
	return ioctl(fd, SIOCETHTOOL, &request) ? errno : 0;
}

static int rings(const char *iface, int descriptors, int calls)
{
	int i, error, met = 0, fd = socket(AF_INET, SOCK_DGRAM, 0);
	long long start;

	if (fd < 0)
		die("socket");
	for (i = 0; i < calls; i++) {
		error = set_ring(fd, iface, SMALL);
		if (error) {
			errno = error;
			die("a ring of 80");
		}
		start = now();
		error = set_ring(fd, iface, descriptors);
		times[i] = now() - start;
		if (error && error != ENOMEM) {
			errno = error;
			die("a larger ring");
		}
		met += !error;
	}
	return met;
}

int main(int argc, char **argv)
{
	long stalls_before, killed_before;
	int calls, met;

	if (argc < 3)
		return 1;
	calls = atoi(argv[argc - 1]);
	if (calls < 1 || calls > MAX_CALLS)
		return 1;
	take_blocks();
	stalls_before = stalls();
	killed_before = killed();
	if (argc == 3 && !strcmp(argv[1], "fork"))
		met = forks(calls);
	else if (argc == 5 && !strcmp(argv[1], "ring"))
		met = rings(argv[2], atoi(argv[3]), calls);
	else
		return 1;

	qsort(times, calls, sizeof(times[0]), compare);
	printf("%d %d %lld %lld %lld %ld %ld\n", calls, met, times[calls / 2],
	       times[calls * 99 / 100], times[calls - 1],
	       stalls() - stalls_before, killed() - killed_before);
	return 0;
}
