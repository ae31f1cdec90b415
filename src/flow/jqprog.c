/* jqprog.c - see jqprog.h.
 *
 * libjq binds a variable when it compiles, ours change with each item. So a
 * program that uses some gets them with its input:
 *
 *     $acc + .n    ->   .[1] as $acc | .[0] | $acc + .n
 *                       on [item, acc, index, key]
 *
 * All on the first line, so jq's line numbers stay those of the text.
 */
#include "flow/jqprog.h"

#include "base/map.h"
#include "base/mem.h"
#include "flow/jqvalue.h"
#include "flow/program.h"

#include <jq.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jqprog {
	uint32_t refs;
	struct buf key; /* what map borrows: vars and text */
	unsigned vars;
	jq_state *jq;
};

static _Thread_local struct map programs;

/* --- SIGFPE -------------------------------------------------------------- */

/* libjq 1.6 computes `a % b` in 64 bits unchecked, and -2^63 % -1 is a trap
 * of the processor: numbers in a client's item would end the server. So we jump
 * out of it; the next jq_start resets the state. What libjq held in its local
 * variables at that moment (a few values of that item) is lost. */
static _Thread_local sigjmp_buf *guard;

static void on_fpe(int signum)
{
	if (guard)
		siglongjmp(*guard, 1);
	signal(signum, SIG_DFL);
	raise(signum);
}

static void guard_install(void)
{
	struct sigaction sa = {.sa_handler = on_fpe, .sa_flags = SA_NODEFER};

	sigaction(SIGFPE, &sa, NULL);
}

/* --- compiling ----------------------------------------------------------- */

struct complaint {
	char message[WEIR_ERROR_MESSAGE_MAX];
	uint32_t line;
	bool any;
};

static void cut_at(char *s, const char *what)
{
	char *hit = strstr(s, what);

	if (hit)
		*hit = '\0';
}

/* "jq: error: MESSAGE at <top-level>, line 1:\nTEXT": the first one counts. */
static void on_complaint(void *arg, jv msg)
{
	struct complaint *c = arg;

	if (!c->any && jv_get_kind(msg) == JV_KIND_STRING) {
		const char *text = jv_string_value(msg);
		const char *line = strstr(text, ">, line ");

		if (!strncmp(text, "jq: ", 4))
			text += 4;
		if (!strncmp(text, "error: ", 7))
			text += 7;
		snprintf(c->message, sizeof c->message, "%s", text);
		cut_at(c->message, " (Unix shell quoting issues?)");
		cut_at(c->message, " at <");
		cut_at(c->message, "\n");
		if (line)
			c->line = (uint32_t)atoi(line + 8);
		c->any = true;
	}
	jv_free(msg);
}

static jq_state *compile(const char *source, struct complaint *c)
{
	jq_state *jq = jq_init();

	if (!jq) {
		snprintf(c->message, sizeof c->message, "out of memory");
		return NULL;
	}
	jq_set_error_cb(jq, on_complaint, c);
	if (!jq_compile(jq, source)) {
		jq_teardown(&jq);
		return NULL;
	}
	jq_set_error_cb(jq, NULL, NULL);
	return jq;
}

/* A textual look is enough: one too many does no harm. */
static bool mentions(struct str text, const char *name)
{
	return memmem(text.p, text.len, name, strlen(name)) != NULL;
}

/* What libjq compiles, NUL-terminated. */
static void write_source(const struct jqprog *p, struct str text,
			 struct buf *source)
{
	if (p->vars & VAR_ACC)
		buf_append_cstr(source, ".[1] as $acc | ");
	if (p->vars & VAR_INDEX)
		buf_append_cstr(source, ".[2] as $index | ");
	if (p->vars & VAR_KEY)
		buf_append_cstr(source, ".[3] as $key | ");
	if (p->vars)
		buf_append_cstr(source, ".[0] | ");
	buf_append_str(source, text);
	buf_append_char(source, '\0');
}

