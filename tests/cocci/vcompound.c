// SPDX-License-Identifier: GPL-2.0
// What the semantic patch of this name has to report, and what it may not.
void *fallback(int n)
{
	void *p = (void *)__get_free_pages(GFP_KERNEL, 3);

	if (!p)
		p = vmalloc(n);		// found
	return p;
}

void *exact_fallback(int n)
{
	void *p;

	p = alloc_pages_exact(n, GFP_KERNEL);
	if (p)
		return p;
	p = vzalloc(n);			// found
	return p;
}

void *choice(int n)
{
	struct table *p;

	if (n > 5)
		p = vzalloc(n);		// found
	else
		p = (void *)__get_free_pages(GFP_KERNEL, 3);
	return p;
}

void free_either(void *p)
{
	if (is_vmalloc_addr(p))		// found
		vfree(p);
	else
		free_pages((unsigned long)p, 3);
}

void two_tables(int n)
{
	void *p = (void *)__get_free_pages(GFP_KERNEL, 3);
	void *q = vmalloc(n);

	use(p, q);
}

void *converted(void)
{
	return __alloc_vcompound(GFP_KERNEL, 3);
}
