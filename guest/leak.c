// SPDX-License-Identifier: GPL-2.0
/*
 * Hold virtualizable compound pages through /dev/test_vcompound while others look
 * at them, then leak one.
 *
 *	leak PAGES
 *
 * Each line of standard input is a step, after which its name is printed: "ready":
 * there are some that have nothing to do with it; "held": one is held by its page,
 * nine by nothing but their address; "leaked": the addresses of eight of these are
 * forgotten, and those of the first step are freed; "freed": so are the others. Exits
 * with 0, or with 1 if a request failed.
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

/* Of an address, or one near it, there may be a copy: one would be too few. */
#define LEAKS	8
/*
 * The slab allocator does not forget the address of a vm_struct that it has given
 * away until another has been freed to the same place, and to kmemleak that is as
 * good as the address of the memory.
 */
#define FILLERS	1500

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
