internal import COpenSSL

/// A question to an OCSP responder about one certificate (RFC 6960 §4.1), and what makes an answer one to it.
package final class StatusQuestion: @unchecked Sendable {
    // Sendable: both objects are owned, released in `deinit`, and only read after `init`.
    private let request: OpaquePointer
    private let identifier: OpaquePointer

    /// The question in DER.
    package let der: [UInt8]

    /// Certificate and issuer are named by SHA-1, the one digest that every responder knows; nothing is trusted for it.
    ///
    /// - Parameter nonce: to be echoed by the responder (RFC 9654); `nil` for none.
    package init(about certificate: Certificate, issuedBy issuer: Certificate, nonce: [UInt8]?) throws(OpenSSLError) {
        guard let identifier = OCSP_cert_to_id(EVP_sha1(), certificate.pointer, issuer.pointer) else { throw .last("ask for status") }
        guard let request = OCSP_REQUEST_new() else {
            OCSP_CERTID_free(identifier)
            throw .last("ask for status")
        }
        do throws(OpenSSLError) {
            guard let own = OCSP_CERTID_dup(identifier) else { throw .last("ask for status") }
            guard OCSP_request_add0_id(request, own) != nil else {
                OCSP_CERTID_free(own)
                throw .last("ask for status")
            }
            if var nonce {
                guard OCSP_request_add1_nonce(request, &nonce, Int32(nonce.count)) == 1 else { throw .last("ask for status") }
            }
            der = try OpenSSL.der("ask for status") { i2d_OCSP_REQUEST(request, $0) }
        } catch {
            OCSP_REQUEST_free(request)
            OCSP_CERTID_free(identifier)
            throw error
        }
        self.request = request
        self.identifier = identifier
    }

    deinit {
        OCSP_REQUEST_free(request)
        OCSP_CERTID_free(identifier)
    }

    /// Reads an answer to this question and checks that its signer signed it. Who that is, and when, is for the caller to judge.
    ///
    /// - Parameters:
    ///   - answer: in DER.
    ///   - issuer: of the certificate; it may have signed without being in the answer.
    package func read(_ answer: [UInt8], issuer: Certificate) throws(StatusAnswer.Failure) -> StatusAnswer {
        defer { ERR_clear_error() }
        let basic = try Self.basic(answer)
        defer { OCSP_BASICRESP_free(basic) }
        // -1: we sent one and got none, 0: they differ.
        guard OCSP_check_nonce(request, basic) != 0 else { throw .anotherNonce }
        let signer = try Self.signer(basic, issuer)
        guard Self.isStrong(basic) else { throw .weak }
        var (status, reason): (Int32, Int32) = (-1, -1)
        var (revoked, this, next): (UnsafeMutablePointer<ASN1_TIME>?, UnsafeMutablePointer<ASN1_TIME>?, UnsafeMutablePointer<ASN1_TIME>?)
        (revoked, this, next) = (nil, nil, nil)
        guard OCSP_resp_find_status(basic, identifier, &status, &reason, &revoked, &this, &next) == 1 else { throw .anotherCertificate }
        do throws(OpenSSLError) {
            let fact: StatusAnswer.Fact =
                switch status {
                case V_OCSP_CERTSTATUS_GOOD: .good
                case V_OCSP_CERTSTATUS_REVOKED: .revoked(since: try seconds(revoked), reason: Int(reason))
                default: .unknown
                }
            return StatusAnswer(
                fact: fact, thisUpdate: try seconds(this), nextUpdate: try next.map { (time) throws(OpenSSLError) in try seconds(time) },
                signer: signer)
        } catch {
            throw .malformed
        }
    }

    private static func basic(_ answer: [UInt8]) throws(StatusAnswer.Failure) -> OpaquePointer {
        let (response, isWhole) = decoding(answer) { d2i_OCSP_RESPONSE(nil, $0, $1) }
        guard let response else { throw .malformed }
        defer { OCSP_RESPONSE_free(response) }
        guard isWhole else { throw .malformed }
        let status = OCSP_response_status(response)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else { throw .refused(Int(status)) }
        guard let basic = OCSP_response_get1_basic(response) else { throw .malformed }
        return basic
    }

    private static func signer(_ basic: OpaquePointer, _ issuer: Certificate) throws(StatusAnswer.Failure) -> Certificate {
        guard let known = shim_certificates_new() else { throw .malformed }
        defer { shim_certificates_free(known) }
        var signer: OpaquePointer?
        guard shim_certificates_push(known, issuer.pointer) > 0, OCSP_resp_get0_signer(basic, &signer, known) == 1, let signer,
            X509_up_ref(signer) == 1
        else { throw .badSignature }
        let certificate = Certificate(owning: signer)
        // The signature alone: the path of the signer is judged by our own rules.
        guard OCSP_basic_verify(basic, known, nil, UInt(OCSP_NOVERIFY)) == 1 else { throw .badSignature }
        return certificate
    }

    /// RSA or ECDSA with SHA-256 or longer.
    private static func isStrong(_ basic: OpaquePointer) -> Bool {
        var object: OpaquePointer?
        var (digest, key): (Int32, Int32) = (NID_undef, NID_undef)
        X509_ALGOR_get0(&object, nil, nil, OCSP_resp_get0_tbs_sigalg(basic))
        guard OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &key) == 1 else { return false }
        return strongDigests.contains(digest)
    }
}

/// What a responder answered, its signature checked, its signer not yet judged.
package struct StatusAnswer: Sendable {
    package enum Fact: Hashable, Sendable {
        case good
        /// Seconds since 1970; CRLReason, -1 for none.
        case revoked(since: Int64, reason: Int)
        /// The responder does not know the certificate.
        case unknown
    }

    /// Why an answer says nothing.
    package enum Failure: Error, Hashable, Sendable {
        case malformed
        /// OCSPResponseStatus: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized.
        case refused(Int)
        case anotherCertificate
        case anotherNonce
        /// The signer is not there, or did not sign this.
        case badSignature
        case weak
    }

    package let fact: Fact
    /// Seconds since 1970.
    package let thisUpdate: Int64
    /// Seconds since 1970; `nil` when there is always something newer.
    package let nextUpdate: Int64?
    package let signer: Certificate
}
