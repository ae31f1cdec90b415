/* picture.h - what happened on every stage of a pipeline, to be drawn.
 *
 *     lane   main                 -a1-b1-a2-|
 *     lane     group_by "a"       -a1----a2-|      inner, depth 1
 *     lane     group_by "b"       ----b1----|
 *     lane   group_by(.k) {...}   -1--1--2--|
 *
 * A lane is one row: an input, what a stage gives, or an inner stream. It is
 * recorded by listening between the stages (flow_hooks). Each item of an input
 * has a colour that follows it through the pipeline, by its cause, whatever
 * becomes of it on the way.
 */
#ifndef WEIR_CLI_PICTURE_H
#define WEIR_CLI_PICTURE_H

#include "base/buf.h"
#include "cli/diagram.h"
#include "cli/marble_run.h"
#include "flow/flow.h"

#define PICTURE_COLOURS	  8
#define PICTURE_LANES_MAX 400
#define PICTURE_ITEMS_MAX 20000 /* in all lanes */
#define PICTURE_CELL_MAX  20	/* items of one frame that are drawn */
#define PICTURE_NO_COLOUR (-1)	/* several causes, or none */

struct picture_mark {
	int64_t at_ms;
	enum rx_event_kind kind;
	struct value v; /* ours; of an error its message */
	int colour;	/* 0 .. PICTURE_COLOURS - 1, or none */
};

struct picture_lane {
	struct buf label;
	uint32_t depth; /* of inner streams in inner streams */
	bool shown;
	int64_t from_ms; /* subscribed; -1: never */
	int64_t to_ms;	 /* ended or cancelled; INT64_MAX: still open */
	struct picture_mark *marks; /* ours */
	uint32_t n;
	uint32_t cap;
};

struct picture {
	struct picture_lane **lanes; /* ours, from top to bottom */
	uint32_t n_lanes;
	int64_t end_ms; /* the last moment that is drawn */
	int64_t frame_ms;
	uint32_t cut_lanes; /* inner streams that were too many */
	bool ended;	    /* the pipeline has */
};

struct picture_input {
	struct str name; /* "main", or that of a @stream; borrowed */
	struct diagram diagram;
};

struct picture_conf {
	int64_t frame_ms;
	int64_t until_ms; /* 0: to its end, or as long as its inputs */
	bool all;	  /* also the stages inside of blocks */
	struct marble_run run;
};

/* Runs flow on the inputs (borrowed) and records. Negative with err, and *out
 * is empty. */
int picture_make(struct flow *flow, const struct picture_input *inputs,
		 uint32_t n_inputs, const struct picture_conf *conf,
		 struct picture **out, struct weir_error *err);
void picture_destroy(struct picture *p); /* NULL does nothing */

/* Appends how an item is written: short, without quotes where it can be. */
void picture_label(struct value v, struct buf *out);

/* Characters of s, and the bytes of the first of them (all of s when it has no
 * more). */
int picture_chars(struct str s);
size_t picture_cut(struct str s, int chars);

/* Columns for the frames, so that everything in one frame stands below each
 * other and as wide as the widest needs it. */
struct picture_columns {
	int *widths; /* ours, one for each frame; 0: left out; below 0: what
		      * stands for those left out behind it */
	uint32_t n;
	int total;
};
/* cell_fn gives the width of what a lane has in a frame. quiet_max: more quiet
 * frames in a row than that are drawn as one gap. */
typedef int (*picture_cell_fn)(const struct picture_mark *marks, uint32_t n);
void picture_columns(const struct picture *p, picture_cell_fn cell, int least,
		     uint32_t quiet_max, struct picture_columns *out);

/* The marks of a lane in frame no f; *n of them. */
const struct picture_mark *picture_marks(const struct picture *p,
					 const struct picture_lane *l,
					 uint32_t f, uint32_t *n);

/* Terminal: as wide as width; colour by escape sequences. */
void picture_write_text(const struct picture *p, int width, bool colour,
			struct buf *out);
void picture_write_svg(const struct picture *p, struct str title,
		       struct buf *out);

#endif
