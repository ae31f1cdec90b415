/* cond.c - conditions: from text or JSON to something that can be asked. */
#include "cond/cond.h"

#include "base/mem.h"
#include "cond/grammar.h"
#include "cond/program.h"
#include "json/parse.h"
#include "json/write.h"

const struct cond_rules cond_rules_operator = {
	.text_max = 64 * 1024,
	.depth_max = 256,
	.atoms_max = 8192,
	.regex_max = 4096,
	.regex_states = 2000,
};

const struct cond_rules cond_rules_client = {
	.text_max = 8 * 1024,
	.depth_max = 16,
	.atoms_max = 64,
	.regex_max = 256,
	.regex_states = 256,
};

struct cond {
	uint32_t refs;
	struct cond_node *root;	      /* ours */
	struct cond_program *program; /* ours; NULL: nobody has asked yet */
};

static int too_long(const struct cond_rules *rules, struct weir_error *err)
{
	return error_set(err, WEIR_ETOOBIG, "a condition has at most %u bytes",
			 rules->text_max);
}

static int finish(struct cond_tokens *t, const struct cond_rules *rules,
		  struct cond **out)
{
	struct cond_node *root;
	int rc = cond_grammar_read(t, rules, &root);

	cond_tokens_fini(t);
	if (rc < 0)
		return rc;
	if (!rules->as_written)
		root = cond_canon(root);
	*out = slab_alloc(sizeof **out);
	**out = (struct cond){.refs = 1, .root = root};
	return 0;
}

static int parse_list(struct value v, const struct cond_rules *rules,
		      struct cond **out, struct weir_error *err)
{
	struct cond_tokens t;

	cond_tokens_of_value(&t, v, err);
	return finish(&t, rules, out);
}

/* A text that is a JSON array is the structured form. */
static bool is_json_array(struct str text, struct value *v)
{
	struct str trimmed = str_trim(text);

	if (!trimmed.len || trimmed.p[0] != '[')
		return false;
	return json_parse(trimmed, v, NULL) == 0;
}

int cond_parse(struct str text, const struct cond_rules *rules,
	       struct cond **out, struct weir_error *err)
{
	size_t valid = str_utf8_valid(text);
	struct cond_tokens t;
	struct value v;
	int rc;

	*out = NULL;
	rules = rules ? rules : &cond_rules_operator;
	if (text.len > rules->text_max)
		return too_long(rules, err);
	if (valid < text.len)
		return error_at(err, WEIR_EINVAL, text.p, text.len, valid,
				"this is not valid UTF-8");
	if (is_json_array(text, &v)) {
		rc = parse_list(v, rules, out, err);
		value_unref(v);
		return rc;
	}
	cond_tokens_of_text(&t, text, err);
	return finish(&t, rules, out);
}

int cond_parse_value(struct value v, const struct cond_rules *rules,
		     struct cond **out, struct weir_error *err)
{
	*out = NULL;
	rules = rules ? rules : &cond_rules_operator;
	if (value_type(v) == VALUE_STRING)
		return cond_parse(value_str(v), rules, out, err);
	if (value_type(v) != VALUE_ARRAY)
		return error_set(err, WEIR_EINVAL,
				 "a condition is a string or an array, not "
				 "this %s",
				 value_type_name(v));
	if (json_size(v) > rules->text_max)
		return too_long(rules, err);
	return parse_list(v, rules, out, err);
}

struct cond *cond_ref(struct cond *c)
{
	c->refs++;
	return c;
}

void cond_unref(struct cond *c)
{
	if (!c || --c->refs)
		return;
	cond_program_destroy(c->program);
	cond_node_destroy(c->root);
	slab_free(c, sizeof *c);
}

/* Made when it is first asked: an index of interests asks few of its million
 * conditions. */
static const struct cond_program *program_of(const struct cond *c)
{
	if (UNLIKELY(!c->program))
		((struct cond *)c)->program = cond_program_compile(c->root);
	return c->program;
}

bool cond_eval(const struct cond *c, struct value v,
	       const struct cond_meta *meta)
{
	return cond_program_eval(program_of(c), v, meta);
}

bool cond_eval_leaves(const struct cond *c, const struct json_leaves *l,
		      const struct cond_meta *meta)
{
	return cond_program_eval_leaves(program_of(c), l, meta);
}

const struct cond_node *cond_root(const struct cond *c)
{
	return c->root;
}

uint64_t cond_hash(const struct cond *c)
{
	return c->root->hash;
}

bool cond_same(const struct cond *a, const struct cond *b)
{
	return cond_node_same(a->root, b->root);
}
