/* failure.c - see failure.h. */
#include "client/failure.h"

#include "client/http.h"

#include <ctype.h>
#include <string.h>

/* libcurl's own words, or what it calls the code; in the midst of a line. */
static int in_its_words(struct weir_error *err, int code, const char *asked,
			CURLcode result, const char *said)
{
	const char *text = said[0] ? said : curl_easy_strerror(result);
	char first = text[0];

	if (islower((unsigned char)text[1]))
		first = (char)tolower((unsigned char)first);
	return error_set(err, code, "%s: %c%s", asked, first, text + 1);
}

static int connect_failure(struct weir_error *err, const char *asked,
			   CURLcode result, int os_errno, const char *said)
{
	if (!os_errno)
		return in_its_words(err, WEIR_EREFUSED, asked, result, said);
	return error_sys(err, os_errno, "%s", asked);
}

int client_failure(struct weir_error *err, const char *asked, CURLcode result,
		   int os_errno, const char *said)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return error_set(err, WEIR_ENOTFOUND,
				 "%s: no address of that host is known", asked);
	case CURLE_COULDNT_CONNECT:
		return connect_failure(err, asked, result, os_errno, said);
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, WEIR_ETIMEDOUT,
				 "%s: no connection in time", asked);
	case CURLE_GOT_NOTHING:
		return error_set(err, WEIR_ECLOSED,
				 "%s: connection closed without an answer",
				 asked);
	case CURLE_PARTIAL_FILE:
		return error_set(err, WEIR_ECLOSED,
				 "%s: connection closed before the body was "
				 "complete",
				 asked);
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return error_set(err, WEIR_ECLOSED, "%s: connection broke off",
				 asked);
	case CURLE_TOO_MANY_REDIRECTS:
		return error_set(err, WEIR_EPROTO, "%s: more than %d redirects",
				 asked, CLIENT_REDIRECTS_MAX);
	case CURLE_URL_MALFORMAT:
		return in_its_words(err, WEIR_EINVAL, asked, result, said);
	case CURLE_OUT_OF_MEMORY:
		/* Also what libcurl says to a small body that inflates to
		 * more than it is willing to hold. */
		return error_set(err, WEIR_ETOOBIG,
				 "%s: the response needs too much memory",
				 asked);
	case CURLE_UNSUPPORTED_PROTOCOL: /* a redirect to it, or HTTP/0.9 */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return in_its_words(err, WEIR_EPROTO, asked, result, said);
	default:
		return in_its_words(err, WEIR_EIO, asked, result, said);
	}
}
