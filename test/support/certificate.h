/*
 * certificate.h - a TLS server's certificate of the test's own making.
 */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include <openssl/ssl.h>

/* For `name' (`DNS:peer.test', `IP:127.0.0.1'), signed by itself, with its key
 * in `pem'; free with SSL_CTX_free(). */
SSL_CTX *certificate_new(const char *name, const char *pem);

#endif
