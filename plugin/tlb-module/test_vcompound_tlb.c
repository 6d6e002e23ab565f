// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of plugin/tlb.c, a model of the TLB: an out-of-tree module for a kernel
 * with or without virtualizable compound pages. scripts/tlb builds and loads it.
 *
 * With access=1, buffers of several allocators are read when it is loaded. With watch=1, all
 * accesses of the kernel are counted until watch=0.
 */
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "tell.h"

static bool access;
module_param(access, bool, 0444);
MODULE_PARM_DESC(access, "Read buffers for a model of the TLB when it is loaded");

/* The plugin sees at which address an access is, and nothing else. */
static u8 vcompound_tlb_channel[16] __aligned(16);

/* Not a function that is called: that would access the stack, inside an interval. */
static __always_inline void send(u64 message)
{
	int shift;

	for (shift = 60; shift >= 0; shift -= 4)
		WRITE_ONCE(vcompound_tlb_channel[message >> shift & 15], 0);
}

static __always_inline void tell(enum tell what, unsigned long addr)
{
	send((addr & PAGE_MASK) | what);
}

/*
 * Tell with what page size each 2 MiB between two addresses are mapped, as the page
 * tables have it, and add to @pages how many of each size there are. Interrupts are off.
 */
static void tell_pages(unsigned long addr, unsigned long last, unsigned long *pages)
{
	while (true) {
		unsigned int level;
		pte_t *pte = lookup_address(addr, &level);
		unsigned long next = (addr & page_level_mask(level)) +
				     page_level_size(level);

		if (pte && (pte_flags(*pte) & _PAGE_PRESENT)) {
			unsigned int size = level - PG_LEVEL_4K;
			unsigned long at = addr & PMD_MASK;

			do {
				tell(TELL_4K + size, at);
				at += PMD_SIZE;
			} while (at < next && at < last);
			pages[size]++;
		}
		if (next - 1 >= last)
			break;
		addr = next;
	}
}

/* Tell of all that the kernel has mapped by now. */
static void tell_kernel(void)
{
	unsigned long pages[3] = {};
	unsigned long flags;

	local_irq_save(flags);
	send(TELL_GREETING);
	tell(TELL_FORGET, 0);
	tell_pages(-1UL << __VIRTUAL_MASK_SHIFT, -1UL, pages);
	local_irq_restore(flags);
	pr_info("vcompound_tlb: pages kernel %lu %lu %lu\n", pages[0], pages[1], pages[2]);
}

/*
 * Count what all that runs accesses in the kernel's half of the address space, from when
 * the parameter is set to 1 until it is set to 0.
 */
static int set_watch(const char *val, const struct kernel_param *kp)
{
	bool old = *(bool *)kp->arg;
	unsigned long flags;
	int ret = param_set_bool(val, kp);

	if (ret || *(bool *)kp->arg == old)
		return ret;
	if (!old)
		tell_kernel();
	local_irq_save(flags);
	if (old) {
		tell(TELL_END, 0);
	} else {
		tell(TELL_FROM, -1UL << __VIRTUAL_MASK_SHIFT);
		tell(TELL_TO, -1UL);
		tell(TELL_FLUSH, 0);
		tell(TELL_BEGIN, 0);
	}
	local_irq_restore(flags);
	return 0;
}

static bool watch;
static const struct kernel_param_ops watch_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = set_watch,
	.get = param_get_bool,
};
module_param_cb(watch, &watch_ops, &watch, 0644);
MODULE_PARM_DESC(watch, "Have the model count what the kernel accesses");

/*
 * Access n of a pattern is to x(n) >> shift modulo the size of the buffer, x(n + 1) being
 * x(n) * mul + add: the same sequence whoever allocated the buffer. Sequential is what a
 * ring does, a word in each cache line. Chases are to one word in each page, in an order
 * that is not that of the addresses, and again: how often that misses is known exactly.
 */
struct pattern {
	const char *name;
	unsigned long mul, add;
	unsigned int shift;
};

static const struct pattern sequential = { "sequential", 1, 64, 0 };
static const struct pattern scattered = {
	"random", 6364136223846793005UL, 1442695040888963407UL, 32
};

static const struct pattern chase_4k = { "chase", 1, 5 * PAGE_SIZE, 0 };
static const struct pattern chase_2m = { "chase", 1, 5 * PMD_SIZE, 0 };

static void access_passes(const struct pattern *pattern, const void *buf, unsigned long size,
			  unsigned long n, unsigned int passes, unsigned long number)
{
	unsigned long mul = pattern->mul, add = pattern->add, mask = (size - 1) & ~7UL;
	unsigned int shift = pattern->shift;
	unsigned long i, x, flags;

	local_irq_save(flags);
	do {
		/* Counts from nothing again: the passes before have filled the TLB. */
		tell(TELL_BEGIN, number << PAGE_SHIFT);
		for (i = 0, x = 0; i < n; i++, x = x * mul + add)
			READ_ONCE(*(unsigned long *)(buf + ((x >> shift) & mask)));
	} while (--passes);
	tell(TELL_END, number << PAGE_SHIFT);
	local_irq_restore(flags);
}

/*
 * Prints "vcompound_tlb: access INTERVAL ALLOCATOR FORM BYTES PATTERN ACCESSES" and how
 * many pages of 4 KiB, 2 MiB and 1 GiB there are, wholly or in part, in the buffer.
 */
