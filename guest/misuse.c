// SPDX-License-Identifier: GPL-2.0
/*
 * Make a mistake with a vcompound that a debugging kernel must report.
 *
 *	misuse sleep ORDER	allocate with GFP_KERNEL under a spinlock
 *	misuse past-end PAGES	copy one page more than a vcompound of PAGES to user space
 *
 * Needs /dev/test_vcompound. Prints what it did, and fails if it could not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ALLOC		_IO('v', 0)
#define FORM		_IO('v', 2)
#define SLEEP		_IO('v', 7)
#define PAST_END	_IO('v', 8)

int main(int argc, char **argv)
{
	long page_size = sysconf(_SC_PAGESIZE);
	int fd = open("/dev/test_vcompound", O_RDWR);
	long n, ret;
	char *buf;

	if (argc != 3 || fd < 0) {
		perror("misuse");
		return 1;
	}
	n = atol(argv[2]);
	if (!strcmp(argv[1], "sleep")) {
		printf("order %ld under a spinlock\n", n);
		fflush(stdout);
		return ioctl(fd, SLEEP, n) < 0;
	}
	buf = malloc((n + 1) * page_size);
	if (!buf || ioctl(fd, ALLOC, n * page_size)) {
		perror("misuse");
		return 1;
	}
	printf("%ld pages %s, past the end\n", n,
	       ioctl(fd, FORM, 0) ? "virtualized" : "contiguous");
	fflush(stdout);
	memset(buf, 0, (n + 1) * page_size);
	ret = ioctl(fd, PAST_END, buf);
	printf("not refused: %ld bytes left\n", ret);
	return 1;
}
