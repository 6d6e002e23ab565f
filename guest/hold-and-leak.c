// SPDX-License-Identifier: GPL-2.0
/*
 * Hold and leak vcompounds through /dev/test_vcompound, for kmemleak and the like.
 *
 *	hold-and-leak PAGES
 *
 * Prints the name of each step when it is done, and waits for a line of standard input:
 *	ready	fillers of two pages are allocated
 *	held	one vcompound of PAGES is held by its page, nine only by their address
 *	leaked	the addresses of eight are forgotten, and the fillers freed
 *	freed	the other two are freed
 * Exits with 0, or with 1 if a request failed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)
#define KEEP	_IO('v', 3)
#define LEAK	_IO('v', 4)

/* Several, because a copy of an address, or of one near it, hides a leak. */
#define LEAKS	8
/*
 * A slab keeps the address of an allocated vm_struct until another one is freed to the
 * same slab. To kmemleak this is a reference to the memory.
 */
#define FILLERS	1500

static int request(unsigned long cmd, size_t size)
{
	int fd = open("/dev/test_vcompound", O_RDWR);

	if (fd < 0 || ioctl(fd, cmd, size)) {
		perror("hold-and-leak");
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
	int by_page, kept, leaked[LEAKS], fillers[FILLERS], i;
	struct rlimit files = { 2 * FILLERS, 2 * FILLERS };
	size_t size;

	if (argc != 2 || setrlimit(RLIMIT_NOFILE, &files))
		return 1;
	size = strtoul(argv[1], NULL, 0) * sysconf(_SC_PAGESIZE);
	for (i = 0; i < FILLERS; i++)
		fillers[i] = request(ALLOC, 2 * sysconf(_SC_PAGESIZE));
	step("ready");

	by_page = request(ALLOC, size);
	kept = request(KEEP, size);
	for (i = 0; i < LEAKS; i++)
		leaked[i] = request(KEEP, size);
	step("held");

	for (i = 0; i < LEAKS; i++)
		if (ioctl(leaked[i], LEAK))
			return 1;
	for (i = 0; i < FILLERS; i++)
		close(fillers[i]);
	step("leaked");

	close(by_page);
	close(kept);
	for (i = 0; i < LEAKS; i++)
		close(leaked[i]);
	step("freed");
	return 0;
}
