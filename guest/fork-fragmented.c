// SPDX-License-Identifier: GPL-2.0
/*
 * Fragment memory until no block of four pages is free, then fork.
 *
 *	fork-fragmented PROCESSES
 *
 * - Pairs of pipes fill all memory but LEFT_KB, one page at a time in turn. Pages in pipes
 *   cannot be moved.
 * - One pipe of each pair is closed.
 * - The per-CPU lists are drained: their pages would later merge into blocks.
 * - Stacks of processes take the blocks that are left.
 * - PROCESSES are forked. They live at the same time and use their stacks down to the
 *   last page.
 *
 * Prints the free pages and those in blocks of order 2 or more at each stage, and how many
 * of PROCESSES had their stack in the vmalloc area. Exits with 0, or with 1 if a fork or a
 * stack failed or memory is not fragmented. Needs CONFIG_TEST_VCOMPOUND_DEV.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

#define STACK		_IO('v', 5)
#define PIPE_PAGES	256
#define MAX_PAIRS	1000
#define LEFT_KB		(24 << 10)
#define MAX_HOLDERS	2000

static int pipes[MAX_PAIRS][2][2];
static char page[4096];

static void print_free(const char *when)
{
	long pages, blocks;

	read_free(&pages, &blocks);
	printf("%s: %ld free pages, %ld in blocks of order 2 or more, %ld on per-CPU lists\n",
	       when, pages, blocks, sum_of("/proc/zoneinfo", "count:"));
	fflush(stdout);
}

static void fill_pair(int pair)
{
	int i, which;

	for (which = 0; which < 2; which++)
		if (pipe2(pipes[pair][which], O_NONBLOCK) ||
		    fcntl(pipes[pair][which][1], F_SETPIPE_SZ,
			  PIPE_PAGES * sizeof(page)) < 0)
			die("pipe");
	for (i = 0; i < 2 * PIPE_PAGES; i++)
		if (write(pipes[pair][i % 2][1], page, sizeof(page)) !=
		    sizeof(page))
			die("write");
}

/* Forks a process that uses its stack when the gate closes. */
static void start(int fd, int *gate)
{
	pid_t pid = fork();
	int mapped;

	if (pid < 0)
		die("fork");
	if (pid)
		return;
	close(gate[1]);
	if (read(gate[0], page, 1))
		_exit(2);
	mapped = ioctl(fd, STACK);
	_exit(mapped < 0 ? 2 : mapped);
}

/* Closes the gate; returns how many of the processes had a mapped stack. */
static int finish(int n, int *gate)
{
	int i, status, mapped = 0;

	close(gate[1]);
	for (i = 0; i < n; i++) {
		if (wait(&status) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) > 1)
			die("a process");
		mapped += WEXITSTATUS(status);
	}
	return mapped;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 4 * MAX_PAIRS + 64, 4 * MAX_PAIRS + 64 };
	int pair, pairs, processes, i, fd, hold[2], gate[2], holders, mapped;
	long pages, blocks;

	if (argc != 2)
		return 1;
	processes = atoi(argv[1]);
	fd = open("/dev/test_vcompound", O_RDWR);
	if (fd < 0)
		die("/dev/test_vcompound");
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
	memset(page, 1, sizeof(page));

	print_free("before");
	for (pairs = 0; pairs < MAX_PAIRS &&
			sum_of("/proc/meminfo", "MemFree:") > LEFT_KB; pairs++)
		fill_pair(pairs);
	print_free("full");
	for (pair = 0; pair < pairs; pair++) {
		close(pipes[pair][0][0]);
		close(pipes[pair][0][1]);
	}
	print_free("alternating");

	if (pipe(hold))
		die("pipe");
	drain();
	print_free("drained");
	for (holders = 0; holders < MAX_HOLDERS; holders++) {
		read_free(&pages, &blocks);
		if (!blocks) {
			drain();
			read_free(&pages, &blocks);
		}
		if (!blocks)
			break;
		start(fd, hold);
	}
	print_free("fragmented");

	/* The earlier processes do not have this pipe open. */
	if (pipe(gate))
		die("pipe");
	for (i = 0; i < processes; i++)
		start(fd, gate);
	print_free("forked");
	mapped = finish(processes, gate);
	finish(holders, hold);
	printf("%d of %d mapped\n", mapped, processes);
	if (blocks) {
		fprintf(stderr, "memory is not fragmented\n");
		return 1;
	}
	return 0;
}
