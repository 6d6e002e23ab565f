// SPDX-License-Identifier: GPL-2.0
/*
 * The costs of several gates in page_address() and virt_to_head_page() for pages that are
 * not virtualized. A gate is the check that guards the path for virtualized vcompounds. The
 * kernel has the gates "type" and "compare".
 *
 * Loading the module prints "gates: FUNCTION GATE NANOSECONDS" for each gate, for 512 calls
 * on the pages of a block. With scripts/boot --count a nanosecond is an instruction.
 */
#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define CALLS	512
#define ROUNDS	4096

/* Stand for "a vcompound was ever virtualized". Never set. */
static bool flag;
static DEFINE_STATIC_KEY_FALSE(key);

static struct page *block;
static unsigned long sink;

static __always_inline void *vcompound_address(const struct page *page)
{
	return (void *)~page_vcdesc(page)->inverted_addr;
}

static __always_inline void *address_none(const struct page *page)
{
	return page_direct_address(page);
}

static __always_inline void *address_type(const struct page *page)
{
	return page_address(page);
}

static __always_inline void *address_flag(const struct page *page)
{
	if (unlikely(READ_ONCE(flag)) && PageVcompound(page))
		return vcompound_address(page);
	return page_direct_address(page);
}

static __always_inline void *address_key(const struct page *page)
{
	if (static_branch_unlikely(&key) && PageVcompound(page))
		return vcompound_address(page);
	return page_direct_address(page);
}

static __always_inline struct page *head_none(const void *addr)
{
	return compound_head(virt_to_page(addr));
}

static __always_inline struct page *head_compare(const void *addr)
{
	return virt_to_head_page(addr);
}

static __always_inline struct page *head_range(const void *addr)
{
	if (unlikely(is_vmalloc_addr(addr)))
		return __virt_to_head_page(addr);
	return compound_head(virt_to_page(addr));
}

static __always_inline struct page *head_flag(const void *addr)
{
	if (unlikely(READ_ONCE(flag)) && is_vmalloc_addr(addr))
		return __virt_to_head_page(addr);
	return compound_head(virt_to_page(addr));
}

static __always_inline struct page *head_key(const void *addr)
{
	if (static_branch_unlikely(&key) && is_vmalloc_addr(addr))
		return __virt_to_head_page(addr);
	return compound_head(virt_to_page(addr));
}

#define OF_PAGE		block, sizeof(struct page)
#define OF_ADDR		lowmem_page_address(block), PAGE_SIZE

/*
 * Calls by pointer: an optimization of the loop that a gate prevents must not count as a
 * cost of the gate.
 */
static __attribute__((noipa)) void call_many(unsigned long (*call)(const void *x),
			       const void *x, unsigned long step)
{
	unsigned long i, sum = 0;

	for (i = 0; i < CALLS; i++)
		sum += call(x + i * step);
	WRITE_ONCE(sink, sum);
}

#define GATE(function, gate, of)						\
static noinline unsigned long function##_##gate##_call(const void *x)		\
{										\
	return (unsigned long)function##_##gate(x);				\
}										\
static void function##_##gate##_calls(void)					\
{										\
	call_many(function##_##gate##_call, of);				\
}
GATE(address, none, OF_PAGE)
GATE(address, type, OF_PAGE)
GATE(address, flag, OF_PAGE)
GATE(address, key, OF_PAGE)
GATE(head, none, OF_ADDR)
GATE(head, compare, OF_ADDR)
GATE(head, range, OF_ADDR)
GATE(head, flag, OF_ADDR)
GATE(head, key, OF_ADDR)

static const struct {
	const char *name;
	void (*calls)(void);
} gates[] = {
	{ "page_address none", address_none_calls },
	{ "page_address type", address_type_calls },
	{ "page_address flag", address_flag_calls },
	{ "page_address key", address_key_calls },
	{ "virt_to_head_page none", head_none_calls },
	{ "virt_to_head_page compare", head_compare_calls },
	{ "virt_to_head_page range", head_range_calls },
	{ "virt_to_head_page flag", head_flag_calls },
	{ "virt_to_head_page key", head_key_calls },
};

static int __init gates_init(void)
{
	unsigned int i, j;

	block = alloc_pages(GFP_KERNEL | __GFP_COMP, ilog2(CALLS));
	if (!block)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(gates); i++) {
		u64 start = ktime_get_ns();

		for (j = 0; j < ROUNDS; j++)
			gates[i].calls();
		pr_info("gates: %s %llu\n", gates[i].name,
			div_u64(ktime_get_ns() - start, ROUNDS));
	}
	__free_pages(block, ilog2(CALLS));
	return 0;
}
module_init(gates_init);

MODULE_DESCRIPTION("Costs of gates for virtualized vcompounds");
MODULE_LICENSE("GPL");
