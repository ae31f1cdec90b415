/* event.c - see event.h. Bodies are put together in one scratch buffer of the
 * thread and then copied into memory of their exact size. */
#include "hub/event.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "json/write.h"

#include <stdatomic.h>
#include <string.h>

/* An event that is made of it is a copy of like, but for the references
 * and where its body is. */
struct hub_event_bytes {
	_Atomic uint32_t refs;
	struct hub_event like;
	char body[];
};

/* Keeps the memory of the last body, up to this size. */
#define SCRATCH_KEPT (64 * 1024)

static _Thread_local struct buf scratch;

static const char *const names[] = {
	[HUB_OPEN] = "open",	     [HUB_PART] = "part",
	[HUB_DONE] = "done",	     [HUB_ERROR] = "error",
	[HUB_INTEREST] = "interest", [HUB_GAP] = "gap",
	[HUB_DROPPED] = "dropped",   [HUB_PING] = "ping",
	[HUB_BYE] = "bye",
};

const char *hub_event_type_name(enum hub_event_type type)
{
	return names[type];
}

static void give_back(void)
{
	buf_fini(&scratch);
}

static struct buf *begin(enum hub_event_type type)
{
	if (!scratch.cap)
		thread_keeps(give_back);
	buf_clear(&scratch);
	buf_append_cstr(&scratch, "\"type\":\"");
	buf_append_cstr(&scratch, names[type]);
	buf_append_char(&scratch, '"');
	return &scratch;
}

/* What stands in b from the end of the body on is not part of it. */
static struct hub_event *make(struct buf *b, enum hub_event_type type,
			      size_t body_len)
{
	size_t len = buf_len(b);
	struct hub_event *e = slab_alloc(sizeof *e + len);

	*e = (struct hub_event){.refs = 1,
				.made_ms = clock_ms(),
				.len = (uint32_t)body_len,
				.values_len = (uint32_t)(len - body_len),
				.type = (uint8_t)type};
	memcpy(e + 1, buf_bytes(b), len);
	e->body = (const char *)(e + 1);
	if (b->cap > SCRATCH_KEPT)
		buf_fini(b);
	return e;
}

static struct hub_event *finish(struct buf *b, enum hub_event_type type)
{
	buf_append_char(b, '}');
	return make(b, type, buf_len(b));
}

static void put_string(struct buf *b, const char *name, struct str s)
{
	buf_append_cstr(b, ",\"");
	buf_append_cstr(b, name);
	buf_append_cstr(b, "\":");
	json_write_string(s, b);
}

struct hub_event *hub_event_open(struct str stream)
{
	struct buf *b = begin(HUB_OPEN);

	put_string(b, "stream", stream);
	return finish(b, HUB_OPEN);
}

struct hub_event *hub_event_reopen(struct str stream, bool resumed,
				   uint64_t missed)
{
	struct buf *b = begin(HUB_OPEN);

	put_string(b, "stream", stream);
	buf_append_cstr(b, ",\"resumed\":");
	buf_append_cstr(b, resumed ? "true" : "false");
	buf_append_cstr(b, ",\"missed\":");
	buf_append_u64(b, missed);
	return finish(b, HUB_OPEN);
}

struct hub_event *hub_event_part(struct str job, struct str source,
				 struct str time, struct value data,
				 const struct value *values)
{
	struct buf *b = begin(HUB_PART);

	if (job.len)
		put_string(b, "job", job);
	if (source.len)
		put_string(b, "source", source);
	if (time.len)
		put_string(b, "time", time);
	buf_append_cstr(b, ",\"data\":");

	size_t data_off = buf_len(b);

	json_write(data, b);
	buf_append_char(b, '}');

	size_t len = buf_len(b);

	if (values)
		json_write(*values, b);

	struct hub_event *e = make(b, HUB_PART, len);

	e->data_off = (uint32_t)data_off;
	e->data_len = e->len - 1 - e->data_off;
	return e;
}

struct str hub_event_values(const struct hub_event *e)
{
	if (e->values_len)
		return str_from(e->body + e->len, e->values_len);
	return str_from(e->body + e->data_off, e->data_len);
}

