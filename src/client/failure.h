/* failure.h - what libcurl's codes mean to us; for this folder only. */
#ifndef WEIR_CLIENT_FAILURE_H
#define WEIR_CLIENT_FAILURE_H

#include "base/error.h"

#include <curl/curl.h>

/* Fills err (may be NULL) as "ASKED: what went wrong" and returns its code.
 *
 * os_errno  of the failed connect; 0: unknown
 * said      what libcurl said, may be empty
 */
int client_failure(struct weir_error *err, const char *asked, CURLcode result,
		   int os_errno, const char *said);

#endif
