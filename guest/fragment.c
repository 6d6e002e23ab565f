// SPDX-License-Identifier: GPL-2.0
/*
 * Fragment memory until hardly a free page has a free neighbour, then fork.
 *
 *	fragment PROCESSES
 *
 * Pages in pipes cannot be moved. All memory but LEFT_KB is filled with pairs of pipes
 * that take a page in turn, and one of each pair is closed. Prints the free pages and
 * those of them that are in blocks of order 2 or more, before and after, and in how
 * many of the processes, which live at the same time and use their stacks down to the
 * last page, the stack was in the vmalloc area. Exits with 0, or with 1 if a fork or a
 * stack failed. Needs CONFIG_TEST_VCOMPOUND_DEV.
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

#define STACK		_IO('v', 5)
#define PIPE_PAGES	256
#define MAX_PAIRS	1000
#define LEFT_KB		(24 << 10)

static int pipes[MAX_PAIRS][2][2];
static char page[4096];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long free_kb(void)
{
	char line[128];
	long kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	if (!f)
		die("/proc/meminfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

/* Prints the free pages of all nodes and zones. */
static void print_free(const char *when)
{
	long count[16], pages = 0, blocks = 0;
	char line[512], *next;
	FILE *f = fopen("/proc/buddyinfo", "r");
	int order;

	if (!f)
		die("/proc/buddyinfo");
	while (fgets(line, sizeof(line), f)) {
		next = strstr(line, "zone");
		if (!next)
			continue;
		next += strcspn(next, " ");
		next += strspn(next, " ");
		next += strcspn(next, " ");
		for (order = 0; order < 16; order++) {
			char *end;

			count[order] = strtol(next, &end, 10);
			if (end == next)
				break;
			next = end;
			pages += count[order] << order;
			if (order >= 2)
				blocks += count[order] << order;
		}
	}
	fclose(f);
	printf("%s: %ld free pages, %ld in blocks of order 2 or more\n", when,
	       pages, blocks);
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

int main(int argc, char **argv)
{
	struct rlimit files = { 4 * MAX_PAIRS + 64, 4 * MAX_PAIRS + 64 };
	int pair, pairs, processes, i, status, fd, gate[2], mapped = 0;
	pid_t pid;

	if (argc != 2)
		return 1;
	processes = atoi(argv[1]);
	fd = open("/dev/test_vcompound", O_RDWR);
	if (fd < 0)
		die("/dev/test_vcompound");
	if (pipe(gate))
		die("pipe");
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
	memset(page, 1, sizeof(page));

	print_free("before");
	for (pairs = 0; pairs < MAX_PAIRS && free_kb() > LEFT_KB; pairs++)
		fill_pair(pairs);
	print_free("full");
	for (pair = 0; pair < pairs; pair++) {
		close(pipes[pair][0][0]);
		close(pipes[pair][0][1]);
	}
	print_free("fragmented");

	for (i = 0; i < processes; i++) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid) {
			/* All are alive at the same time. */
			close(gate[1]);
			if (read(gate[0], page, 1))
				_exit(2);
			status = ioctl(fd, STACK);
			_exit(status < 0 ? 2 : status);
		}
	}
	print_free("forked");
	close(gate[1]);
	for (i = 0; i < processes; i++) {
		if (wait(&status) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) > 1)
			die("a process");
		mapped += WEXITSTATUS(status);
	}
	printf("%d of %d mapped\n", mapped, processes);
	return 0;
}
