internal import OpenSSL
package import PKI
package import Primitives
internal import Synchronization

/// The revocation lists in force, at most one for each trusted authority.
///
/// A list is taken in only when an authority of the trust store signed it, and only when it is not older than the one in force.
package final class RevocationLists: Sendable {
    /// An authority, as lists name it.
    struct Authority: Sendable {
        let fingerprint: [UInt8]
        let subject: [UInt8]
        let keyIdentifier: [UInt8]?
        let key: PublicKey
    }

    private let authorities: [Authority]
    private let inForce = Mutex<[[UInt8]: RevocationList]>([:])

    /// A list may be issued this much later than our clock says.
    static let clockTolerance: Int64 = 300

    /// Only authorities that may sign lists count; one whose name or key cannot be read has none.
    package init(_ trust: TrustStore) {
        authorities = trust.authorities.compactMap { certificate in
            guard certificate.maySignRevocationLists, let subject = try? certificate.subjectBytes(),
                let key = try? certificate.publicKey(), let fingerprint = try? certificate.sha256Fingerprint()
            else { return nil }
            return Authority(
                fingerprint: fingerprint, subject: subject, keyIdentifier: certificate.subjectKeyIdentifier, key: key)
        }
    }

    /// What became of a list that was good.
    package struct Accepted: Hashable, Sendable {
        /// SHA-256 of the certificate of the authority that signed it.
        package let authority: [UInt8]
        package let thisUpdate: Timestamp
        package let nextUpdate: Timestamp?
        /// Big-endian, empty when the list has none.
        package let number: [UInt8]
        package let entries: Int
        /// Whether it was in force already.
        package let isKnown: Bool
    }

    /// Reads a list and puts it in force. Blocks while it reads.
    package func load(path: String, now: Timestamp) throws(RevocationListError) -> Accepted { try load(path: path, now: now, copy: nil) }

    /// - Parameter copy: gets all bytes of a list that is accepted.
    func load(path: String, now: Timestamp, copy: ListCopy?) throws(RevocationListError) -> Accepted {
        let list = try RevocationListReader.read(path: path, copy: copy)
        let authority = try signer(of: list)
        guard list.thisUpdate <= now.advanced(bySeconds: Self.clockTolerance) else { throw .notYetValid(list.thisUpdate) }
        let isKnown: Bool? = inForce.withLock { inForce in
            guard let current = inForce[authority.fingerprint] else {
                inForce[authority.fingerprint] = list
                return false
            }
            if list.isOlder(than: current) { return nil }
            inForce[authority.fingerprint] = list
            return current.digest == list.digest
        }
        guard let isKnown else { throw .rolledBack }
        return Self.accepted(list, of: authority.fingerprint, isKnown: isKnown)
    }

    /// The list in force of an authority, by the SHA-256 of its certificate, as if it had been loaded again.
    func accepted(_ authority: [UInt8]) -> Accepted? { list(of: authority).map { Self.accepted($0, of: authority, isKnown: true) } }

    private static func accepted(_ list: RevocationList, of authority: [UInt8], isKnown: Bool) -> Accepted {
        Accepted(
            authority: authority, thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate, number: list.number,
            entries: list.revoked.count, isKnown: isKnown)
    }

    /// What is known about a certificate and the authorities above it, the anchor excepted.
    ///
    /// - Parameters:
    ///   - maxAge: seconds since a list's issue after which it is stale whatever it says of itself.
    ///   - status: what a responder said of the certificate itself, and holds. It takes the place of a list of the issuer, but for a
    ///     revocation that the list tells.
    package func finding(
        for certificate: VerifiedCertificate, at now: Timestamp, maxAge: Int64, status: StatusFinding? = nil
    ) -> RevocationFinding {
        let lists = inForce.withLock { $0 }
        let source: RevocationFinding.Source = status == nil ? .list : .responder
        if let status, let revoked = status.revoked {
            return RevocationFinding(status: .revoked(since: revoked.since, revoked.reason), asOf: status.asOf, source: .responder)
        }
        guard let chain = Self.chain(of: certificate) else { return RevocationFinding(status: .unchecked(.missing), asOf: nil) }
        var oldest: Timestamp?
        var gap: RevocationFinding.Gap?
        for (place, link) in chain.enumerated() {
            let list = lists[link.issuer]
            if let list, let entry = list.revoked.entry(of: link.serial) {
                return RevocationFinding(status: .revoked(since: entry.revokedAt, entry.reason), asOf: list.thisUpdate)
            }
            if place == 0, let status {
                oldest = status.asOf
                continue
            }
            guard let list else {
                gap = gap ?? .missing
                continue
            }
            oldest = min(oldest ?? list.thisUpdate, list.thisUpdate)
            gap = gap ?? Self.gap(in: list, at: now, maxAge: maxAge)
        }
        return RevocationFinding(status: gap.map { .unchecked($0) } ?? .good, asOf: oldest, source: source)
    }

    /// SHA-256 of the certificates of the authorities that may sign lists.
    package var issuers: [[UInt8]] { authorities.map(\.fingerprint) }

    /// How fresh the lists of all authorities are together.
    package func freshness(at now: Timestamp, maxAge: Int64) -> RevocationFinding {
        let lists = inForce.withLock { $0 }
        let gaps = authorities.compactMap { authority in
            lists[authority.fingerprint].map { Self.gap(in: $0, at: now, maxAge: maxAge) } ?? .missing
        }
        return RevocationFinding(
            status: gaps.first.map { .unchecked($0) } ?? (lists.isEmpty ? .unchecked(.missing) : .good),
            asOf: lists.values.map(\.thisUpdate).min())
    }

    /// Why a list does not decide now; `nil` when it does.
    private static func gap(in list: RevocationList, at now: Timestamp, maxAge: Int64) -> RevocationFinding.Gap? {
        if list.thisUpdate > now.advanced(bySeconds: clockTolerance) { return .fromTheFuture }
        return now > (list.nextUpdate ?? now) || now > list.thisUpdate.advanced(bySeconds: maxAge) ? .stale : nil
    }

    /// The list in force of an authority, by the SHA-256 of its certificate.
    package func list(of authority: [UInt8]) -> RevocationList? { inForce.withLock { $0[authority] } }

    /// Serial numbers from the certificate up, each with the fingerprint of its issuer; `nil` when it has no issuers.
    private static func chain(of certificate: VerifiedCertificate) -> [(serial: [UInt8], issuer: [UInt8])]? {
        let issuers = certificate.issuers
        guard !issuers.isEmpty else { return nil }
        let subjects = [certificate.fields] + issuers.dropLast()
        return zip(subjects, issuers).map { ($0.serialNumber, $1.fingerprint) }
    }

    /// The authority whose name the list bears and whose key made its signature.
    private func signer(of list: RevocationList) throws(RevocationListError) -> Authority {
        let named = authorities.filter { authority in
            guard authority.subject == list.issuer else { return false }
            guard let asked = list.authorityKey, let own = authority.keyIdentifier else { return true }
            return asked == own
        }
        guard !named.isEmpty else { throw .unknownIssuer }
        guard
            let signer = named.first(where: {
                $0.key.verifies(signature: list.signature, digest: list.digest, list.digestAlgorithm)
            })
        else { throw .badSignature }
        return signer
    }
}
