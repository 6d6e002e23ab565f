// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU plugin that models data TLBs of two levels and counts their misses.
 *
 *   -plugin FILE,model=NAME:GEOMETRY[,model=...] -d plugin
 *
 * The guest sends messages: what to count, and the page size of each mapping. A plugin (API
 * version 1, of QEMU 7.2) sees the addresses of accesses, but no values, registers or page
 * tables. So a message is 16 stores of a byte, as tlb-module/tell.h says; tlb-module/ is the
 * guest's side. These stores are not counted. A 2 MiB region without a message has 4 KiB
 * pages.
 *
 * GEOMETRY is seven fields, separated by colons: level 1 for pages of 4 KiB, 2 MiB and
 * 1 GiB, level 2 for the same, and PCID. A level's field is ENTRIES/WAYS, "=" (shares the
 * entries of 4 KiB pages) or "-" (no entries). The last field is "pcid" or "-": without
 * PCID a write of CR3 flushes all pages that are not global, i.e. user pages.
 *
 * The model: a page's set is its number modulo the number of sets, also where page sizes
 * share entries. The least recently used entry of a set is replaced. Level 2 is looked up
 * if level 1 misses. A walk fills both levels, and each evicts on its own. An access across
 * the end of a page counts once for each page. Instructions that write CR3 and CR4 are
 * seen. A write of CR4 flushes everything: Linux uses it to flush kernel mappings.
 *
 * Not modelled: page walk caches, hence the cost of a walk; prefetch and speculation;
 * entries that merge adjacent pages; instruction fetches, which share level 2 on some
 * processors; INVLPG, because its address is not seen; address spaces (with PCID, the same
 * address in two processes is one page); more than one CPU.
 *
 * At the end of an interval, prints a line for each model:
 *   tlb NAME NUMBER in ACCESSES MISSES WALKS (of 4 KiB) ... (2 MiB) ... (1 GiB) out ...
 * "in" counts accesses inside the range that the guest set, "out" all others. Both go
 * through the model.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlb-module/tell.h"

/* The used part of qemu-plugin.h, which distributions do not package. */
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_MEM_RW = 3 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data),
		int flags, int rw, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, void *data), int flags, void *data);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
void qemu_plugin_outs(const char *string);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { SIZES = 3 };
static const unsigned int size_shift[SIZES] = { 12, 21, 30 };

#define TAG_KERNEL (1ULL << 63)

struct tlb {
	unsigned int sets, ways;
	uint64_t *tags;		/* of each set, the most recently used first; 0: empty */
};

struct counts {
	uint64_t accesses, misses, walks;
};

static struct model {
	char name[32];
	bool pcid;
	struct tlb *level[2][SIZES];
	struct counts counts[2][SIZES];
} models[8];
static unsigned int nr_models;

static uint64_t channel, message;
static unsigned int nibbles;
static bool counting;
static uint64_t from, to;

/* The page size of each 2 MiB. Open addressing; key 0 is a free slot. */
enum { REGION_BITS = 20, REGIONS = 1 << REGION_BITS };
static struct region {
	uint64_t key;
	unsigned int size;
} regions[REGIONS];
static unsigned int nr_regions;

static struct region *find_region(uint64_t addr)
{
	uint64_t key = (addr >> 21) + 1;
	unsigned int i = key * 0x9e3779b97f4a7c15ULL >> (64 - REGION_BITS);

	while (regions[i].key && regions[i].key != key)
		i = (i + 1) % REGIONS;
	return &regions[i];
}

static void set_region(uint64_t addr, unsigned int size)
{
	struct region *region = find_region(addr);

	if (!region->key && ++nr_regions == REGIONS) {
		fprintf(stderr, "tlb: more mappings were told of than there is room for\n");
		exit(1);
	}
	region->key = (addr >> 21) + 1;
	region->size = size;
}

