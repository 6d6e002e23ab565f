/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest tells plugin/tlb.c. A message of 64 bits is an address with what is told of
 * it in the low 12 bits. It is sent as 16 stores of a byte into the 16 bytes of the channel:
 * the offset of each is four bits of the message, the highest first.
 */
#ifndef TELL_H
#define TELL_H

enum tell {
	TELL_4K, TELL_2M, TELL_1G,	/* the page size in this 2 MiB */
	TELL_FORGET,			/* forget all page sizes */
	TELL_FROM, TELL_TO,		/* the range of "in" */
	TELL_FLUSH,			/* empty the TLBs */
	TELL_BEGIN, TELL_END,		/* the interval with this number */
};

/*
 * The first message says where the channel is: the plugin does not know where a module is
 * loaded. No other code stores single bytes in this order. Each offset occurs once.
 */
#define TELL_GREETING	0x1f2e3d4c5b6a7089ULL

#endif
