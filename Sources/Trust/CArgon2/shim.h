#ifndef CPS_CARGON2_SHIM_H
#define CPS_CARGON2_SHIM_H

#include <argon2.h>
#include <string.h>

/// Argon2id of version 1.3 with a secret key and associated data (RFC 9106 §3.1) on the calling thread; 0, or an error code of argon2.h.
static inline int shim_argon2id(
    uint32_t passes, uint32_t kibibytes, uint32_t lanes, const void *password, uint32_t password_size, const void *salt,
    uint32_t salt_size, const void *key, uint32_t key_size, const void *data, uint32_t data_size, void *tag, uint32_t tag_size) {
    argon2_context context;
    memset(&context, 0, sizeof context);
    context.out = (uint8_t *)tag;
    context.outlen = tag_size;
    context.pwd = (uint8_t *)password;
    context.pwdlen = password_size;
    context.salt = (uint8_t *)salt;
    context.saltlen = salt_size;
    context.secret = (uint8_t *)key;
    context.secretlen = key_size;
    context.ad = (uint8_t *)data;
    context.adlen = data_size;
    context.t_cost = passes;
    context.m_cost = kibibytes;
    context.lanes = lanes;
    context.threads = 1;
    context.version = ARGON2_VERSION_13;
    return argon2_ctx(&context, Argon2_id);
}

#endif
