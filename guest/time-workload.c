// SPDX-License-Identifier: GPL-2.0
/*
 * Time a workload. With scripts/boot --count a nanosecond is an instruction.
 *
 *	time-workload fork N		N processes, a hundred alive at a time
 *	time-workload flood N		N packets of 1400 bytes by a packet socket and lo
 *	time-workload run COMMAND...
 *	time-workload busy COMMAND...	without the time when the only CPU was idle
 *
 * Prints the nanoseconds and exits with 0, or with 2 if it failed. Also runs on an
 * unpatched kernel.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/*
 * A process that runs when nobody else does: what it does not run is work. An interrupt that
 * comes meanwhile is counted as idle; those of a disk in memory are the timer's.
 */
static pid_t idle(void)
{
	const struct sched_param none = { 0 };
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return child;
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		die("SCHED_IDLE");
	for (;;)
		;
}

static long long idled(pid_t child)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(child, &clock) || clock_gettime(clock, &t))
		die("the clock of another process");
	kill(child, SIGKILL);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void reap(void)
{
	int status;

	if (wait(&status) < 0)
		die("wait");
	if (status) {
		fprintf(stderr, "a child ended with %x\n", status);
		exit(2);
	}
}

static void spawn(char **command)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return;
	if (command) {
		execvp(command[0], command);
		die(command[0]);
	}
	_exit(0);
}

static void forks(long n)
{
	const long alive = 100;

	for (long i = 0; i < n; i++) {
		if (i >= alive)
			reap();
		spawn(NULL);
	}
	for (long i = 0; i < n && i < alive; i++)
		reap();
}

static void flood(long n)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int out = socket(AF_PACKET, SOCK_RAW, 0);
	int in = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	static char packet[1400], received[sizeof(packet)];

	if (out < 0 || in < 0 || bind(in, (void *)&to, sizeof(to)))
		die("packet socket");
	/* A frame that no protocol handler takes. */
	memset(packet, 0x88, 14);
	for (long i = 0; i < n; i++) {
		if (sendto(out, packet, sizeof(packet), 0, (void *)&to, sizeof(to)) < 0)
			die("sendto");
		if (recv(in, received, sizeof(received), 0) < 0)
			die("recv");
	}
}

int main(int argc, char **argv)
{
	long long start, time;
	pid_t idler = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: time-workload fork N | flood N | run|busy COMMAND...\n");
		return 2;
	}
	if (!strcmp(argv[1], "busy"))
		idler = idle();
	start = now();
	if (!strcmp(argv[1], "fork")) {
		forks(atol(argv[2]));
	} else if (!strcmp(argv[1], "flood")) {
		flood(atol(argv[2]));
	} else {
		spawn(argv + 2);
		reap();
	}
	time = now() - start;
	if (idler)
		time -= idled(idler);
	printf("%lld\n", time);
	return 0;
}
