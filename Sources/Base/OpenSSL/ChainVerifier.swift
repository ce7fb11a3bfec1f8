internal import COpenSSL

/// Builds and checks the way from a certificate to an anchor (RFC 5280 §6), with the strict rules and security level 2 of OpenSSL:
/// keys and signature digests of at least 112 bits of strength.
///
/// Revocation is not looked at here. Of several faults the one that OpenSSL meets first is told.
package final class ChainVerifier: @unchecked Sendable {
    // Sendable: store and stack are filled before `init` returns and only read afterwards; OpenSSL guards its store with a lock.
    private let store: OpaquePointer
    private let intermediates: OpaquePointer
    /// Keeps the certificates of the stack alive.
    private let held: [Certificate]

    /// Longest chain accepted, leaf and anchor not counted.
    private static let depth: Int32 = 4

    package init(anchors: [Certificate], intermediates: [Certificate]) throws(OpenSSLError) {
        guard let store = X509_STORE_new() else { throw .last("make trust store") }
        guard let stack = shim_certificates_new() else {
            X509_STORE_free(store)
            throw .last("make trust store")
        }
        self.store = store
        self.intermediates = stack
        held = intermediates
        for anchor in anchors {
            guard X509_STORE_add_cert(store, anchor.pointer) == 1 else { throw .last("add anchor") }
        }
        for certificate in intermediates {
            guard shim_certificates_push(stack, certificate.pointer) > 0 else { throw .last("add intermediate") }
        }
    }

    deinit {
        shim_certificates_free(intermediates)
        X509_STORE_free(store)
    }

    /// Why there is no good chain.
    package enum Failure: Error, Hashable, Sendable {
        /// Outside its dates. `depth` 0 is the leaf itself.
        case expired(depth: Int)
        case notYetValid(depth: Int)
        /// A key or a signature digest below security level 2.
        case weak(depth: Int)
        /// No anchor at the end of the issuers.
        case noIssuer
        case badSignature(depth: Int)
        /// Any other rule of path validation; `reason` is OpenSSL's text.
        case invalid(reason: String, depth: Int)
    }

    /// The chain from `leaf` to its anchor, both included, as valid at `seconds` since 1970.
    package func chain(of leaf: Certificate, at seconds: Int64) throws(Failure) -> [Certificate] {
        defer { ERR_clear_error() }
        guard let context = X509_STORE_CTX_new() else { throw .invalid(reason: "out of memory", depth: 0) }
        defer { X509_STORE_CTX_free(context) }
        guard X509_STORE_CTX_init(context, store, leaf.pointer, intermediates) == 1, let rules = X509_STORE_CTX_get0_param(context) else {
            throw .invalid(reason: "out of memory", depth: 0)
        }
        X509_VERIFY_PARAM_set_time(rules, time_t(seconds))
        X509_VERIFY_PARAM_set_depth(rules, Self.depth)
        X509_VERIFY_PARAM_set_auth_level(rules, 2)
        X509_VERIFY_PARAM_set_flags(rules, UInt(X509_V_FLAG_X509_STRICT))
        guard X509_verify_cert(context) == 1, let stack = X509_STORE_CTX_get0_chain(context) else {
            throw Self.failure(X509_STORE_CTX_get_error(context), depth: Int(X509_STORE_CTX_get_error_depth(context)))
        }
        var chain: [Certificate] = []
        for index in 0..<max(0, shim_certificates_count(stack)) {
            guard let certificate = shim_certificates_at(stack, index), X509_up_ref(certificate) == 1 else {
                throw .invalid(reason: "chain cannot be read", depth: Int(index))
            }
            chain.append(Certificate(owning: certificate))
        }
        return chain
    }

    private static func failure(_ code: Int32, depth: Int) -> Failure {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired(depth: depth)
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid(depth: depth)
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: .weak(depth: depth)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            .noIssuer
        case X509_V_ERR_CERT_SIGNATURE_FAILURE: .badSignature(depth: depth)
        default: .invalid(reason: String(cString: X509_verify_cert_error_string(Int(code))), depth: depth)
        }
    }
}
