// SPDX-License-Identifier: GPL-2.0
/*
 * Stands for QEMU and the guest: plugin/tlb.c linked with this has the chases of
 * plugin/tlb-module/, without a kernel.
 *
 *   guest [--untold|--no-greeting] ARGUMENT-OF-THE-PLUGIN...
 *
 * Prints the guest's lines and the plugin's. --untold does not tell of pages of 2 MiB, and
 * --no-greeting not where the channel is.
 * Interval 0 is what tells LRU from FIFO: with 4 entries, A B C D A E A misses five times.
 * 99 is about CR3: a page of the kernel, one of a user, CR3, and both again. 98 is random.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlb-module/tell.h"

enum { STORE = 8, LONG = 3 };

typedef void access_cb(unsigned int cpu, uint32_t info, uint64_t addr, void *data);
static access_cb *on_access;
static void (*on_translation)(uint64_t id, void *tb);

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t id, void *tb))
{
	on_translation = cb;
}

size_t qemu_plugin_tb_n_insns(const void *tb)
{
	return 1;
}

void *qemu_plugin_tb_get_insn(const void *tb, size_t i)
{
	return NULL;
}

void qemu_plugin_register_vcpu_mem_cb(void *insn, access_cb *cb, int flags, int rw, void *data)
{
	on_access = cb;
}

static void (*on_cr3)(unsigned int cpu, void *data);

/* The only instruction that there is: mov %rax,%cr3 */
const void *qemu_plugin_insn_data(const void *insn)
{
	return "\x0f\x22\xd8";
}

size_t qemu_plugin_insn_size(const void *insn)
{
	return 3;
}

void qemu_plugin_register_vcpu_insn_exec_cb(void *insn, void (*cb)(unsigned int cpu, void *data),
					    int flags, void *data)
{
	on_cr3 = cb;
}

unsigned int qemu_plugin_mem_size_shift(uint32_t info)
{
	return info & 7;
}

bool qemu_plugin_mem_is_store(uint32_t info)
{
	return info & STORE;
}

void qemu_plugin_outs(const char *string)
{
	fputs(string, stdout);
}

static const uint64_t channel = 0xffffffff81000000;

static void send(uint64_t message)
{
	int shift;

	for (shift = 60; shift >= 0; shift -= 4)
		on_access(0, STORE, channel + (message >> shift & 15), NULL);
}

static void tell(unsigned int what, uint64_t addr)
{
	send(addr | what);
}

/* Stores, loads and wide stores before, some of which begin like the greeting. */
static void greet(void)
{
	uint64_t i;

	for (i = 0; i < 64; i++)
		on_access(0, STORE, channel + i, NULL);
	on_access(0, STORE, channel + 32 + 1, NULL);
	on_access(0, STORE, channel + 32 + 15, NULL);
	on_access(0, STORE, channel + 1, NULL);
	on_access(0, LONG, channel + 15, NULL);
	on_access(0, STORE | LONG, channel + 15, NULL);
	send(TELL_GREETING);
}

static void begin(uint64_t from, uint64_t to, unsigned int number)
{
	tell(TELL_FROM, from);
	tell(TELL_TO, to);
	tell(TELL_FLUSH, 0);
	tell(TELL_BEGIN, (uint64_t)number << 12);
}

static void chase(uint64_t buf, unsigned int shift, unsigned long pages)
{
	static unsigned int number;
	unsigned long i;

	begin(buf, buf + (pages << shift), ++number);
	for (i = 0; i < 4 * pages; i++)
		on_access(0, LONG, buf + (i * 5 % pages << shift), NULL);
	/* Elsewhere: not counted as the buffer's. */
	on_access(0, LONG, 0xffffffff82000000, NULL);
	tell(TELL_END, (uint64_t)number << 12);
	printf("tlb=access %u buffer mapped %lu chase %lu %lu %lu 0\n", number, pages << shift,
	       4 * pages, shift == 12 ? pages : 0, shift == 21 ? pages : 0);
}

/* As in the kernel, but of one size; the first time round only fills the TLB. */
static void at_random(uint64_t buf, unsigned long pages, unsigned int number)
{
	const unsigned long n = 1 << 18;
	unsigned long i, pass;
	uint64_t x;

	begin(buf, buf + (pages << 12), number);
	for (pass = 0; pass < 2; pass++) {
		tell(TELL_BEGIN, (uint64_t)number << 12);
		for (i = 0, x = 0; i < n; i++, x = x * 6364136223846793005 + 1442695040888963407)
			on_access(0, LONG, buf + (x >> 32 & (pages - 1) << 12), NULL);
	}
	tell(TELL_END, (uint64_t)number << 12);
	printf("tlb=access %u buffer mapped %lu random %lu %lu 0 0\n", number, pages << 12, n,
	       pages);
}

int main(int argc, char **argv)
{
	const uint64_t small = 0xffffc90000003000, large = 0xffff888000200000;
	bool untold = argc > 1 && !strcmp(argv[1], "--untold");
	bool no_greeting = argc > 1 && !strcmp(argv[1], "--no-greeting");
	int options = untold || no_greeting;
	unsigned long pages;
	const char *p;

	if (qemu_plugin_install(0, NULL, argc - 1 - options, argv + 1 + options))
		return 1;
	on_translation(0, NULL);

	if (!no_greeting)
		greet();
	tell(TELL_FORGET, 0);
	for (pages = 0; pages < 256 && !untold; pages++)
		tell(TELL_2M, large + (pages << 21));
	begin(small, small + (16 << 12), 0);
	for (p = "ABCDAEA"; *p; p++)
		on_access(0, LONG, small + ((uint64_t)(*p - 'A') << 12), NULL);
	tell(TELL_END, 0);
	printf("tlb=access 0 buffer mapped %u lru 7 16 0 0\n", 16 << 12);
	begin(0, 1 << 20, 99);
	on_access(0, LONG, small, NULL);
	on_access(0, LONG, 0x1000, NULL);
	on_cr3(0, NULL);
	on_access(0, LONG, small, NULL);
	on_access(0, LONG, 0x1000, NULL);
	tell(TELL_END, 99 << 12);
	printf("tlb=access 99 buffer mapped %u cr3 2 1 0 0\n", 1 << 20);
	for (pages = 8; pages <= 4096; pages *= 2) {
		chase(small, 12, pages);
		if (pages <= 256)
			chase(large, 21, pages);
	}
	at_random(small, 1024, 98);
	return 0;
}