struct hub_event *hub_event_done(struct str job, const char *state,
				 uint64_t parts, int64_t ms)
{
	struct buf *b = begin(HUB_DONE);

	put_string(b, "job", job);
	put_string(b, "state", str_of(state));
	buf_append_cstr(b, ",\"parts\":");
	buf_append_u64(b, parts);
	buf_append_cstr(b, ",\"ms\":");
	buf_append_i64(b, ms);
	return finish(b, HUB_DONE);
}

struct hub_event *hub_event_problem(struct str job, const struct problem *p)
{
	struct buf *b = begin(HUB_ERROR);

	if (job.len)
		put_string(b, "job", job);
	buf_append_cstr(b, ",\"problem\":");
	problem_write(p, b);

	struct hub_event *e = finish(b, HUB_ERROR);

	e->status = (uint16_t)p->status;
	return e;
}

struct hub_event *hub_event_error(struct str job, const struct weir_error *err)
{
	struct problem p = problem_of(err);

	return hub_event_problem(job, &p);
}

struct hub_event *hub_event_interest(struct str name, const char *state,
				     const char *detail)
{
	struct buf *b = begin(HUB_INTEREST);

	put_string(b, "name", name);
	put_string(b, "state", str_of(state));
	if (detail)
		put_string(b, "detail", str_of(detail));
	return finish(b, HUB_INTEREST);
}

static void put_id(struct buf *b, const char *name, struct str stream,
		   uint64_t seq)
{
	buf_printf(b, ",\"%s\":\"%.*s.%llu\"", name, STR_FMT(stream),
		   (unsigned long long)seq);
}

struct hub_event *hub_event_gap(const char *reason, struct str stream,
				uint64_t from, uint64_t to)
{
	struct buf *b = begin(HUB_GAP);

	put_string(b, "reason", str_of(reason));
	put_id(b, "from", stream, from);
	if (to) {
		put_id(b, "to", stream, to);
		buf_append_cstr(b, ",\"count\":");
		buf_append_u64(b, to - from + 1);
	}
	return finish(b, HUB_GAP);
}

struct hub_event *hub_event_dropped(uint64_t count)
{
	struct buf *b = begin(HUB_DROPPED);

	buf_append_cstr(b, ",\"count\":");
	buf_append_u64(b, count);
	return finish(b, HUB_DROPPED);
}

struct hub_event *hub_event_ping(void)
{
	return finish(begin(HUB_PING), HUB_PING);
}

struct hub_event *hub_event_bye(const char *reason, uint32_t retry_ms)
{
	struct buf *b = begin(HUB_BYE);
	struct hub_event *e;

	put_string(b, "reason", str_of(reason));
	if (retry_ms) {
		buf_append_cstr(b, ",\"retry\":");
		buf_append_u64(b, retry_ms);
	}
	e = finish(b, HUB_BYE);
	e->retry_ms = retry_ms;
	return e;
}

/* --- between threads ------------------------------------------------------ */

static size_t own_bytes(const struct hub_event *e)
{
	return e->body == (const char *)(e + 1) ? e->len + e->values_len : 0;
}

void hub_event_unref(struct hub_event *e)
{
	if (!e || --e->refs)
		return;
	hub_event_bytes_unref(e->shared);
	slab_free(e, sizeof *e + own_bytes(e));
}

/* From the common heap, since another thread may be the one that frees it. */
struct hub_event_bytes *hub_event_share(struct hub_event *e)
{
	if (!e->shared) {
		e->shared =
			mem_alloc(sizeof *e->shared + e->len + e->values_len);
		atomic_init(&e->shared->refs, 1);
		e->shared->like = *e;
		memcpy(e->shared->body, e->body, e->len + e->values_len);
	}
	atomic_fetch_add_explicit(&e->shared->refs, 1, memory_order_relaxed);
	return e->shared;
}

struct hub_event *hub_event_of(struct hub_event_bytes *b)
{
	struct hub_event *e = slab_alloc(sizeof *e);

	*e = b->like;
	e->refs = 1;
	e->body = b->body;
	e->shared = b;
	return e;
}

void hub_event_bytes_unref(struct hub_event_bytes *b)
{
	if (b &&
	    atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
		mem_free(b);
}
