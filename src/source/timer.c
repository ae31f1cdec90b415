/* timer.c - parts by the clock.
 *
 *     {kind: timer, every: 1s, count: 3, data: {nr: "{nr}", dt: "{ms}"}}
 *     {kind: timer, every: 1s, read: /proc/loadavg, columns: [m1, m5, m15]}
 *
 * The first part comes after one period; the others at whole periods from the
 * start, so that nothing drifts. `every` and `count` may have places that the
 * job fills in. With `read`, each part is what the file says at that moment:
 * its text, or with `columns` the words of its first line by name.
 */
#include "base/mem.h"
#include "fiber/fiber.h"
#include "source/source.h"
#include "source/template.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_MAX 65536

struct timer_conf {
	struct value every;
	struct value count;
	struct value data;
	struct value columns;
	char *read;
};

struct timer_source {
	struct source s;
	struct timer_conf conf;
	struct template *every;
	struct template *count; /* NULL: for ever */
	struct template *data;	/* NULL: {"nr","ms"}, or the file */
};

static const struct conf_field fields[] = {
	{"every", CONF_VALUE, offsetof(struct timer_conf, every),
	 .required = true},
	{"count", CONF_VALUE, offsetof(struct timer_conf, count)},
	{"data", CONF_VALUE, offsetof(struct timer_conf, data)},
	{"read", CONF_STRING, offsetof(struct timer_conf, read)},
	{"columns", CONF_LIST, offsetof(struct timer_conf, columns)},
	{0},
};

static struct timer_source *timer_of(struct source *s)
{
	return CONTAINER_OF(s, struct timer_source, s);
}

static void destroy(struct source *s)
{
	struct timer_source *t = timer_of(s);

	conf_free(fields, &t->conf);
	template_destroy(t->every);
	template_destroy(t->count);
	template_destroy(t->data);
}

/* A duration that is wrong whatever the job says is found at once. */
static int check_every(struct timer_source *t, const char *pointer,
		       struct conf_error *e)
{
	int64_t ms;
	struct str s = value_str(t->conf.every);

	if (s.len && memchr(s.p, '{', s.len))
		return 0;
	if (!s.len || str_to_duration_ms(s, &ms) < 0)
		return conf_fail(e, pointer, "every",
				 "every needs a duration with a unit: 100ms, "
				 "1.5s, or \"{dt}ms\"");
	return 0;
}

static int configure(struct source *s, struct value conf, const char *pointer,
		     struct conf_error *e)
{
	struct timer_source *t = timer_of(s);
	char at[CONF_POINTER_MAX];
	int rc = conf_read(conf, pointer, fields, &t->conf, e);

	if (rc == 0)
		rc = check_every(t, pointer, e);
	if (rc < 0)
		return rc;
	if (t->conf.read && value_type(t->conf.data) != VALUE_NULL)
		return conf_fail(e, pointer, "data",
				 "data and read exclude each other");
	if (value_len(t->conf.columns) && !t->conf.read)
		return conf_fail(e, pointer, "columns",
				 "columns are those of the file to read: read "
				 "is missing");
	for (uint32_t i = 0; i < value_len(t->conf.columns); i++)
		if (value_type(value_nodes(t->conf.columns)[i]) != VALUE_STRING)
			return conf_fail(e, pointer, "columns",
					 "columns are names");
	t->every = template_create(t->conf.every, TEMPLATE_VALUE,
				   conf_pointer(at, pointer, STR("every")), e);
	if (!t->every)
		return WEIR_EINVAL;
	if (value_type(t->conf.count) != VALUE_NULL) {
		t->count =
			template_create(t->conf.count, TEMPLATE_VALUE,
					conf_pointer(at, pointer, STR("count")),
					e);
		if (!t->count)
			return WEIR_EINVAL;
	}
	if (value_type(t->conf.data) != VALUE_NULL) {
		t->data =
			template_create(t->conf.data, TEMPLATE_VALUE,
					conf_pointer(at, pointer, STR("data")),
					e);
		if (!t->data)
			return WEIR_EINVAL;
	}
	return 0;
}

static int read_every(struct timer_source *t, struct template_scope *scope,
		      int64_t *ms_out, struct weir_error *err)
{
	struct value v = template_value(t->every, scope);
	int rc = str_to_duration_ms(value_str(v), ms_out);

	if (rc < 0)
		error_set(err, rc,
			  "'%.*s' is no duration: expected one like 100ms",
			  STR_FMT(value_str(v)));
	value_unref(v);
	return rc;
}

