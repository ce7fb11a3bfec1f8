internal import OpenSSL
package import Primitives

/// What is wrong with an authority, or soon will be.
package enum AuthorityFault: Hashable, Sendable {
    case expired
    case notYetValid
    case weak
    /// No good path to an anchor; the text is OpenSSL's, or ours.
    case noPath(String)
    /// Within ``CertificateFields/notice`` of its end.
    case endsSoon

    /// Whether what is below this authority is refused now.
    package var refuses: Bool { self != .endsSoon }
}

extension CertificateFields {
    /// Seconds before its end from which a certificate is warned about: thirty days.
    package static let notice: Int64 = 30 * 86_400

    package func endsSoon(at time: Timestamp) -> Bool {
        notAfter < time.advanced(bySeconds: Self.notice)
    }
}

extension TrustStore {
    /// Each authority with what is wrong with it at `time`, anchors first.
    package func examined(at time: Timestamp) -> [(fields: CertificateFields, isAnchor: Bool, faults: [AuthorityFault])] {
        let all = anchors.map { ($0, true) } + intermediates.map { ($0, false) }
        return all.map { fields, isAnchor in
            (fields, isAnchor, authority(fields.fingerprint).map { faults(of: fields, $0, isAnchor: isAnchor, at: time) } ?? [])
        }
    }

    private func faults(
        of fields: CertificateFields, _ certificate: Certificate, isAnchor: Bool, at time: Timestamp
    ) -> [AuthorityFault] {
        var faults: [AuthorityFault] = []
        if time > fields.notAfter { faults.append(.expired) }
        if time < fields.notBefore { faults.append(.notYetValid) }
        if !certificate.isStrong { faults.append(.weak) }
        if faults.isEmpty, !isAnchor {
            do throws(ChainVerifier.Failure) {
                _ = try verifier.chain(of: certificate, at: time.seconds)
            } catch {
                faults.append(.noPath(error.text))
            }
        }
        if faults.isEmpty, fields.endsSoon(at: time) { faults.append(.endsSoon) }
        return faults
    }
}

extension ChainVerifier.Failure {
    fileprivate var text: String {
        switch self {
        case .expired: "an authority above it has expired"
        case .notYetValid: "an authority above it is not valid yet"
        case .weak: "a key or signature above it is too weak"
        case .noIssuer: "its issuer is not here"
        case .badSignature: "its issuer did not sign it"
        case .invalid(let reason, _): reason
        }
    }
}
