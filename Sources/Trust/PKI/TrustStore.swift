package import OpenSSL
internal import Primitives

/// The authorities this agent believes, all of one environment.
package struct TrustStore: Sendable {
    package let environment: Environment
    /// Subjects of the anchors and of the intermediates.
    package let anchors: [CertificateFields]
    package let intermediates: [CertificateFields]
    /// The same authorities as certificates: whose keys sign revocation lists.
    package let authorities: [Certificate]
    /// Each authority by its fingerprint.
    let known: [[UInt8]: Authority]
    let rules: Rules
    let verifier: ChainVerifier

    /// What an establishment may ask for beyond the standard.
    package struct Rules: Hashable, Sendable {
        /// Refuse a login certificate whose extended key usage does not name client authentication.
        package var requiresClientAuthentication: Bool

        package init(requiresClientAuthentication: Bool = false) {
            self.requiresClientAuthentication = requiresClientAuthentication
        }
    }

    /// Sorts certificates: self-signed ones are anchors, the others intermediates.
    init(_ authorities: [Authority], rules: Rules) throws(TrustStoreError) {
        var seen: Set<[UInt8]> = []
        let distinct = authorities.filter { seen.insert($0.fields.fingerprint).inserted }
        let anchors = distinct.filter(\.certificate.isSelfSigned)
        let intermediates = distinct.filter { !$0.certificate.isSelfSigned }
        guard let first = anchors.first else { throw TrustStoreError(.noAnchor) }
        let environment = first.fields.subject.environment
        for authority in distinct {
            guard authority.fields.isAuthority else { throw TrustStoreError(.notAnAuthority, file: authority.file) }
            guard authority.fields.subject.environment == environment else {
                throw TrustStoreError(.mixedEnvironments(first: first.file), file: authority.file)
            }
        }
        do {
            verifier = try ChainVerifier(anchors: anchors.map(\.certificate), intermediates: intermediates.map(\.certificate))
        } catch {
            throw TrustStoreError(.unusable(error.reason))
        }
        self.environment = environment
        self.anchors = anchors.map(\.fields)
        self.intermediates = intermediates.map(\.fields)
        self.authorities = distinct.map(\.certificate)
        known = Dictionary(distinct.map { ($0.fields.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        self.rules = rules
    }

    /// The authority of which this is the SHA-256.
    package func authority(_ fingerprint: [UInt8]) -> Certificate? { known[fingerprint]?.certificate }

    /// One certificate of an authority and the file it came from.
    struct Authority {
        let certificate: Certificate
        let fields: CertificateFields
        let file: String
    }
}
