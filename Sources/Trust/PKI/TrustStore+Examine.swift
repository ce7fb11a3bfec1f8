internal import OpenSSL
package import Primitives

/// What is wrong with an authority, or soon will be.
package enum AuthorityFault: Hashable, Sendable {
    case expired
    case notYetValid
    case weak
    /// No good path to an anchor; the text is OpenSSL's, or ours.
    case noPath(Text)
    /// Within ``CertificateFields/notice`` of its end.
    case endsSoon

    /// Whether what is below this authority is refused now.
    package var refuses: Bool { self != .endsSoon }

    /// What is wrong, said of the authority's certificate: the rest of a sentence that begins with its name.
    package func text(_ fields: CertificateFields) -> Text {
        switch self {
        case .expired: Text("certificat expiré le \(fields.notAfter)", "the certificate expired on \(fields.notAfter)")
        case .notYetValid:
            Text("certificat valide seulement à partir du \(fields.notBefore)", "the certificate is valid only from \(fields.notBefore) on")
        case .weak: Text("clé ou signature trop faible", "the key or the signature is too weak")
        case .noPath(let reason):
            Text("pas de chemin vers une racine (\(reason.french))", "no path to an anchor (\(reason.english))")
        case .endsSoon: Text("le certificat se termine le \(fields.notAfter)", "the certificate ends on \(fields.notAfter)")
        }
    }
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
    fileprivate var text: Text {
        switch self {
        case .expired: Text("une autorité au-dessus est expirée", "an authority above it has expired")
        case .notYetValid: Text("une autorité au-dessus n'est pas encore valide", "an authority above it is not valid yet")
        case .weak: Text("une clé ou une signature au-dessus est trop faible", "a key or signature above it is too weak")
        case .noIssuer: Text("son émetteur n'est pas là", "its issuer is not here")
        case .badSignature: Text("son émetteur ne l'a pas signé", "its issuer did not sign it")
        case .invalid(let reason, _): Text(reason, reason)
        }
    }
}
