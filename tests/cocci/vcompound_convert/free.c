// SPDX-License-Identifier: GPL-2.0
static void teardown(struct ring *ring)
{
	vfree(ring->info);
	vfree(ring->state);
	vfree(ring->local);
	vfree(ring->raw);
	vfree(ring->page_table);
	vfree(ring->small);
	vfree(ring->unknown);
}
