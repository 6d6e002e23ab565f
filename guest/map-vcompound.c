// SPDX-License-Identifier: GPL-2.0
/*
 * Map a vcompound through /dev/test_vcompound and write, read, fork, unmap a part, and
 * keep it after the kernel has dropped its own reference.
 *
 *	map-vcompound PAGES FORM
 *
 * The vcompound must have FORM: contiguous or virtualized. Prints nothing and exits with
 * 0, or prints the check that failed and exits with 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALLOC	_IO('v', 0)
#define FREE	_IO('v', 1)
#define FORM	_IO('v', 2)

#define check(ok)							\
do {									\
	if (!(ok)) {							\
		fprintf(stderr, "map-vcompound: line %d: %s (%s)\n",	\
			__LINE__, #ok, strerror(errno));		\
		exit(1);						\
	}								\
} while (0)

static size_t page_size, size;

/* Returns a value that is different for each word of the vcompound. */
static unsigned int word(size_t i, unsigned int salt)
{
	return i * 2654435761u + salt;
}

static void fill(unsigned int *mem, unsigned int salt)
{
	size_t i;

	for (i = 0; i < size / sizeof(*mem); i++)
		mem[i] = word(i, salt);
}

static int same(const unsigned int *mem, size_t from, size_t to,
		unsigned int salt)
{
	size_t i;

	for (i = from / sizeof(*mem); i < to / sizeof(*mem); i++)
		if (mem[i] != word(i, salt))
			return 0;
	return 1;
}

static void *map(int fd, size_t length, int prot, int flags, off_t offset)
{
	return mmap(NULL, length, prot, flags, fd, offset);
}

int main(int argc, char **argv)
{
	unsigned int *mem, *again, *tail, *buf, byte = 0;
	int fd, status;
	pid_t child;
	size_t i;

	check(argc == 3);
	page_size = sysconf(_SC_PAGESIZE);
	size = strtoul(argv[1], NULL, 0) * page_size;
	buf = malloc(size);
	check(buf);

	fd = open("/dev/test_vcompound", O_RDWR);
	check(fd >= 0);
	check(map(fd, size, PROT_READ, MAP_SHARED, 0) == MAP_FAILED);
	check(!ioctl(fd, ALLOC, size));
	check(ioctl(fd, FORM) == !strcmp(argv[2], "virtualized"));

	/* No mapping beyond the end, and no private mapping. */
	check(map(fd, size + page_size, PROT_READ, MAP_SHARED, 0) == MAP_FAILED);
	check(map(fd, page_size, PROT_READ, MAP_SHARED, size) == MAP_FAILED);
	check(map(fd, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0) == MAP_FAILED);

	/* Zeroed. The kernel and both mappings share the memory. */
	mem = map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	check(mem != MAP_FAILED);
	for (i = 0; i < size / sizeof(*mem); i++)
		byte |= mem[i];
	check(!byte);
	fill(mem, 1);
	check(pread(fd, buf, size, 0) == (ssize_t)size);
	check(same(buf, 0, size, 1));
	fill(buf, 2);
	check(pwrite(fd, buf, size, 0) == (ssize_t)size);
	check(same(mem, 0, size, 2));
	again = map(fd, size, PROT_READ, MAP_SHARED, 0);
	check(again != MAP_FAILED && same(again, 0, size, 2));
	tail = map(fd, page_size, PROT_READ, MAP_SHARED, size - page_size);
	check(tail != MAP_FAILED);
	check(!memcmp(tail, (char *)mem + size - page_size, page_size));
	check(!munmap(tail, page_size));

	/* A child shares it, and the child's exit keeps it. */
	child = fork();
	check(child >= 0);
	if (!child) {
		fill(mem, 3);
		_exit(!same(again, 0, size, 3));
	}
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && !WEXITSTATUS(status));
	check(same(mem, 0, size, 3));

	/* The mappings keep the memory after the kernel drops its reference. */
	check(!ioctl(fd, FREE));
	check(ioctl(fd, FORM) == -1 && errno == ENODATA);
	check(same(mem, 0, size, 3));
	fill(mem, 4);
	check(same(again, 0, size, 4));

	/* A child keeps it when its parent unmaps. */
	child = fork();
	check(child >= 0);
	if (!child) {
		usleep(100000);
		_exit(!same(mem, 0, size, 4));
	}
	/* A hole splits one mapping into two. Each keeps the memory. */
	check(!munmap((char *)mem + page_size, page_size));
	check(same(mem, 0, page_size, 4));
	check(same(mem, 2 * page_size, size, 4));
	check(!munmap(mem, size));
	check(same(again, 0, size, 4));
	check(!munmap(again, size));
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && !WEXITSTATUS(status));

	/* A new vcompound is zeroed, too. */
	check(!ioctl(fd, ALLOC, size));
	check(pread(fd, buf, size, 0) == (ssize_t)size);
	for (byte = 0, i = 0; i < size / sizeof(*buf); i++)
		byte |= buf[i];
	check(!byte);
	check(!close(fd));
	return 0;
}
