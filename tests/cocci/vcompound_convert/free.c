// SPDX-License-Identifier: GPL-2.0
static void teardown(struct ring *ring, void *old)
{
	vfree(ring->info);
	ring->info = NULL;
	vfree(ring->state);
	vfree(ring->local);
	vfree(ring->raw);
	vfree(ring->page_table);
	vfree(ring->small);
	vfree(ring->unknown);
	vfree(ring->by_cast);
	vfree(ring->inside.dotted);
	vfree(ring->by_variable);
	vfree(ring->by_member);
	vfree(ring->by_element);
	if (old)
		vfree(ring->by_alias);
	old = ring->by_alias;
	ring->by_alias = NULL;
	vfree(old);
}
