// SPDX-License-Identifier: GPL-2.0
/*
 * A DMA round trip of vcompounds through QEMU's edu device, which copies between memory
 * and its buffer of 4 KiB.
 *
 * Binding the driver copies one vcompound to another for several sizes. The copy goes page
 * by page, by the DMA addresses of sg_alloc_table_from_vcompound(). The driver compares
 * every byte, prints a line for each size, and refuses to bind if a copy failed.
 *
 * With edu.as_one=1 it maps each vcompound as one segment and copies nothing. This is wrong
 * for a virtualized one of several segments, which DMA debugging must report.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

#define EDU_BUFFER		0x40000
/* The device refuses a copy up to the last byte of its buffer. */
#define EDU_CHUNK		(PAGE_SIZE / 2)
#define EDU_DMA_SOURCE		0x80
#define EDU_DMA_DESTINATION	0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_START		BIT(0)
#define EDU_DMA_TO_MEMORY	BIT(1)

static bool as_one;
module_param(as_one, bool, 0600);
MODULE_PARM_DESC(as_one, "Map each vcompound as if it were contiguous");

static int edu_copy(void __iomem *regs, u64 from, u64 to, u64 command)
{
	unsigned int tries;

	writeq(from, regs + EDU_DMA_SOURCE);
	writeq(to, regs + EDU_DMA_DESTINATION);
	writeq(EDU_CHUNK, regs + EDU_DMA_COUNT);
	writeq(command | EDU_DMA_START, regs + EDU_DMA_COMMAND);
	for (tries = 0; tries < 5000; tries++) {
		if (!(readq(regs + EDU_DMA_COMMAND) & EDU_DMA_START))
			return 0;
		msleep(2);
	}
	return -ETIMEDOUT;
}

static int edu_copy_all(void __iomem *regs, struct sg_table *from,
			struct sg_table *to)
{
	struct sg_dma_page_iter in, out;
	int ret;

	__sg_page_iter_start(&out.base, to->sgl, to->nents, 0);
	for_each_sgtable_dma_page(from, &in, 0) {
		unsigned int offset;

		if (!__sg_page_iter_dma_next(&out))
			return -EINVAL;
		for (offset = 0; offset < PAGE_SIZE; offset += EDU_CHUNK) {
			ret = edu_copy(regs, sg_page_iter_dma_address(&in) + offset,
				       EDU_BUFFER, 0);
			if (!ret)
				ret = edu_copy(regs, EDU_BUFFER,
					       sg_page_iter_dma_address(&out) + offset,
					       EDU_DMA_TO_MEMORY);
			if (ret)
				return ret;
		}
	}
	/* Both lists must end together. */
	return __sg_page_iter_dma_next(&out) ? -EINVAL : 0;
}

static int edu_round_trip(struct device *dev, void __iomem *regs,
			  unsigned long nr_pages)
{
	const size_t size = nr_pages << PAGE_SHIFT;
	struct sg_table from_sgt = {}, to_sgt = {};
	u8 *from, *to;
	int ret = -ENOMEM;
	size_t i;

	from = __alloc_vcompound_exact(size, GFP_KERNEL);
	to = __alloc_vcompound_exact(size, GFP_KERNEL | __GFP_ZERO);
	if (!from || !to)
		goto out;
	for (i = 0; i < size; i++)
		from[i] = (i * 13 + (i >> 8) * 7) | 1;

	ret = sg_alloc_table_from_vcompound(&from_sgt, virt_to_head_page(from),
					    GFP_KERNEL);
	if (ret)
		goto out;
	ret = sg_alloc_table_from_vcompound(&to_sgt, virt_to_head_page(to),
					    GFP_KERNEL);
	if (ret)
		goto out_from;
	ret = dma_map_sgtable(dev, &from_sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto out_to;
	ret = dma_map_sgtable(dev, &to_sgt, DMA_FROM_DEVICE, 0);
	if (ret)
		goto out_unmap_from;

	ret = edu_copy_all(regs, &from_sgt, &to_sgt);

	dma_unmap_sgtable(dev, &to_sgt, DMA_FROM_DEVICE, 0);
	if (!ret && memcmp(from, to, size))
		ret = -EIO;
	dev_info(dev, "%lu pages, %s: %u segments: %d\n", nr_pages,
		 is_vmalloc_addr(from) ? "virtualized" : "contiguous",
		 from_sgt.orig_nents, ret);
out_unmap_from:
	dma_unmap_sgtable(dev, &from_sgt, DMA_TO_DEVICE, 0);
out_to:
	sg_free_table(&to_sgt);
out_from:
	sg_free_table(&from_sgt);
out:
	__free_vcompound(to);
	__free_vcompound(from);
	return ret;
}

static int edu_map_as_one(struct device *dev, unsigned long nr_pages)
{
	const size_t size = nr_pages << PAGE_SHIFT;
	struct scatterlist list;
	struct sg_table sgt;
	struct page *head;
	int ret = -ENOMEM;

	head = alloc_vcompound_exact(size, GFP_KERNEL);
	if (!head)
		return ret;
	ret = sg_alloc_table_from_vcompound(&sgt, head, GFP_KERNEL);
	if (ret)
		goto out;

	sg_init_table(&list, 1);
	sg_set_page(&list, head, size, 0);
	ret = dma_map_sg(dev, &list, 1, DMA_TO_DEVICE) ? 0 : -EIO;
	if (!ret)
		dma_unmap_sg(dev, &list, 1, DMA_TO_DEVICE);
	dev_info(dev, "%lu pages: %u segments, mapped as one: %d\n", nr_pages,
		 sgt.orig_nents, ret);
	sg_free_table(&sgt);
out:
	free_vcompound(head);
	return ret;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	static const unsigned long sizes[] = { 1, 3, 4, 7 };
	void __iomem *regs;
	unsigned int i;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	regs = pcim_iomap_region(pdev, 0, "edu");
	if (IS_ERR(regs))
		return PTR_ERR(regs);
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));

	for (i = 0; !ret && i < ARRAY_SIZE(sizes); i++)
		ret = as_one ? edu_map_as_one(&pdev->dev, sizes[i]) :
			       edu_round_trip(&pdev->dev, regs, sizes[i]);
	if (!ret)
		dev_info(&pdev->dev, "done\n");
	return ret;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};

static struct pci_driver edu_driver = {
	.name = "edu",
	.id_table = edu_ids,
	.probe = edu_probe,
};

module_pci_driver(edu_driver);

MODULE_DESCRIPTION("DMA round trip of virtualizable compound pages");
MODULE_LICENSE("GPL");