static void access_one(const char *name, const char *form, const struct pattern *pattern,
		       const void *buf, unsigned long size, unsigned long n,
		       unsigned int passes)
{
	static unsigned long number;
	unsigned long pages[3] = {};
	unsigned long flags;

	number++;
	local_irq_save(flags);
	tell_pages((unsigned long)buf, (unsigned long)buf + size - 1, pages);
	tell(TELL_FROM, (unsigned long)buf);
	tell(TELL_TO, (unsigned long)buf + size);
	tell(TELL_FLUSH, 0);
	local_irq_restore(flags);
	access_passes(pattern, buf, size, n, passes, number);
	pr_info("vcompound_tlb: access %lu %s %s %lu %s %lu %lu %lu %lu\n", number, name,
		form, size, pattern->name, n, pages[0], pages[1], pages[2]);
	cond_resched();
}

static void *get_vmalloc(size_t size)
{
	return vmalloc(size);
}

static void *get_kvmalloc(size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

#ifdef __alloc_vcompound
static void *get_vcompound(size_t size)
{
	return __alloc_vcompound(GFP_KERNEL, get_order(size));
}
#endif

static const struct accessed {
	const char *name, *mapped;
	void *(*get)(size_t size);
	void (*put)(const void *addr);
} accessed[] = {
	{ "vmalloc", "mapped", get_vmalloc, vfree },
	{ "kvmalloc", "mapped", get_kvmalloc, kvfree },
#ifdef __alloc_vcompound
	{ "vcompound", "virtualized", get_vcompound, __free_vcompound },
#endif
};

static int access_buffers(unsigned long size, unsigned long n)
{
	const struct accessed *a;

	for (a = accessed; a < accessed + ARRAY_SIZE(accessed); a++) {
		void *buf = a->get(size);
		const char *form = is_vmalloc_addr(buf) ? a->mapped : "contiguous";

		if (!buf)
			return -ENOMEM;
		access_one(a->name, form, &sequential, buf, size, n, 2);
		access_one(a->name, form, &scattered, buf, size, n, 2);
		a->put(buf);
	}
	return 0;
}

/*
 * From an empty TLB, four times through pages next to each other: of vmalloc(), and of
 * the direct map, whose memory may be anybody's as it is only read.
 */
static int access_chase(unsigned long nr_pages)
{
	unsigned long addr, size = nr_pages * PAGE_SIZE;
	void *buf = vmalloc(size);

	if (!buf)
		return -ENOMEM;
	access_one("vmalloc", "mapped", &chase_4k, buf, size, 4 * nr_pages, 1);
	vfree(buf);

	size = nr_pages * PMD_SIZE;
	for (addr = PAGE_OFFSET; addr + size <= (unsigned long)high_memory; addr += PMD_SIZE) {
		unsigned long at = addr;
		unsigned int level;

		while (at < addr + size && lookup_address(at, &level) && level == PG_LEVEL_2M)
			at += PMD_SIZE;
		if (at < addr + size)
			continue;
		access_one("direct_map", "contiguous", &chase_2m, (void *)addr, size,
			   4 * nr_pages, 1);
		break;
	}
	return 0;
}

static int access_all(void)
{
	unsigned long n;
	int ret = 0;

	tell_kernel();
	for (n = 8; n <= 4096 && !ret; n *= 2)
		ret = access_chase(n);
	for (n = SZ_16K; n <= SZ_64M && !ret; n *= 4)
		ret = access_buffers(n, 1 << 20);
	return ret;
}

static LIST_HEAD(held);

static void release(struct page *page)
{
	list_del(&page->lru);
	__free_pages(page, page_private(page));
}

static void release_held(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &held, lru)
		release(page);
}

/*
 * Loading a module splits pages of 2 MiB of the direct map: its text and constants become
 * read-only there, too. Hold the free memory that is mapped by pages of 4 KiB, so that
 * later allocations are mapped as without the module. Takes all free memory for that, with
 * the reserves, because the per-CPU lists are not used below the watermarks, and gives back
 * the rest before another task runs. The per-CPU lists have blocks up to order 3.
 */
static void hold_split(void)
{
	struct page *page, *next;
	unsigned long nr = 0;
	unsigned int level;
	int order;

	preempt_disable();
	for (order = 3; order >= 0; order--) {
		while ((page = alloc_pages(__GFP_MEMALLOC | __GFP_NOWARN, order))) {
			set_page_private(page, order);
			list_add(&page->lru, &held);
		}
	}
	list_for_each_entry_safe(page, next, &held, lru) {
		if (lookup_address((unsigned long)page_address(page), &level) &&
		    level == PG_LEVEL_4K)
			nr += 1 << page_private(page);
		else
			release(page);
	}
	preempt_enable();
	pr_info("vcompound_tlb: held %lu pages\n", nr);
}

static int __init tlb_init(void)
{
	int ret;

	hold_split();
	if (!access)
		return 0;
	ret = access_all();
	if (ret) {
		pr_err("vcompound_tlb: access failed\n");
		release_held();
	} else {
		pr_info("vcompound_tlb: accessed\n");
	}
	return ret;
}

static void __exit tlb_exit(void)
{
	release_held();
}

module_init(tlb_init);
module_exit(tlb_exit);

MODULE_DESCRIPTION("Accesses for a model of the TLB");
MODULE_LICENSE("GPL");
