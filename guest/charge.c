// SPDX-License-Identifier: GPL-2.0
/*
 * Allocate virtualizable compound pages through /dev/test_vcompound until that
 * fails, for a memory cgroup to limit.
 *
 *	charge PAGES
 *
 * Prints how many pages it got, in vcompounds of PAGES pages each, waits for the
 * end of its standard input, frees them, and exits with 0. Exits with 1, and says
 * why, if anything but the limit stopped it.
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

	/* Whatever this task itself needs is to be there before the limit is. */
	if (argc != 2 || mlockall(MCL_CURRENT | MCL_FUTURE)) {
		perror("charge");
		return 1;
	}
	memset(line, ' ', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	pwrite(STDOUT_FILENO, line, sizeof(line), 0);
	pages = strtoul(argv[1], NULL, 0);
	for (nr = 0; nr < MAX_FILES; nr++) {
		fds[nr] = open("/dev/test_vcompound", O_RDWR);
		if (fds[nr] < 0) {
			perror("charge: /dev/test_vcompound");
			return 1;
		}
	}

	for (nr = 0; nr < MAX_FILES; nr++) {
		if (!ioctl(fds[nr], ALLOC, pages * sysconf(_SC_PAGESIZE)))
			continue;
		if (errno == ENOMEM)
			break;
		perror("charge: ioctl");
		return 1;
	}
	len = snprintf(line, sizeof(line), "%lu\n", nr * pages);
	pwrite(STDOUT_FILENO, line, len, 0);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
