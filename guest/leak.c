// SPDX-License-Identifier: GPL-2.0
/*
 * Hold virtualizable compound pages through /dev/test_vcompound while others look
 * at them, then leak one.
 *
 *	leak PAGES
 *
 * Each line of standard input is a step, after which its name is printed:
 * "held": one is held by its page, two by nothing but their address; "leaked": the
 * address of one of these is forgotten; "freed": the others are freed. Exits with 0,
 * or with 1 if a request failed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)
#define KEEP	_IO('v', 3)
#define LEAK	_IO('v', 4)

static int request(unsigned long cmd, size_t size)
{
	int fd = open("/dev/test_vcompound", O_RDWR);

	if (fd < 0 || ioctl(fd, cmd, size)) {
		perror("leak");
		exit(1);
	}
	return fd;
}

static void step(const char *name)
{
	int c;

	printf("%s\n", name);
	fflush(stdout);
	while ((c = getchar()) != '\n' && c != EOF)
		;
}

int main(int argc, char **argv)
{
	int by_page, kept, leaked;
	size_t size;

	if (argc != 2)
		return 1;
	size = strtoul(argv[1], NULL, 0) * sysconf(_SC_PAGESIZE);
	by_page = request(ALLOC, size);
	kept = request(KEEP, size);
	leaked = request(KEEP, size);
	step("held");

	if (ioctl(leaked, LEAK))
		return 1;
	step("leaked");

	close(by_page);
	close(kept);
	close(leaked);
	step("freed");
	return 0;
}
