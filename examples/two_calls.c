/* two_calls.c - a weir server with a source written in C.
 *
 *     two_calls examples/two_calls.yaml
 *     curl -N 'localhost:8080/both/7?base=http://127.0.0.1:8080'
 *
 * The handler asks one address, then another, then hands out what both said: as
 * straight code, without a callback. While it waits the same thread serves
 * everybody else.
 */
#include <weir/weir.h>

#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 10000

static int two_calls(struct weir_job *job, void *arg)
{
	const char *base = weir_job_get(job, ".base");
	const char *id = weir_job_get(job, ".id_asked");
	struct weir_response first;
	struct weir_response second;
	char url[512];
	char part[4096];
	int n;
	int rc;

	if (!base || !id)
		return weir_fail(job, WEIR_EINVAL,
				 "the job needs base and id_asked");
	snprintf(url, sizeof url, "%s/item?id=%s&dt=0.2", base, id);
	rc = weir_http_get(job, url, TIMEOUT_MS, &first);
	if (rc < 0)
		return rc;
	snprintf(url, sizeof url, "%s/json?after=%s", base, id);
	rc = weir_http_get(job, url, TIMEOUT_MS, &second);
	if (rc < 0) {
		weir_response_free(&first);
		return rc;
	}
	n = snprintf(part, sizeof part, "{\"first\":%.*s,\"second\":%.*s}",
		     (int)strcspn(first.body, "\n"), first.body,
		     (int)strcspn(second.body, "\n"), second.body);
	weir_response_free(&first);
	weir_response_free(&second);
	if (n < 0 || (size_t)n >= sizeof part)
		return weir_fail(job, WEIR_ETOOBIG, "the answers are too long");
	return weir_emit(job, part, (size_t)n);
}

int main(int argc, char **argv)
{
	char report[1024];
	struct weir *w;
	int rc;

	if (argc != 2) {
		fprintf(stderr, "two_calls FILE\n");
		return 2;
	}
	w = weir_open(argv[1], report, sizeof report);
	if (!w) {
		fputs(report, stderr);
		return 1;
	}
	weir_handle(w, "both", two_calls, NULL);
	rc = weir_run(w, report, sizeof report);
	if (rc < 0)
		fprintf(stderr, "two_calls: %s\n", report);
	weir_close(w);
	return rc < 0;
}
