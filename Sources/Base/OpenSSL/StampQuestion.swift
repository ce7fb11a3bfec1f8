internal import COpenSSL

/// A question to a time-stamping authority about one digest (RFC 3161 §2.4.1), and what makes an answer one to it.
package final class StampQuestion: @unchecked Sendable {
    // Sendable: the request is owned, released in `deinit`, and only read after `init`.
    private let request: OpaquePointer

    /// The question in DER.
    package let der: [UInt8]

    /// - Parameters:
    ///   - digest: SHA-256 of what is to be stamped.
    ///   - nonce: to be echoed by the authority; `nil` for an answer that was given to somebody else, long ago.
    package init(digest: [UInt8], nonce: UInt64?) throws(OpenSSLError) {
        guard digest.count == 32 else { throw OpenSSLError("ask for time-stamp", reason: "not a SHA-256 digest") }
        guard let request = TS_REQ_new() else { throw .last("ask for time-stamp") }
        do throws(OpenSSLError) {
            guard let imprint = TS_MSG_IMPRINT_new() else { throw .last("ask for time-stamp") }
            defer { TS_MSG_IMPRINT_free(imprint) }
            guard let algorithm = X509_ALGOR_new() else { throw .last("ask for time-stamp") }
            defer { X509_ALGOR_free(algorithm) }
            var bytes = digest
            // Each of these keeps a copy of its own.
            guard X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil) == 1,
                TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1, TS_MSG_IMPRINT_set_msg(imprint, &bytes, Int32(bytes.count)) == 1,
                TS_REQ_set_version(request, 1) == 1, TS_REQ_set_msg_imprint(request, imprint) == 1,
                TS_REQ_set_cert_req(request, 1) == 1
            else { throw .last("ask for time-stamp") }
            if let nonce {
                guard let number = ASN1_INTEGER_new() else { throw .last("ask for time-stamp") }
                defer { ASN1_INTEGER_free(number) }
                guard ASN1_INTEGER_set_uint64(number, nonce) == 1, TS_REQ_set_nonce(request, number) == 1 else {
                    throw .last("ask for time-stamp")
                }
            }
            der = try OpenSSL.der("ask for time-stamp") { i2d_TS_REQ(request, $0) }
        } catch {
            TS_REQ_free(request)
            throw error
        }
        self.request = request
    }

    deinit { TS_REQ_free(request) }

    /// Reads an answer and checks that it is one to this question: granted, same digest, same nonce.
    ///
    /// - Parameters:
    ///   - answer: in DER.
    ///   - anchors: the authorities above the one that stamps, whose signature is then checked; `nil` to leave that to others.
    package func read(_ answer: [UInt8], anchors: [Certificate]?) throws(StampFailure) -> StampToken {
        defer { ERR_clear_error() }
        let (response, isWhole) = decoding(answer) { d2i_TS_RESP(nil, $0, $1) }
        guard let response else { throw .malformed }
        defer { TS_RESP_free(response) }
        guard isWhole, let status = TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response)) else { throw .malformed }
        let number = ASN1_INTEGER_get(status)
        // granted, or granted with modifications (RFC 3161 §2.4.2).
        guard number == 0 || number == 1 else { throw .refused(number) }
        guard let context = TS_REQ_to_TS_VERIFY_CTX(request, nil) else { throw .malformed }
        defer { TS_VERIFY_CTX_free(context) }
        guard TS_RESP_verify_response(context, response) == 1 else { throw .anotherQuestion }
        if let anchors {
            guard let store = X509_STORE_new() else { throw .malformed }
            // The context frees it.
            TS_VERIFY_CTX_set_store(context, store)
            for anchor in anchors {
                guard X509_STORE_add_cert(store, anchor.pointer) == 1 else { throw .badSignature }
            }
            TS_VERIFY_CTX_add_flags(context, Int32(bitPattern: UInt32(TS_VFY_SIGNATURE)))
            guard TS_RESP_verify_response(context, response) == 1 else { throw .badSignature }
        }
        do throws(OpenSSLError) {
            return StampToken(
                der: try OpenSSL.der("read time-stamp") { i2d_PKCS7(TS_RESP_get_token(response), $0) },
                time: try seconds(TS_TST_INFO_get_time(TS_RESP_get_tst_info(response))))
        } catch {
            throw .malformed
        }
    }
}

/// A time-stamp token (RFC 3161 §2.4.2).
package struct StampToken: Hashable, Sendable {
    /// ContentInfo in DER.
    package let der: [UInt8]
    /// What it certifies, in seconds since 1970.
    package let time: Int64
}

/// Why an answer is no time-stamp.
package enum StampFailure: Error, Hashable, Sendable {
    case malformed
    /// PKIStatus: 2 rejection, 3 waiting, 4 and 5 revocation.
    case refused(Int)
    /// Another digest or another nonce.
    case anotherQuestion
    /// Not signed by an authority under the anchors.
    case badSignature
}
