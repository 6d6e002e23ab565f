// SPDX-License-Identifier: GPL-2.0
/*
 * Hold a vcompound while somebody else tries to get at its pages.
 *
 *	hold-vcompound PAGES FORM COMMAND
 *
 * Allocates a vcompound, which must have FORM (contiguous or virtualized), and fills it.
 * Then runs COMMAND with the page frame numbers of its pages as arguments. Fails if COMMAND
 * fails, or if the contents are not the same afterwards.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)
#define FORM	_IO('v', 2)
#define PFN	_IO('v', 6)

static int fail(const char *what)
{
	fprintf(stderr, "hold-vcompound: %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	long page_size = sysconf(_SC_PAGESIZE), pages, i;
	unsigned char *before, *after;
	char *command;
	size_t size, len, room;
	int fd;

	if (argc != 4)
		return fail("PAGES FORM COMMAND");
	pages = atol(argv[1]);
	size = pages * page_size;
	before = malloc(size);
	after = malloc(size);
	room = strlen(argv[3]) + 12 * pages + 1;
	command = malloc(room);
	fd = open("/dev/test_vcompound", O_RDWR);
	if (!before || !after || !command || fd < 0 || ioctl(fd, ALLOC, size))
		return fail("no vcompound");
	if (ioctl(fd, FORM, 0) != !strcmp(argv[2], "virtualized"))
		return fail("it has the other form");
	for (i = 0; i < (long)size; i++)
		before[i] = i * 7 + (i >> 9);
	if (pwrite(fd, before, size, 0) != (ssize_t)size)
		return fail("write");

	len = sprintf(command, "%s", argv[3]);
	for (i = 0; i < pages; i++)
		len += snprintf(command + len, room - len, " %d",
				ioctl(fd, PFN, i));
	if (system(command))
		return fail(command);

	if (pread(fd, after, size, 0) != (ssize_t)size)
		return fail("read");
	return memcmp(before, after, size) ? fail("the contents have changed") : 0;
}
