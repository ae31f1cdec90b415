/* error.h - the codes that functions return, and what they mean. */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

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

#endif
