/*
 * The files of check_history.
 */
#ifndef TESTS_CHECK_HISTORY_H
#define TESTS_CHECK_HISTORY_H

#include "historyrig.h"

TCase *history_disk_case(void);
TCase *history_size_case(void);

#endif
