// SPDX-License-Identifier: GPL-2.0
/*
 * How long calls take that need memory, and how many of them are met.
 *
 *	calls fork N
 *	calls ring IFACE DESCRIPTORS N
 *
 * fork starts N processes that live until the last one was asked for. ring enlarges the
 * transmit ring of IFACE to DESCRIPTORS N times, as ethtool -G does, and makes it small
 * again each time. Prints "CALLS MET MEDIAN P99 LONGEST", the last three in nanoseconds.
 * Exits with 0 whatever was met, or with 1 if the calls could not be made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CALLS	2000
#define SMALL		80

static long long times[MAX_CALLS];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
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

/* 0, or what the driver says. */
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
	int calls, met;

	if (argc < 3)
		return 1;
	calls = atoi(argv[argc - 1]);
	if (calls < 1 || calls > MAX_CALLS)
		return 1;
	if (argc == 3 && !strcmp(argv[1], "fork"))
		met = forks(calls);
	else if (argc == 5 && !strcmp(argv[1], "ring"))
		met = rings(argv[2], atoi(argv[3]), calls);
	else
		return 1;

	qsort(times, calls, sizeof(times[0]), compare);
	printf("%d %d %lld %lld %lld\n", calls, met, times[calls / 2],
	       times[calls * 99 / 100], times[calls - 1]);
	return 0;
}