/* Looks the page up and makes it the most recently used of its set. */
static bool hit(struct tlb *tlb, uint64_t page, unsigned int size)
{
	uint64_t tag = page << 2 | (size + 1), *set, last, next;
	unsigned int i;

	if (!tlb)
		return false;
	/* The upper half of the addresses is the kernel's. Its pages are global. */
	if (page >> (63 - size_shift[size]))
		tag |= TAG_KERNEL;
	set = tlb->tags + page % tlb->sets * tlb->ways;
	for (i = 0, last = tag; i < tlb->ways; i++, last = next) {
		next = set[i];
		set[i] = last;
		if (next == tag)
			return true;
	}
	return false;
}

static void access_page(uint64_t addr)
{
	unsigned int size = find_region(addr)->size, out = addr < from || addr >= to;
	uint64_t page = addr >> size_shift[size];
	struct model *model;

	for (model = models; model < models + nr_models; model++) {
		struct counts *counts = &model->counts[out][size];

		counts->accesses++;
		if (hit(model->level[0][size], page, size))
			continue;
		counts->misses++;
		if (!hit(model->level[1][size], page, size))
			counts->walks++;
	}
}

/* Empties the entries of user pages, or all. Keeps the order in each set. */
static void clear(struct tlb *tlb, bool global)
{
	unsigned int set, from_way, to_way;

	for (set = 0; tlb && set < tlb->sets; set++) {
		uint64_t *tags = tlb->tags + set * tlb->ways;

		for (from_way = to_way = 0; from_way < tlb->ways; from_way++)
			if (!global && tags[from_way] & TAG_KERNEL)
				tags[to_way++] = tags[from_way];
		memset(tags + to_way, 0, sizeof(*tags) * (tlb->ways - to_way));
	}
}

static void flush(struct model *model, bool global)
{
	unsigned int l, s;

	for (l = 0; l < 2; l++)
		for (s = 0; s < SIZES; s++)
			if (!s || model->level[l][s] != model->level[l][0])
				clear(model->level[l][s], global);
}

static void flush_all(void)
{
	struct model *model;

	for (model = models; model < models + nr_models; model++)
		flush(model, true);
}

static void on_cr3(unsigned int cpu, void *data)
{
	struct model *model;

	(void)cpu;
	(void)data;
	for (model = models; counting && model < models + nr_models; model++)
		if (!model->pcid)
			flush(model, false);
}

static void on_cr4(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	flush_all();
}

static void print_interval(uint64_t number)
{
	unsigned int m, out, s;
	char line[1024];

	for (m = 0; m < nr_models; m++) {
		int n = snprintf(line, sizeof(line), "tlb %s %" PRIu64, models[m].name, number);

		for (out = 0; out < 2; out++) {
			n += snprintf(line + n, sizeof(line) - n, out ? " out" : " in");
			for (s = 0; s < SIZES; s++) {
				struct counts *c = &models[m].counts[out][s];

				n += snprintf(line + n, sizeof(line) - n,
					      " %" PRIu64 " %" PRIu64 " %" PRIu64,
					      c->accesses, c->misses, c->walks);
			}
		}
		snprintf(line + n, sizeof(line) - n, "\n");
		qemu_plugin_outs(line);
	}
}

static void told(uint64_t addr, unsigned int what)
{
	unsigned int m;

	switch (what) {
	case TELL_4K:
	case TELL_2M:
	case TELL_1G:
		set_region(addr, what);
		break;
	case TELL_FORGET:
		memset(regions, 0, sizeof(regions));
		nr_regions = 0;
		break;
	case TELL_FROM:
		from = addr;
		break;
	case TELL_TO:
		to = addr;
		break;
	case TELL_FLUSH:
		flush_all();
		break;
	case TELL_BEGIN:
		for (m = 0; m < nr_models; m++)
			memset(models[m].counts, 0, sizeof(models[m].counts));
		counting = true;
		break;
	case TELL_END:
		if (counting)
			print_interval(addr >> 12);
		counting = false;
		break;
	}
}

