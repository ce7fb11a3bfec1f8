#ifndef CPS_COPENSSL_SHIM_H
#define CPS_COPENSSL_SHIM_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
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

static inline void shim_free(void *pointer) { OPENSSL_free(pointer); }

#endif
