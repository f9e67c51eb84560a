/*
 * stream_tls.c - one SSL_CTX for a stream, one SSL for each connection.
 */
#include "bridge/stream_tls.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "bridge/stream.h"

struct stream_tls {
	SSL_CTX *ctx;
	char *name;      /* to be found in the certificate */
	bool is_address; /* it is an IP address */
};

static bool
looks_like_address(const char *name)
{
	unsigned char to[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, to) == 1 ||
	       inet_pton(AF_INET6, name, to) == 1;
}

static const char *
set_up(SSL_CTX *ctx, const struct stream_options *o)
{
	const char *cert = o->tls_certificate, *key = o->tls_key;

	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (o->tls_ca != NULL && o->tls_ca[0] != '\0') {
		if (SSL_CTX_load_verify_locations(ctx, o->tls_ca, NULL) != 1)
			return "tls_ca: cannot be read as PEM certificates";
	} else if (SSL_CTX_set_default_verify_paths(ctx) != 1) {
		return "the system's certificates cannot be read";
	}
	if (cert == NULL || cert[0] == '\0')
		return key != NULL && key[0] != '\0'
		           ? "tls_key goes with a tls_certificate"
		           : NULL;
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return "tls_certificate: cannot be read as PEM";
	if (key == NULL || key[0] == '\0')
		key = cert;
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return "tls_key: cannot be read, or is another "
		       "certificate's";
	return NULL;
}

struct stream_tls *
stream_tls_new(
    const struct stream_options *o, const char *host, const char **why)
{
	const char *name =
	    o->tls_name != NULL && o->tls_name[0] != '\0' ? o->tls_name : host;
	struct stream_tls *t = calloc(1, sizeof(*t));

	*why = "no memory";
	if (t == NULL)
		return NULL;
	t->ctx = SSL_CTX_new(TLS_client_method());
	t->name = strdup(name);
	t->is_address = looks_like_address(name);
	if (t->ctx != NULL && t->name != NULL)
		*why = set_up(t->ctx, o);
	ERR_clear_error(); /* nobody inherits it */
	if (*why != NULL)
		stream_tls_free(&t);
	return t;
}

void
stream_tls_free(struct stream_tls **tls)
{
	struct stream_tls *t = *tls;

	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t->name);
	free(t);
	*tls = NULL;
}

static bool
expect_name(SSL *ssl, const struct stream_tls *t)
{
	if (t->is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), t->name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, t->name) == 1 &&
	       SSL_set_tlsext_host_name(ssl, t->name) == 1;
}

struct bufferevent *
stream_tls_open(struct stream_tls *t, struct event_base *base)
{
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev;

	if (ssl == NULL || !expect_name(ssl, t)) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	bev = bufferevent_openssl_socket_new(base, -1, ssl,
	    BUFFEREVENT_SSL_CONNECTING,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (bev == NULL)
		return NULL; /* it has freed the SSL */
	/* Many switches close TCP without saying so in TLS. */
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void
stream_tls_fault(struct bufferevent *bev, char *out, size_t room)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	unsigned long e, first = 0;
	long verify = SSL_get_verify_result(ssl);
	const char *reason;

	/* All of them, or the next connection inherits what is left. */
	while ((e = bufferevent_get_openssl_error(bev)) != 0)
		if (first == 0)
			first = e;
	ERR_clear_error();
	out[0] = '\0';
	if (verify != X509_V_OK)
		snprintf(out, room, "TLS: its certificate: %s",
		    X509_verify_cert_error_string(verify));
	else if (first != 0)
		snprintf(out, room, "TLS: %s",
		    (reason = ERR_reason_error_string(first)) != NULL
			? reason
			: "failed");
}
