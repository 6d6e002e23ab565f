// SPDX-License-Identifier: GPL-2.0
// What the semantic patch of this name has to report, and what it may not.
void pages(void)
{
	struct page *p;

	p = alloc_vcompound(GFP_KERNEL, 2);
	if (!p)
		return;
	__free_pages(p, 2);		// found
}

void page_by_address(void)
{
	struct page *p = alloc_vcompound_exact(123456, GFP_KERNEL);

	__free_vcompound(page_address(p));	// found
}

void address_to_vfree(void)
{
	char *p = __alloc_vcompound(GFP_KERNEL, 2);

	vfree(p);			// found
}

void address_to_pages(void)
{
	char *p = __alloc_vcompound_exact(100, GFP_KERNEL);

	free_pages((unsigned long)p, 0);	// found
}

void vmalloc_memory(void)
{
	char *p = vzalloc(1000);

	__free_vcompound(p);		// found
}

void other_pages(void)
{
	struct page *p = alloc_pages(GFP_KERNEL, 2);

	free_vcompound(p);		// found
}

void right(void)
{
	struct page *page = alloc_vcompound_node(0, GFP_KERNEL, 2);
	char *p = __alloc_vcompound(GFP_KERNEL, 2);

	put_page(page);
	__free_vcompound(p);
	p = vmalloc(100);
	vfree(p);
}
