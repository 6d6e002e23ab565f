// SPDX-License-Identifier: GPL-2.0
/*
 * Allocate and free vcompounds through /dev/test_vcompound while fault injection fails
 * some of this task's allocations. guest/jobs/random-failures sets it up.
 *
 *	alloc-under-faults PAGES ROUNDS
 *
 * Prints "SUCCEEDED FAILED", the numbers of requests, and exits with 0. Prints the reason
 * and exits with 1 if a request fails with another error than ENOMEM, or if its memory is
 * not zeroed or not complete.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)
#define FREE	_IO('v', 1)

static int inject_fd;

static void inject(const char *on)
{
	if (pwrite(inject_fd, on, 1, 0) != 1) {
		perror("alloc-under-faults: make-it-fail");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	unsigned long pages, rounds, i, failed = 0;
	int fd = open("/dev/test_vcompound", O_RDWR);
	long page_size = sysconf(_SC_PAGESIZE);

	inject_fd = open("/proc/self/make-it-fail", O_WRONLY);
	if (argc != 3 || fd < 0 || inject_fd < 0) {
		perror("alloc-under-faults");
		return 1;
	}
	pages = strtoul(argv[1], NULL, 0);
	rounds = strtoul(argv[2], NULL, 0);
	for (i = 0; i < rounds; i++) {
		char last[1] = "x";
		int ret;

		inject("1");
		ret = ioctl(fd, ALLOC, pages * page_size);
		inject("0");
		if (ret && errno == ENOMEM) {
			failed++;
			continue;
		}
		if (ret || pread(fd, last, 1, pages * page_size - 1) != 1 ||
		    last[0] || pread(fd, last, 1, pages * page_size) != 0) {
			fprintf(stderr, "alloc-under-faults: round %lu of %lu pages: %s\n",
				i, pages, ret ? strerror(errno) : "bad memory");
			return 1;
		}
		ioctl(fd, FREE);
	}
	printf("%lu %lu\n", rounds - failed, failed);
	return 0;
}
