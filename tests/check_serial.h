/*
 * The files of check_serial.
 */
#ifndef TESTS_CHECK_SERIAL_H
#define TESTS_CHECK_SERIAL_H

#include "ttyrig.h"
#include "unit.h"

TCase *serial_data_case(void);
TCase *serial_lock_case(void);
TCase *serial_ops_case(void);
TCase *serial_purge_case(void);
TCase *serial_reopen_case(void);
TCase *serial_watch_case(void);

#endif
