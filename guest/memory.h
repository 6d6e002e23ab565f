/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free memory of the guest, for programs that fragment it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void write_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(path);
	close(fd);
}

/*
 * Drains the per-CPU lists: sets their limit to the minimum. Each stat_refresh trims them
 * by a part.
 */
static void drain(void)
{
	int i;

	write_sysctl("/proc/sys/vm/percpu_pagelist_high_fraction", "1000000");
	for (i = 0; i < 50; i++)
		write_sysctl("/proc/sys/vm/stat_refresh", "1");
}

/* Sums up free pages, and free pages in blocks of order 2 or more. */
static void read_free(long *pages, long *blocks)
{
	char line[512], *next, *end;
	FILE *f = fopen("/proc/buddyinfo", "r");
	int order;
	long n;

	if (!f)
		die("/proc/buddyinfo");
	*pages = 0;
	*blocks = 0;
	while (fgets(line, sizeof(line), f)) {
		next = strstr(line, "zone");
		if (!next)
			continue;
		/* Skip the name of the zone. */
		next += strcspn(next, " ");
		next += strspn(next, " ");
		next += strcspn(next, " ");
		for (order = 0; order < 16; order++, next = end) {
			n = strtol(next, &end, 10);
			if (end == next)
				break;
			*pages += n << order;
			if (order >= 2)
				*blocks += n << order;
		}
	}
	fclose(f);
}

/* Sums up the numbers behind words that begin with NAME in a file of /proc. */
static long sum_of(const char *path, const char *name)
{
	char line[512], *start;
	FILE *f = fopen(path, "r");
	long n, sum = 0;

	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		start = line + strspn(line, " ");
		if (!strncmp(start, name, strlen(name)) && sscanf(start, "%*s %ld", &n) == 1)
			sum += n;
	}
	fclose(f);
	return sum;
}
