/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before all else when scripts/warnings has sparse look at a file.
 *
 * kbuild quietly goes without sparse if that does not know __typeof_unqual__, which
 * 0.6.4 does not. Nor does the kernel ask for it there, so that nothing is lost by
 * taking qualifiers along. After the first error in a file sparse reports no further
 * warnings, and to 0.6.4 every MODULE_LICENSE() is one, because of strlen().
 */
#define __typeof_unqual__ __typeof__
#define __builtin_strlen(string) (sizeof(string) - 1)