static int read_count(struct timer_source *t, struct template_scope *scope,
		      int64_t *n_out, struct weir_error *err)
{
	struct value v;
	int rc = 0;

	*n_out = INT64_MAX;
	if (!t->count)
		return 0;
	v = template_value(t->count, scope);
	if (value_type(v) == VALUE_STRING)
		rc = str_to_i64(value_str(v), n_out);
	else if (value_type(v) != VALUE_NULL && !value_to_i64(v, n_out))
		rc = WEIR_EINVAL;
	if (rc == 0 && *n_out < 0)
		rc = WEIR_EINVAL;
	if (rc < 0)
		error_set(err, rc, "count must be a whole number from 0");
	value_unref(v);
	return rc;
}

/* --- the file ----------------------------------------------------------------
 */

static struct value number_or_string(struct str s)
{
	int64_t i;
	double d;

	if (str_to_i64(s, &i) == 0)
		return value_int(i);
	if (str_to_double(s, &d) == 0)
		return value_double(d);
	return value_string(s);
}

static struct value by_column(struct value columns, struct str text)
{
	struct value *pairs = mem_alloc(2 * value_len(columns) * sizeof *pairs);
	struct str rest = text;
	struct str line = str_cut(&rest, '\n');
	uint32_t n = 0;

	while (n < value_len(columns)) {
		line = str_trim(line);
		if (!line.len)
			break;

		size_t len = 0;

		while (len < line.len && line.p[len] != ' ' &&
		       line.p[len] != '\t')
			len++;
		pairs[2 * n] = value_ref(value_nodes(columns)[n]);
		pairs[2 * n + 1] = number_or_string(str_from(line.p, len));
		n++;
		line = str_from(line.p + len, line.len - len);
	}

	struct value v = value_object(pairs, n);

	mem_free(pairs);
	return v;
}

static int read_file(struct timer_source *t, struct value *out,
		     struct weir_error *err)
{
	char *text = mem_alloc(READ_MAX);
	int fd = open(t->conf.read, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, READ_MAX);
	int rc = n < 0 ? error_from_errno(errno) : 0;

	if (fd >= 0)
		close(fd);
	if (rc < 0) {
		error_set(err, rc, "%s: %s", t->conf.read, weir_strerror(rc));
	} else if (value_len(t->conf.columns)) {
		*out = by_column(t->conf.columns, str_from(text, (size_t)n));
	} else {
		struct str s = str_trim(str_from(text, (size_t)n));
		struct value pair[2];

		s.len = str_utf8_valid(s);
		pair[0] = value_cstr("text");
		pair[1] = value_string(s);
		*out = value_object(pair, 1);
	}
	mem_free(text);
	return rc;
}

/* --- a run
 * --------------------------------------------------------------------- */

static int make_part(struct timer_source *t, struct template_scope *scope,
		     struct value *out, struct weir_error *err)
{
	if (t->conf.read)
		return read_file(t, out, err);
	if (t->data) {
		*out = template_value(t->data, scope);
		return 0;
	}

	struct value pairs[4] = {value_cstr("nr"), value_int(scope->nr),
				 value_cstr("ms"), value_int(scope->ms)};

	*out = value_object(pairs, 2);
	return 0;
}

static int run(struct source *s, struct source_run *r, struct weir_error *err)
{
	struct timer_source *t = timer_of(s);
	struct template_scope scope = {.job = source_run_job(r, 0)};
	int64_t due = loop_now_ms(fiber_loop());
	int64_t every;
	int64_t count;
	int rc = read_every(t, &scope, &every, err);

	if (rc == 0)
		rc = read_count(t, &scope, &count, err);
	if (rc == 0 && every == 0 && count == INT64_MAX)
		rc = error_set(err, WEIR_EINVAL,
			       "a period of 0 ms needs a count");
	for (; rc == 0 && scope.nr < count; scope.nr++) {
		struct value part;

		due += every;
		if (every)
			rc = fiber_sleep_until(due);
		if (rc < 0)
			break;
		scope.ms = source_run_ms(r, 0);
		rc = make_part(t, &scope, &part, err);
		if (rc == 0)
			rc = source_emit(r, 0, part);
	}
	return rc;
}

const struct source_ops source_timer = {
	.kind = "timer",
	.bytes = sizeof(struct timer_source),
	.configure = configure,
	.run = run,
	.destroy = destroy,
};
