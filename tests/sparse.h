/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tests/no-new-warnings makes sparse include this file first.
 *
 * sparse 0.6.4 does not know __typeof_unqual__, and kbuild then silently skips sparse.
 * Keeping the qualifiers loses no warning. sparse 0.6.4 also reports strlen() in each
 * MODULE_LICENSE() as an error, and reports no warning after the first error in a file.
 */
#define __typeof_unqual__ __typeof__
#define __builtin_strlen(string) (sizeof(string) - 1)
