internal import FoundationEssentials
internal import OpenSSL
package import Primitives

/// What a login left in the log for anyone to check: the statement, the card's signature over it, and the holder's certificate (promise P11).
package struct LoginEvidence: Sendable {
    /// Whom the certificate names.
    package let certificate: VerifiedCertificate
    /// When the card signed, by the statement.
    package let time: Timestamp
    /// The log as the statement names it: how many traces, and the root of their tree.
    package let log: Challenge.LogHead

    /// Why evidence proves no login.
    package enum Fault: Error, Hashable, Sendable {
        /// Not there, or cannot be read.
        case malformed
        /// The certificate is not trusted for logins at that time.
        case certificate(CertificateRefusal)
        /// The signature is not one of this statement by this certificate's key.
        case badSignature
        /// The statement is about another stay of a card than the trace.
        case anotherInsertion
    }

    /// Checks the evidence in a `pin.verified` trace with the authorities that the reader trusts.
    package init(trace: JSON, trust: TrustStore) throws(Fault) {
        guard let evidence = trace["evidence"], let text = evidence["challenge"]?.string,
            let der = evidence["certificate"]?.string.flatMap({ Base64URL.decode($0) }),
            let signature = evidence["signature"]?.string.flatMap({ Base64URL.decode($0) }), (1...1024).contains(signature.count),
            let statement = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)),
            statement["purpose"]?.string == Challenge.purpose,
            let time = statement["time"]?.string.flatMap({ Timestamp($0) }), let size = statement["log"]?["size"]?.int,
            let root = statement["log"]?["root"]?.string.flatMap({ Base64URL.decode($0) })
        else { throw .malformed }
        do throws(CertificateRefusal) {
            certificate = try trust.verify(der, at: time)
        } catch {
            throw .certificate(error)
        }
        guard certificate.publicKey.verifiesSHA256(signature: signature, over: Array(text.utf8)) else { throw .badSignature }
        guard let insertion = statement["insertion"]?.string, insertion == trace["reader"]?["insertion"]?.string else {
            throw .anotherInsertion
        }
        self.time = time
        log = Challenge.LogHead(size: size, root: root)
    }
}
