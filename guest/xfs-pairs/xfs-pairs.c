// SPDX-License-Identifier: GPL-2.0
/*
 * What a buffer of XFS costs: get one of 1 to 17 pages and release it. There are two kinds:
 * a new one, which is cleared, and one for reading, which is not.
 *
 * Loading the module with mount=DIR, where an XFS is mounted, prints
 * "xfs-pairs: new-buffer|read-buffer PAGES NANOSECONDS" for each size: the least of several
 * runs. With scripts/boot --count a nanosecond is an instruction. For an unpatched kernel,
 * too.
 */
#include "xfs_platform.h"
#include "xfs_fs.h"
#include "xfs_shared.h"
#include "xfs_format.h"
#include "xfs_log_format.h"
#include "xfs_trans_resv.h"
#include "xfs_mount.h"
#include "xfs_buf.h"

#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/rcupdate.h>

#define ROUNDS	512
/* Free space of a new file system that is large enough. */
#define BLOCK	(64 << 20 >> BBSHIFT)
#define RUNS	8

static char *mount;
module_param(mount, charp, 0444);

static typeof(xfs_buf_get_uncached) *get_uncached;
static typeof(xfs_buf_get_map) *get_map;
static typeof(xfs_buf_stale) *stale;
static typeof(xfs_buf_rele) *put;

/* XFS exports nothing. */
static void *address_of(const char *name)
{
	struct kprobe probe = { .symbol_name = name };
	void *address;

	if (register_kprobe(&probe))
		return NULL;
	address = probe.addr;
	unregister_kprobe(&probe);
	return address;
}

static int pair(struct xfs_buftarg *target, size_t blocks, bool read)
{
	DEFINE_SINGLE_BUF_MAP(map, BLOCK, blocks);
	struct xfs_buf *bp;
	int error;

	error = read ? get_map(target, &map, 1, XBF_READ, &bp) :
		       get_uncached(target, blocks, &bp);
	if (error)
		return error;
	/* Not to be kept. */
	if (read)
		stale(bp);
	up(&bp->b_sema);
	put(bp);
	return 0;
}

static int pairs(struct xfs_buftarg *target, unsigned int pages, bool read)
{
	u64 least = U64_MAX, start;
	int run, i, error;

	for (run = 0; run < RUNS; run++) {
		start = ktime_get_ns();
		for (i = 0; i < ROUNDS; i++) {
			error = pair(target, BTOBB(pages * PAGE_SIZE), read);
			if (error)
				return error;
		}
		least = min(least, ktime_get_ns() - start);
		/* The handles are freed by RCU. */
		rcu_barrier();
	}
	pr_info("xfs-pairs: %s-buffer %u %llu\n", read ? "read" : "new", pages,
		div_u64(least, ROUNDS));
	return 0;
}

static int __init xfs_pairs_init(void)
{
	static const unsigned int sizes[] = { 1, 2, 4, 16, 17 };
	struct path path;
	int i, error;

	get_uncached = address_of("xfs_buf_get_uncached");
	get_map = address_of("xfs_buf_get_map");
	stale = address_of("xfs_buf_stale");
	put = address_of("xfs_buf_rele");
	if (!get_uncached || !get_map || !stale || !put || !mount)
		return -EINVAL;
	error = kern_path(mount, LOOKUP_FOLLOW, &path);
	if (error)
		return error;
	if (strcmp(path.mnt->mnt_sb->s_type->name, "xfs"))
		error = -EINVAL;
	for (i = 0; i < 2 * ARRAY_SIZE(sizes) && !error; i++)
		error = pairs(XFS_M(path.mnt->mnt_sb)->m_ddev_targp, sizes[i / 2], i % 2);
	path_put(&path);
	return error;
}
module_init(xfs_pairs_init);

static void __exit xfs_pairs_exit(void)
{
}
module_exit(xfs_pairs_exit);

MODULE_DESCRIPTION("Cost of buffers of XFS");
MODULE_LICENSE("GPL");