static size_t line_offset(struct str text, uint32_t line)
{
	size_t i = 0;

	while (line > 1 && i < text.len)
		if (text.p[i++] == '\n')
			line--;
	return line > 1 ? 0 : i;
}

static void destroy(struct jqprog *p)
{
	if (p->jq)
		jq_teardown(&p->jq);
	buf_fini(&p->key);
	mem_free(p);
}

int jqprog_open(struct str text, unsigned vars, struct jqprog **out,
		struct weir_error *err)
{
	struct complaint c = {0};
	struct buf source = {0};
	struct jqprog *p = mem_zalloc(sizeof *p);
	struct jqprog *known;

	p->refs = 1;
	if (mentions(text, "$acc"))
		p->vars |= vars & VAR_ACC;
	if (mentions(text, "$index"))
		p->vars |= vars & VAR_INDEX;
	if (mentions(text, "$key"))
		p->vars |= vars & VAR_KEY;
	buf_append_char(&p->key, (char)('0' + p->vars));
	buf_append_str(&p->key, text);
	known = map_get(&programs, buf_str(&p->key));
	if (known) {
		destroy(p);
		known->refs++;
		*out = known;
		return 0;
	}
	if (mentions(text, "%"))
		guard_install();
	write_source(p, text, &source);
	p->jq = compile(buf_bytes(&source), &c);
	buf_fini(&source);
	if (!p->jq) {
		destroy(p);
		error_set(err, WEIR_EINVAL, "jq: %s", c.message);
		if (err)
			err->offset = line_offset(text, c.line);
		return WEIR_EINVAL;
	}
	map_put(&programs, buf_str(&p->key), p);
	*out = p;
	return 0;
}

void jqprog_close(struct jqprog *p)
{
	if (!p || --p->refs)
		return;
	map_remove(&programs, buf_str(&p->key));
	if (!programs.len)
		map_fini(&programs);
	destroy(p);
}

unsigned jqprog_vars(const struct jqprog *p)
{
	return p->vars;
}

/* --- running ------------------------------------------------------------- */

static jv input_of(const struct jqprog *p, struct value item,
		   const struct rx_vars *vars)
{
	jv in = jv_from_value(item);

	if (!p->vars)
		return in;
	in = JV_ARRAY(in, jv_from_value(vars->acc),
		      jv_number((double)vars->index), jv_from_value(vars->key));
	return in;
}

/* The first output; false when libjq trapped. */
static bool run_guarded(jq_state *jq, jv in, jv *out)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0)) {
		guard = NULL;
		return false;
	}
	guard = &here;
	jq_start(jq, in, 0);
	*out = jq_next(jq);
	guard = NULL;
	return true;
}

/* Takes what jq_next gave in place of a value. */
static int failure(struct jqprog *p, jv bad, struct weir_error *err)
{
	jv msg;
	int rc;

	if (jq_halted(p->jq)) {
		jv_free(bad);
		return error_set(err, WEIR_EITEM, "the program halted");
	}
	if (!jv_invalid_has_msg(jv_copy(bad))) {
		jv_free(bad);
		return NATIVE_EMPTY;
	}
	msg = jv_invalid_get_msg(bad);
	if (jv_get_kind(msg) != JV_KIND_STRING)
		msg = jv_dump_string(msg, 0);
	rc = error_set(err, WEIR_EITEM, "%s", jv_string_value(msg));
	jv_free(msg);
	return rc;
}

int jqprog_run(struct jqprog *p, struct value item, const struct rx_vars *vars,
	       struct value *out, struct weir_error *err)
{
	jv result;

	if (!run_guarded(p->jq, input_of(p, item, vars), &result))
		return error_set(err, WEIR_EITEM,
				 "an arithmetic overflow in the program");
	if (!jv_is_valid(result))
		return failure(p, result, err);
	return jv_to_value(result, out, err);
}
