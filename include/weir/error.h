/* error.h - the codes that functions return, and what they mean.
 *
 * Functions return 0 or a count, else a negative WEIR_E code. A function that
 * reads a text written by a person, or runs one, also takes a struct weir_error
 * (or NULL) and fills it.
 */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	WEIR_OK = 0,
	WEIR_EINVAL = -1,  /* the text or argument is wrong */
	WEIR_ETOOBIG = -2, /* over a limit */
	WEIR_ENOMEM = -3,
	WEIR_EOF = -4,	   /* the peer ended in good order */
	WEIR_ECLOSED = -5, /* this side is closed, or the peer broke it off */
	WEIR_ETIMEDOUT = -6,
	WEIR_ECANCELED = -7, /* the fiber was cancelled */
	WEIR_EAGAIN = -8,    /* nothing now */
	WEIR_EREFUSED = -9,  /* nobody listens there */
	WEIR_ENOTFOUND = -10,
	WEIR_EEXISTS = -11,
	WEIR_EDENIED = -12,
	WEIR_EIO = -13,	      /* the system said no; the message says what */
	WEIR_EPROTO = -14,    /* the peer broke its protocol */
	WEIR_EUPSTREAM = -15, /* the upstream answered with an error status */
	WEIR_EBUSY = -16,     /* full for now, worth another try */
	WEIR_EITEM = -17, /* an item of a stream made a value function fail */
};

/* Short English name of a code, e.g. "timed out". Static. Any thread. */
const char *weir_strerror(int code);

#define WEIR_ERROR_MESSAGE_MAX 256

struct weir_error {
	int code;	 /* WEIR_E..., 0 while nothing is wrong */
	uint32_t line;	 /* from 1; 0 when the error has no place in a text */
	uint32_t column; /* from 1, in characters (code points) */
	size_t offset;	 /* bytes from the start of the text */
	char message[WEIR_ERROR_MESSAGE_MAX]; /* what, and what was expected */
};

/* Fills err (may be NULL) without a place in a text. Returns code, which must
 * be negative: return weir_error_set(err, WEIR_EITEM, "no number"); */
int weir_error_set(struct weir_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
