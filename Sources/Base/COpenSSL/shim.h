#ifndef CPS_COPENSSL_SHIM_H
#define CPS_COPENSSL_SHIM_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// The stack macros do not import into Swift; these are the few that are used.
static inline STACK_OF(X509) *shim_certificates_new(void) { return sk_X509_new_null(); }
static inline int shim_certificates_push(STACK_OF(X509) *stack, X509 *certificate) { return sk_X509_push(stack, certificate); }
static inline int shim_certificates_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *shim_certificates_at(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
/// Frees the stack, not the certificates in it.
static inline void shim_certificates_free(STACK_OF(X509) *stack) { sk_X509_free(stack); }

// Resuming a hash from a chaining value is what a card does with a partial hash; only the older interface of OpenSSL can.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// SHA-1 continued from `state` (five words) after `bits` bits, over the last bytes; 1 when `digest` (20 bytes) was written.
static inline int shim_sha1_resume(const unsigned int *state, unsigned long long bits, const unsigned char *last, size_t count, unsigned char *digest) {
    SHA_CTX context;
    if (SHA1_Init(&context) != 1) return 0;
    context.h0 = state[0];
    context.h1 = state[1];
    context.h2 = state[2];
    context.h3 = state[3];
    context.h4 = state[4];
    context.Nl = (unsigned int)bits;
    context.Nh = (unsigned int)(bits >> 32);
    return SHA1_Update(&context, last, count) == 1 && SHA1_Final(digest, &context) == 1;
}

/// SHA-256 continued from `state` (eight words) after `bits` bits, over the last bytes; 1 when `digest` (32 bytes) was written.
static inline int shim_sha256_resume(const unsigned int *state, unsigned long long bits, const unsigned char *last, size_t count, unsigned char *digest) {
    SHA256_CTX context;
    if (SHA256_Init(&context) != 1) return 0;
    for (int index = 0; index < 8; index++) context.h[index] = state[index];
    context.Nl = (unsigned int)bits;
    context.Nh = (unsigned int)(bits >> 32);
    return SHA256_Update(&context, last, count) == 1 && SHA256_Final(digest, &context) == 1;
}

/// SHA-256 taken on from `state` (eight words) over whole blocks of 64 bytes; `state` is then what they led to.
static inline void shim_sha256_advance(unsigned int *state, const unsigned char *blocks, size_t count) {
    SHA256_CTX context;
    SHA256_Init(&context);
    for (int index = 0; index < 8; index++) context.h[index] = state[index];
    SHA256_Update(&context, blocks, count);
    for (int index = 0; index < 8; index++) state[index] = context.h[index];
}

#pragma GCC diagnostic pop

static inline void shim_free(void *pointer) { OPENSSL_free(pointer); }

#endif
