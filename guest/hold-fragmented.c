// SPDX-License-Identifier: GPL-2.0
/*
 * Fragment memory: every second page of what is free becomes a page of a pipe, which cannot
 * be moved. Print a line, then hold the pages until killed.
 *
 *	hold-fragmented
 *
 * Runs on an unpatched kernel, too. Needs root.
 */
#define _GNU_SOURCE
#include "memory.h"

int main(void)
{
	long pages, blocks;
	int pairs = fill_memory(24 << 10);

	free_every_second(pairs);
	drain();
	read_free(&pages, &blocks);
	printf("fragmented: %ld free pages, %ld in blocks of order 2 or more\n", pages, blocks);
	fflush(stdout);
	pause();
	return 1;
}
