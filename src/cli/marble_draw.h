/* marble_draw.h - from the words of a command line, or of an operator's row, to
 * a picture. */
#ifndef WEIR_CLI_MARBLE_DRAW_H
#define WEIR_CLI_MARBLE_DRAW_H

#include "cli/picture.h"

#define MARBLE_DEFAULTS                                              \
	{                                                            \
		.frame_ms = 10, .run = {.parts = 3, .every_ms = 20 } \
	}

struct marble_draw {
	const char *pipeline;
	/* "DIAGRAM": of the main input, then of the @streams in order of
	 * mention; "NAME=DIAGRAM": of that one. */
	const char *const *diagrams;
	uint32_t n_diagrams;
	const struct value *values; /* as in diagram_read; may be NULL */
	bool hot;		    /* all inputs are, also without ^ */
	struct picture_conf conf;
};

/* NULL: report (appended) says what is wrong, in lines for a person. */
struct picture *marble_draw(const struct marble_draw *d, struct buf *report);

#endif
