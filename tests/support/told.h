/* told.h - what host functions of a test were told, in order. */
#ifndef WEIR_TESTS_TOLD_H
#define WEIR_TESTS_TOLD_H

#include "rx/host.h"

#include <string.h>

/* What the program was told, a letter each. */
static char told[64];

static inline void tell(char c)
{
	size_t n = strlen(told);

	told[n] = c;
	told[n + 1] = '\0';
}

static inline void dropped(void *arg)
{
	tell('D');
}

/* Forgets what was told. */
static inline struct rx_host host(void *arg)
{
	told[0] = '\0';
	return (struct rx_host){arg, dropped};
}

#endif
