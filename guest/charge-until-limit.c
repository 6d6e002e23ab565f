// SPDX-License-Identifier: GPL-2.0
/*
 * Allocate vcompounds through /dev/test_vcompound until the limit of the memory cgroup.
 *
 *	charge-until-limit PAGES
 *
 * Each vcompound has PAGES pages. Prints the total number of pages, waits for the end of
 * standard input, frees them, and exits with 0. Prints the reason and exits with 1 if
 * anything but ENOMEM stops it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)

#define MAX_FILES	900

int main(int argc, char **argv)
{
	static int fds[MAX_FILES];
	unsigned long pages, nr;
	char line[32], c;
	int len;

	/* This task's own memory has to be charged before the limit is reached. */
	if (argc != 2 || mlockall(MCL_CURRENT | MCL_FUTURE)) {
		perror("charge-until-limit");
		return 1;
	}
	memset(line, ' ', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	pwrite(STDOUT_FILENO, line, sizeof(line), 0);
	pages = strtoul(argv[1], NULL, 0);
	for (nr = 0; nr < MAX_FILES; nr++) {
		fds[nr] = open("/dev/test_vcompound", O_RDWR);
		if (fds[nr] < 0) {
			perror("charge-until-limit: /dev/test_vcompound");
			return 1;
		}
	}

	for (nr = 0; nr < MAX_FILES; nr++) {
		if (!ioctl(fds[nr], ALLOC, pages * sysconf(_SC_PAGESIZE)))
			continue;
		if (errno == ENOMEM)
			break;
		perror("charge-until-limit: ioctl");
		return 1;
	}
	len = snprintf(line, sizeof(line), "%lu\n", nr * pages);
	pwrite(STDOUT_FILENO, line, len, 0);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
