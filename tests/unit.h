/*
 * What every unit test program shares: the runner's last line, and input at a guard page.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs a suite (and frees it) as CK_ENV says, prints "N passed, N failed, 0 skipped" and returns the exit
 * status: 0 only if at least one test ran and none failed.
 */
int unit_run(Suite *);

/*
 * A copy of n bytes of src that ends right before an unreadable page, so that reading one byte
 * too many faults.  Give it back with unit_unguard() and the same n.
 */
uint8_t *unit_guarded(const void *src, size_t n);
void unit_unguard(uint8_t *, size_t n);

#endif
