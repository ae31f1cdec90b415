/* template.c - see template.h.
 *
 * A template is a tree like the value it was made of; strings with places are
 * cut into pieces, so that filling in is a walk without parsing.
 */
#include "source/template.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "json/write.h"

#include <string.h>

enum place {
	PLACE_TEXT, /* literal */
	PLACE_NR,
	PLACE_MS,
	PLACE_NOW,
	PLACE_JOB, /* a path into the job */
};

struct piece {
	enum place place;
	char *text; /* ours: the literal, or the name for messages */
	size_t len;
	struct value_path path;
};

enum shape { SHAPE_CONST, SHAPE_STRING, SHAPE_ARRAY, SHAPE_OBJECT };

struct template
{
	enum shape shape;
	enum template_kind kind;
	struct value constant;	/* SHAPE_CONST */
	struct piece *pieces;	/* SHAPE_STRING */
	struct template **kids; /* SHAPE_ARRAY, SHAPE_OBJECT */
	struct value *keys;	/* SHAPE_OBJECT */
	uint32_t n;
};

void template_destroy(struct template *t)
{
	if (!t)
		return;
	value_unref(t->constant);
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->pieces) {
			mem_free(t->pieces[i].text);
			value_path_fini(&t->pieces[i].path);
		}
		if (t->kids)
			template_destroy(t->kids[i]);
		if (t->keys)
			value_unref(t->keys[i]);
	}
	mem_free(t->pieces);
	mem_free(t->kids);
	mem_free(t->keys);
	mem_free(t);
}

/* --- compiling ----------------------------------------------------------- */

static void add_piece(struct template *t, enum place place, struct str text)
{
	struct piece *p;

	t->pieces = mem_realloc(t->pieces, (t->n + 1) * sizeof *t->pieces);
	p = &t->pieces[t->n++];
	*p = (struct piece){.place = place,
			    .text = mem_strndup(text.p, text.len),
			    .len = text.len};
}

static int add_place(struct template *t, struct str name, const char *pointer,
		     struct conf_error *e)
{
	if (str_eq(name, STR("nr"))) {
		add_piece(t, PLACE_NR, name);
	} else if (str_eq(name, STR("ms"))) {
		add_piece(t, PLACE_MS, name);
	} else if (str_eq(name, STR("now"))) {
		add_piece(t, PLACE_NOW, name);
	} else {
		struct weir_error err;

		add_piece(t, PLACE_JOB, name);
		if (!name.len)
			return conf_fail(e, pointer, NULL,
					 "{} names nothing: expected {name} "
					 "(a brace itself is {{)");
		if (value_path_parse(&t->pieces[t->n - 1].path, name, &err) < 0)
			return conf_fail(e, pointer, NULL, "{%.*s}: %s",
					 STR_FMT(name), err.message);
	}
	return 0;
}

static int compile_string(struct template *t, struct str s, const char *pointer,
			  struct conf_error *e)
{
	struct buf literal = {0};
	int rc = 0;

	for (size_t i = 0; i < s.len && rc == 0; i++) {
		const char *end;

		if (s.p[i] != '{' || (i + 1 < s.len && s.p[i + 1] == '{')) {
			i += s.p[i] == '{'; /* {{ is one brace */
			buf_append_char(&literal, s.p[i]);
			continue;
		}
		end = memchr(s.p + i, '}', s.len - i);
		if (!end) {
			rc = conf_fail(e, pointer, NULL,
				       "'{' is not closed in \"%.*s\" (a brace "
				       "itself is {{)",
				       STR_FMT(s));
			break;
		}
		if (buf_len(&literal))
			add_piece(t, PLACE_TEXT, buf_str(&literal));
		buf_clear(&literal);

		struct str name =
			str_from(s.p + i + 1, (size_t)(end - s.p) - i - 1);

		rc = add_place(t, name, pointer, e);
		i += name.len + 1;
	}
	if (buf_len(&literal) && rc == 0)
		add_piece(t, PLACE_TEXT, buf_str(&literal));
	buf_fini(&literal);
	return rc;
}

static int compile(struct template *t, struct value v, const char *pointer,
		   struct conf_error *e)
{
	const struct value *nodes = value_nodes(v);
	uint32_t n = value_len(v);

	switch (value_type(v)) {
	case VALUE_STRING:
		if (!memchr(value_str(v).p, '{', v.len))
			break;
		t->shape = SHAPE_STRING;
		return compile_string(t, value_str(v), pointer, e);
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		t->shape = value_type(v) == VALUE_ARRAY ? SHAPE_ARRAY
							: SHAPE_OBJECT;
		t->kids = mem_zalloc((n + 1) * sizeof *t->kids);
		if (t->shape == SHAPE_OBJECT)
			t->keys = mem_zalloc((n + 1) * sizeof *t->keys);
		for (uint32_t i = 0; i < n; i++) {
			bool object = t->shape == SHAPE_OBJECT;

			if (object)
				t->keys[i] = value_ref(nodes[2 * i]);
			t->n = i + 1;
			t->kids[i] =
				template_create(nodes[object ? 2 * i + 1 : i],
						t->kind, pointer, e);
			if (!t->kids[i])
				return WEIR_EINVAL;
		}
		return 0;
	default:
		break;
	}
	t->shape = SHAPE_CONST;
	t->constant = value_ref(v);
	return 0;
}

struct template *template_create(struct value v, enum template_kind kind,
				 const char *pointer, struct conf_error *e)
{
	struct template *t = mem_zalloc(sizeof *t);

	t->kind = kind;
	if (compile(t, v, pointer, e) < 0) {
		template_destroy(t);
		return NULL;
	}
	return t;
}

