// SPDX-License-Identifier: GPL-2.0
/*
 * Work on many files, to measure what metadata costs.
 *
 *	many-files attributes create|read|remove N DIR	N files, each with an attribute
 *							of 64 KiB
 *	many-files names create|read|remove N DIR	N names in one directory
 *
 * What was written is on the disk when it ends. Exits with 0, or with 2 if it failed or read
 * something else than it wrote.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static char value[65536], got[sizeof(value)];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void fill_value(long i)
{
	for (size_t at = 0; at < sizeof(value); at += 64)
		snprintf(value + at, 64, "%ld at %zu", i, at);
}

static const char *name_of(long i)
{
	static char name[64];

	snprintf(name, sizeof(name), "a name that is as long as names are %ld", i);
	return name;
}

static void create(long i, int attributes)
{
	int fd = open(name_of(i), O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd < 0)
		die(name_of(i));
	fill_value(i);
	if (attributes && fsetxattr(fd, "user.value", value, sizeof(value), 0))
		die("fsetxattr");
	close(fd);
}

static void read_attribute(long i)
{
	fill_value(i);
	if (getxattr(name_of(i), "user.value", got, sizeof(got)) != sizeof(got))
		die("getxattr");
	if (memcmp(value, got, sizeof(got))) {
		fprintf(stderr, "%s: another value\n", name_of(i));
		exit(2);
	}
}

static long count_names(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	long n = 0;

	if (!dir)
		die("opendir");
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int attributes = argc == 5 && !strcmp(argv[1], "attributes");
	long n = argc == 5 ? atol(argv[3]) : 0;
	int here;

	if (n <= 0) {
		fprintf(stderr, "usage: many-files attributes|names create|read|remove N DIR\n");
		return 2;
	}
	mkdir(argv[4], 0700);
	if (chdir(argv[4]))
		die(argv[4]);
	if (!strcmp(argv[2], "create")) {
		for (long i = 0; i < n; i++)
			create(i, attributes);
	} else if (!strcmp(argv[2], "read")) {
		for (long i = 0; attributes && i < n; i++)
			read_attribute(i);
		if (count_names() != n) {
			fprintf(stderr, "not %ld names\n", n);
			return 2;
		}
	} else {
		for (long i = 0; i < n; i++)
			if (unlink(name_of(i)))
				die(name_of(i));
	}
	here = open(".", O_RDONLY);
	if (here < 0 || syncfs(here))
		die("syncfs");
	return 0;
}
