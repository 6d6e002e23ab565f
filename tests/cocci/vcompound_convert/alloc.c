// SPDX-License-Identifier: GPL-2.0
/* What vcompound_convert.cocci converts, and what it leaves: see expected.diff. */
static int setup(struct ring *ring, int node, size_t n, size_t size,
		 void *buffer, void **tables)
{
	ring->info = vzalloc(size);
	ring->state = vcalloc(n, sizeof(*ring->state));
	ring->local = vzalloc_node(size, node);
	ring->raw = vmalloc(size);
	ring->page_table = vmalloc(size);
	ring->small = vzalloc(size);
	if (n == 1)
		ring->small = kzalloc(size, GFP_KERNEL);
	ring->leaked = vzalloc(size);
	ring->by_cast = (void *)vmalloc(size);
	ring->inside.dotted = vcalloc(n, size);
	ring->by_variable = vzalloc(size);
	if (n == 2)
		ring->by_variable = buffer;
	ring->by_member = vzalloc(size);
	if (n == 3)
		ring->by_member = ring->small;
	ring->by_alias = vzalloc(size);
	ring->by_element = vzalloc(size);
	if (n == 4)
		ring->by_element = tables[4];
	return 0;
}

static struct page *first(struct ring *ring)
{
	return vmalloc_to_page(ring->page_table);
}
