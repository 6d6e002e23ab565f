# SPDX-License-Identifier: GPL-2.0
"""
Read vcompounds from a dump of a guest's memory by drgn, and print what crash needs to find
them.

    python3 post-mortem-read.py VMLINUX DUMP FOLDER < RESULTS

RESULTS has a line "held=FORM PFN..." for each vcompound that guest/hold-vcompound filled.
Checks type, head page and contents of each page, then the contents by the address of the
vcompound. Puts the contents as they should be into FOLDER/NUMBER.expected, and prints
a line "NUMBER FORM ADDRESS PAGE TYPE PFN..." for each vcompound.
"""
import sys

import drgn
from drgn.helpers.linux.mm import PageSlab, page_to_virt, pfn_to_page

PAGE_SIZE = 4096


def check(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found}, should be {wanted}")


# As guest/hold-vcompound.c fills it.
def content(nr_pages):
    return bytes((i * 7 + (i >> 9)) & 255 for i in range(nr_pages * PAGE_SIZE))


def main():
    vmlinux, dump, folder = sys.argv[1:]
    prog = drgn.Program()
    prog.set_core_dump(dump)
    prog.load_debug_info([vmlinux])
    vcompound = prog.constant("PGTY_vcompound").value_()
    number = 0
    for line in sys.stdin:
        if not line.startswith("held="):
            continue
        number += 1
        form, *pfns = line.strip()[len("held="):].split()
        pfns = [int(pfn) for pfn in pfns]
        wanted = content(len(pfns))
        head = pfn_to_page(prog, pfns[0])
        desc = drgn.cast("struct vcdesc *", head)
        if form == "virtualized":
            addr = ~desc.inverted_addr.value_() & ((1 << 64) - 1)
        else:
            addr = page_to_virt(head).value_()
        name = f"{number}: {form}, {len(pfns)} pages"
        check(f"{name}: nr_pages", desc.nr_pages.value_(), len(pfns))
        for i, pfn in enumerate(pfns):
            page = pfn_to_page(prog, pfn)
            what = f"{name}: page {i}"
            check(f"{what}: slab", bool(PageSlab(page)), False)
            check(f"{what}: type", page.page_type.value_() >> 24, vcompound)
            check(f"{what}: head", drgn.cast("struct vcdesc *", page).head, head)
            check(f"{what}: same contents by page frame number",
                  prog.read(pfn * PAGE_SIZE, PAGE_SIZE, True) ==
                  wanted[i * PAGE_SIZE:(i + 1) * PAGE_SIZE], True)
        check(f"{name}: same contents by address", prog.read(addr, len(wanted)) == wanted, True)
        with open(f"{folder}/{number}.expected", "wb") as file:
            file.write(wanted)
        print(number, form, f"{addr:x}", f"{head.value_():x}", head.page_type.value_(), *pfns)
    check("vcompounds in RESULTS", number, 6)


main()