/* Looks for the greeting among all stores of a byte: it shows where the channel is. */
static void find_channel(uint64_t addr)
{
	static unsigned int stores;
	static uint64_t at;

	if (stores && (addr & ~15ULL) == at &&
	    (addr & 15) == (TELL_GREETING >> (60 - 4 * stores) & 15)) {
		if (++stores == 16)
			channel = at;
		return;
	}
	at = addr & ~15ULL;
	stores = (addr & 15) == TELL_GREETING >> 60;
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data)
{
	bool byte_store = qemu_plugin_mem_is_store(info) && !qemu_plugin_mem_size_shift(info);
	uint64_t last;

	(void)cpu;
	(void)data;
	if (!channel) {
		if (byte_store)
			find_channel(addr);
		return;
	}
	if (addr - channel < 16) {
		if (!byte_store)
			return;
		message = message << 4 | (addr - channel);
		if (++nibbles % 16 == 0)
			told(message & ~0xfffULL, message & 0xfff);
		return;
	}
	if (!counting)
		return;
	access_page(addr);
	last = addr + (1ULL << qemu_plugin_mem_size_shift(info)) - 1;
	if (last >> 12 != addr >> 12)
		access_page(last);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i;

	(void)id;
	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *code = qemu_plugin_insn_data(insn);
		size_t size = qemu_plugin_insn_size(insn);

		qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
		/* mov to a control register, with an optional prefix for r8 to r15 */
		if (size == 4 && code[0] >> 4 == 4)
			code++, size--;
		if (size == 3 && code[0] == 0x0f && code[1] == 0x22 && code[2] >> 3 == 0xd8 >> 3)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_cr3,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (size == 3 && code[0] == 0x0f && code[1] == 0x22 && code[2] >> 3 == 0xe0 >> 3)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_cr4,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

/* Fills in the model from "E/W:E/W:E/W:E/W:E/W:E/W:pcid". False: it is malformed. */
static bool parse_geometry(struct model *model, char *geometry)
{
	unsigned int i, entries, ways;
	char *field, *save, end;
	struct tlb *tlb;

	for (i = 0; i < 2 * SIZES; i++, geometry = NULL) {
		field = strtok_r(geometry, ":", &save);
		if (!field)
			return false;
		if (!strcmp(field, "-"))
			continue;
		if (!strcmp(field, "=")) {
			if (!model->level[i / SIZES][0])
				return false;
			model->level[i / SIZES][i % SIZES] = model->level[i / SIZES][0];
			continue;
		}
		if (sscanf(field, "%u/%u%c", &entries, &ways, &end) != 2 || !ways ||
		    !entries || entries % ways)
			return false;
		tlb = malloc(sizeof(*tlb));
		if (!tlb)
			return false;
		tlb->ways = ways;
		tlb->sets = entries / ways;
		tlb->tags = calloc(entries, sizeof(*tlb->tags));
		if (!tlb->tags)
			return false;
		model->level[i / SIZES][i % SIZES] = tlb;
	}
	field = strtok_r(NULL, ":", &save);
	if (!field || (strcmp(field, "pcid") && strcmp(field, "-")))
		return false;
	model->pcid = *field == 'p';
	return !strtok_r(NULL, ":", &save);
}

__attribute__((visibility("default")))
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		char *colon = strchr(argv[i], ':'), *end;

		if (!strncmp(argv[i], "model=", 6) && colon && nr_models < 8) {
			snprintf(models[nr_models].name, sizeof(models->name), "%.*s",
				 (int)(colon - argv[i] - 6), argv[i] + 6);
			end = strdup(colon + 1);
			if (end && parse_geometry(&models[nr_models], end)) {
				nr_models++;
				continue;
			}
		}
		fprintf(stderr, "tlb: bad argument %s\n", argv[i]);
		return -1;
	}
	if (!nr_models) {
		fprintf(stderr, "tlb: needs model=\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
