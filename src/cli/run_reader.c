/* run_reader.c - see run_reader.h. */
#include "cli/run_reader.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/parse.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES_PER_LOOK 16 /* at the clock */

void reader_init(struct reader *r, const struct reader_conf *conf,
		 const char *file, int fd)
{
	struct stat st;

	*r = (struct reader){.conf = conf,
			     .file = file,
			     .fd = fd,
			     .piece_max = READER_PIECE};
	/* flat_map(@file) opens a small file very often. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size < READER_PIECE)
		r->piece_max = (size_t)st.st_size + 1;
	lines_init(&r->lines, conf->line_max);
}

void reader_rest(struct reader *r)
{
	if (r->is_behind)
		--*r->conf->behind;
	r->is_behind = false;
	r->n_given = 0;
}

static void fall_behind(struct reader *r)
{
	if (!r->is_behind)
		++*r->conf->behind;
	r->is_behind = true;
}

void reader_close(struct reader *r)
{
	reader_rest(r);
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	r->fd = -1;
}

void reader_fini(struct reader *r)
{
	reader_close(r);
	lines_fini(&r->lines);
	mem_free(r->piece);
	r->piece = NULL;
}

const char *reader_name(const char *file)
{
	return file ? file : "standard input";
}

/* --- lines to items ------------------------------------------------------ */

/* As jq does, and what a log in Latin-1 needs: each byte that is not UTF-8
 * becomes U+FFFD. */
static struct value text_item(struct str line)
{
	struct buf mended = {0};
	size_t valid = str_utf8_valid(line);
	struct value v;

	if (valid == line.len)
		return value_string(line);
	while (line.len) {
		valid = str_utf8_valid(line);
		buf_append(&mended, line.p, valid);
		if (valid < line.len) {
			buf_append_cstr(&mended, "\xEF\xBF\xBD");
			valid++;
		}
		line = str_from(line.p + valid, line.len - valid);
	}
	v = value_string(buf_str(&mended));
	buf_fini(&mended);
	return v;
}

/* The item of a line, 0; WEIR_EAGAIN for a blank one, which is none. */
static int read_item(const struct reader *r, struct str line,
		     struct value *item, struct weir_error *err)
{
	if (r->conf->raw) {
		*item = text_item(line);
		return 0;
	}
	if (!str_trim(line).len)
		return WEIR_EAGAIN;
	return json_parse(line, item, err);
}

/* The next item of what was read: 0; WEIR_EAGAIN: it is used up;
 * WEIR_ECANCELED: a fault ended the run. */
static int next_item(struct reader *r, struct value *item)
{
	struct weir_error err;
	struct str line;
	int rc;

	while ((rc = lines_next(&r->lines, &r->rest, r->end, &line)) !=
	       WEIR_EAGAIN) {
		r->line_nr++;
		r->conf->counts->lines++;
		if (rc == 0)
			rc = read_item(r, line, item, &err);
		else
			error_set(&err, rc, "longer than %zu bytes",
				  r->conf->line_max);
		if (rc == 0)
			return 0;
		if (rc != WEIR_EAGAIN &&
		    !faults_add(r->conf->faults, r->file, r->line_nr, &err))
			return WEIR_ECANCELED;
	}
	return WEIR_EAGAIN;
}

/* --- slices -------------------------------------------------------------- */

static int read_piece(struct reader *r, struct weir_error *err)
{
	ssize_t n;

	if (!r->piece)
		r->piece = mem_alloc(r->piece_max);
	do {
		n = read(r->fd, r->piece, r->piece_max);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return WEIR_EAGAIN;
	if (n < 0)
		return error_sys(err, errno, "cannot read %s",
				 reader_name(r->file));
	r->rest = str_from(r->piece, (size_t)n);
	r->end = n == 0;
	return 0;
}

/* Gives what is left of the piece. Returns 0: the slice is full; else as
 * reader_slice. */
static int give_lines(struct reader *r, int64_t until_ms, reader_give_fn give,
		      void *arg)
{
	struct value v;
	bool wanted;
	int rc;

	while ((rc = next_item(r, &v)) == 0) {
		wanted = give(arg, v);
		value_unref(v);
		if (!wanted)
			return WEIR_ECANCELED;
		r->n_given++;
		if (until_ms == CLOCK_NEVER)
			continue;
		if (r->n_given >= READER_LINES)
			return 0;
		if (r->n_given % LINES_PER_LOOK == 0 && clock_ms() >= until_ms)
			return WEIR_ETIMEDOUT;
	}
	return rc == WEIR_EAGAIN && r->end ? WEIR_EOF : rc;
}

int reader_slice(struct reader *r, int64_t until_ms, reader_give_fn give,
		 void *arg, struct weir_error *err)
{
	int rc = 0;

	if (until_ms != CLOCK_NEVER && !r->is_behind && *r->conf->behind)
		return 0;
	if (!r->rest.len && !r->end)
		rc = read_piece(r, err);
	if (rc == 0)
		rc = give_lines(r, until_ms, give, arg);
	else if (rc == WEIR_EAGAIN)
		return rc;
	/* The clock stopped it, or the next piece belongs to this slice. */
	if (until_ms != CLOCK_NEVER &&
	    (rc == WEIR_ETIMEDOUT || (rc == WEIR_EAGAIN && r->at_once)))
		fall_behind(r);
	else
		reader_rest(r);
	return rc == WEIR_ETIMEDOUT || rc == WEIR_EAGAIN ? 0 : rc;
}
