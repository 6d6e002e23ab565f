// SPDX-License-Identifier: GPL-2.0
/*
 * Plugs a block of memory in when it is loaded, and out when it is unloaded. Nobody
 * touches the memory, which need not be there: it stays offline, and only its memmap is
 * made.
 */
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/module.h>

/* Above what a guest has. */
#define START	(64ULL << 30)

static int __init memmap_init(void)
{
	return add_memory(0, START, memory_block_size_bytes(), MHP_NONE);
}

static void __exit memmap_exit(void)
{
	if (remove_memory(START, memory_block_size_bytes()))
		pr_warn("memmap: the memory cannot be removed\n");
}

module_init(memmap_init);
module_exit(memmap_exit);
MODULE_DESCRIPTION("Plug memory in and out");
MODULE_LICENSE("GPL");