/* --- filling in ------------------------------------------------------------
 */

static struct value place_value(const struct piece *p,
				const struct template_scope *scope)
{
	char now[CLOCK_RFC3339_LEN + 1];
	struct value v;

	switch (p->place) {
	case PLACE_NR:
		return value_int(scope->nr);
	case PLACE_MS:
		return value_int(scope->ms);
	case PLACE_NOW:
		clock_format_rfc3339(clock_wall_ms(), now);
		return value_cstr(now);
	case PLACE_JOB:
		if (value_path_find(&p->path, scope->job, &v))
			return value_ref(v);
		return value_null();
	case PLACE_TEXT:
		break;
	}
	return value_string(str_from(p->text, p->len));
}

static bool unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
	       c == '~';
}

static void put_encoded(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (unreserved(s.p[i])) {
			buf_append_char(out, s.p[i]);
			continue;
		}
		buf_append_char(out, '%');
		buf_append_char(out, hex[c >> 4]);
		buf_append_char(out, hex[c & 15]);
	}
}

/* Text as it is meant: strings without quotes, null as nothing. */
static struct str plain_text(struct value v, struct buf *scratch)
{
	buf_clear(scratch);
	if (value_type(v) == VALUE_STRING)
		return value_str(v);
	if (value_type(v) != VALUE_NULL)
		json_write(v, scratch);
	return buf_str(scratch);
}

/* A step of a path that would lead elsewhere. */
static bool is_dots(struct str s)
{
	return str_eq(s, STR(".")) || str_eq(s, STR(".."));
}

static int put_filled(enum template_kind kind, const struct piece *p,
		      struct value v, struct buf *out, struct weir_error *err)
{
	struct buf scratch = {0};
	struct str s = plain_text(v, &scratch);
	int rc = 0;

	if (kind == TEMPLATE_VALUE) {
		buf_append_str(out, s);
	} else if (!s.len) {
		rc = error_set(err, WEIR_EINVAL, "the job has no '%.*s'",
			       (int)p->len, p->text);
	} else if (kind == TEMPLATE_URL) {
		/* Dots cannot be encoded away: who reads a URL takes %2E for a
		 * dot. In a query they mean nothing. */
		if (is_dots(s) && !memchr(buf_bytes(out), '?', buf_len(out)))
			rc = error_set(err, WEIR_EINVAL,
				       "'%.*s' of the job must be a name, not "
				       "'%.*s'",
				       (int)p->len, p->text, STR_FMT(s));
		else
			put_encoded(out, s);
	} else if (memchr(s.p, '/', s.len) || memchr(s.p, '\0', s.len) ||
		   is_dots(s)) {
		rc = error_set(err, WEIR_EINVAL,
			       "'%.*s' of the job must be a plain file name",
			       (int)p->len, p->text);
	} else {
		buf_append_str(out, s);
	}
	buf_fini(&scratch);
	return rc;
}

static int fill_string(const struct template *t,
		       const struct template_scope *scope, struct buf *out,
		       struct weir_error *err)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];
		struct value v;
		int rc;

		if (p->place == PLACE_TEXT) {
			buf_append(out, p->text, p->len);
			continue;
		}
		if (p->place == PLACE_NR || p->place == PLACE_MS) {
			buf_append_i64(out, p->place == PLACE_NR ? scope->nr
								 : scope->ms);
			continue;
		}
		v = place_value(p, scope);
		rc = put_filled(t->kind, p, v, out, err);
		value_unref(v);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Parts come by the thousand: the text of a part is put together in memory that
 * is kept. */
static _Thread_local struct buf kept;

static void give_back(void)
{
	buf_fini(&kept);
}

static struct value string_value(const struct template *t,
				 const struct template_scope *scope)
{
	struct value v;

	if (t->n == 1 && t->pieces[0].place != PLACE_TEXT)
		return place_value(&t->pieces[0], scope);
	if (!kept.cap)
		thread_keeps(give_back);
	buf_clear(&kept);
	fill_string(t, scope, &kept, NULL);
	v = value_string(buf_str(&kept));
	if (kept.cap > 65536)
		buf_fini(&kept);
	return v;
}

struct value template_value(const struct template *t,
			    const struct template_scope *scope)
{
	struct value few[32];
	struct value *many = few;
	struct value v;
	bool object = t->shape == SHAPE_OBJECT;

	switch (t->shape) {
	case SHAPE_CONST:
		return value_ref(t->constant);
	case SHAPE_STRING:
		return string_value(t, scope);
	case SHAPE_ARRAY:
	case SHAPE_OBJECT:
		break;
	}
	if (t->n * 2 > ARRAY_LEN(few))
		many = mem_alloc(t->n * 2 * sizeof *many);
	for (uint32_t i = 0; i < t->n; i++) {
		struct value kid = template_value(t->kids[i], scope);

		if (object) {
			many[2 * i] = value_ref(t->keys[i]);
			many[2 * i + 1] = kid;
		} else {
			many[i] = kid;
		}
	}
	v = object ? value_object(many, t->n) : value_array(many, t->n);
	if (many != few)
		mem_free(many);
	return v;
}

int template_text(const struct template *t, const struct template_scope *scope,
		  struct buf *out, struct weir_error *err)
{
	if (t->shape == SHAPE_STRING)
		return fill_string(t, scope, out, err);

	struct buf scratch = {0};
	struct value v = template_value(t, scope);

	buf_append_str(out, plain_text(v, &scratch));
	buf_fini(&scratch);
	value_unref(v);
	return 0;
}
